"""Many rows in one call: all or none, or each for itself, with what became of every one."""
