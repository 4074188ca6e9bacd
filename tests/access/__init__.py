"""Who may do what, generated from the registry: the matrix, and a member who tries everything they may not."""
