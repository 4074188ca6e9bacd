"""Conventions as tests: they walk the tree and the registry, so a new module is held to them without a line."""
