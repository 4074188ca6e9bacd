"""Names for states of lists: saved, shared, pinned, opened by default."""
