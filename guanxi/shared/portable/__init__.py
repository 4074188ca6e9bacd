"""An account set as one file: put out of an installation whole, and taken in elsewhere, proved by hashes. See README.md."""
