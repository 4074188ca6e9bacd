"""Who knows of goods that are to come."""
