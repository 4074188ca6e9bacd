"""What somebody typed into a form and has not saved yet. See README.md."""
