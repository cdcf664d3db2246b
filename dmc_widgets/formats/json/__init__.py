"""JSON in its three layouts: an array or a page, JSON Lines, batch engine files."""
