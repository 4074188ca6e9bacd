"""Rows of a screen as an address asks for them: filtered, sorted, grouped, summed, counted."""
