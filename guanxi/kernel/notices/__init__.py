"""Notices: who has to know of what, on the page, by mail or not at all."""
