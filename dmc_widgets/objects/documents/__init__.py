"""The rules of object definitions, picklists and object folders."""
