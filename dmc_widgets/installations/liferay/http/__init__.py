"""Requests to a Liferay server: client, authentication, cancellation, errors."""
