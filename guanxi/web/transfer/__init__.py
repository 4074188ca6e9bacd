"""Pages of import and export, the same for every screen."""
