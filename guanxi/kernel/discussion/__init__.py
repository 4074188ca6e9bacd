"""Talking about records: comments, mentions of colleagues, followers."""
