"""Files in and out: import by a mapping, export of any list."""
