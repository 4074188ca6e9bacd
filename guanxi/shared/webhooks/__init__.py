"""Telling other systems what happened, by signed HTTP requests. See README.md."""
