"""How often somebody may do something: counters that all web processes share."""
