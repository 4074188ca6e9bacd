"""Business acts: one typed function each, with right, lock, life cycle, approval, idempotency, log and undo."""
