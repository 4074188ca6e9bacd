"""Samples lent to customers: the worked example of docs/one-more-entity.md."""
