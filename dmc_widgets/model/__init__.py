"""The values of the house: what is chosen, what moves, and what became of it."""
