"""Which records are perhaps the same. See README.md."""
