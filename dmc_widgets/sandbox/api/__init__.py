"""The REST resources: definitions, folders, picklists, their parts, and entries."""
