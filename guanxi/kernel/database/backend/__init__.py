"""Django's PostgreSQL engine, with cheaper care for connections."""
