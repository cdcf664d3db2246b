"""Finding tasks among very many: the indexes, and the queries that use them."""
