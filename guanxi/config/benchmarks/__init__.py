"""What `guanxi bench` runs."""
