"""Two records of the same become one. See README.md."""
