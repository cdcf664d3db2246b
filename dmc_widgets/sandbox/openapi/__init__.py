"""The OpenAPI documents that the sandbox serves."""
