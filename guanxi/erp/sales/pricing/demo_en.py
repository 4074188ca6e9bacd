"""Nothing to say in words: the story of `demo_costs` is told with figures."""
