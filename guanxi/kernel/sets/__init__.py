"""Account sets: one company group's books and customers, walled off as one PostgreSQL schema."""
