"""Parts of definitions and picklists on a server, as items of their own."""
