"""Liferay's REST resources: definitions, folders, picklists, their parts, and object entries."""
