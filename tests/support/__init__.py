"""Fixtures: the database of the tests, a real server, a real browser."""
