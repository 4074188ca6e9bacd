"""Processes: serving, being killed, coming back."""
