"""Which page is in view, and what the page *Home* tells."""
