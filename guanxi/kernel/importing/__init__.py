"""Rows of files become records or acts: found by their keys, checked, and written in bulk."""
