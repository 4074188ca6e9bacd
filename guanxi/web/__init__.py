"""The face: shell, components, pages of every screen, and pages that read across modules."""
