"""What a change of cost does to offers and orders that are still open: seen, accepted, held or quoted anew (X5, M21.2)."""
