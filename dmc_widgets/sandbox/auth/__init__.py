"""Authentication and authorisation: Basic credentials, OAuth 2 tokens, scopes and login throttling."""
