"""Parts of definitions and picklists, each moved as an item of its own."""
