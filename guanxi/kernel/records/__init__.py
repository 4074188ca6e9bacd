"""What every business row has: a version, a life cycle, derived columns, links, a history, and rows one may see."""
