"""Winning and keeping customers."""
