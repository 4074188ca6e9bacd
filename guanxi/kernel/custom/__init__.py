"""Columns that an administrator adds to a kind of record, without programming."""
