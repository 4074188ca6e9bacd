"""Columns: what a record consists of, whether stored, derived or a fact of another module, and how values are checked."""
