"""Authentication and authorization: users, OAuth 2 tokens, scopes, login throttling."""
