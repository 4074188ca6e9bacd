"""One thing done to many rows: tried first, done as one act, undone as one. See README.md."""
