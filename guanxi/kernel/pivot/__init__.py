"""The rows of a list by what they have in common: pivots, groups with totals, funnels."""
