"""Documents of two installations side by side."""
