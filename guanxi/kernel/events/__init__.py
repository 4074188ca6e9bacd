"""What happened, told upwards: an event row with its act, and one delivery row per module that listens."""
