"""Pages of every screen: list, record, forms, operations, choices; and the shell's own pages."""
