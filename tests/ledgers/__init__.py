"""Random business against an independent model: see README.md."""
