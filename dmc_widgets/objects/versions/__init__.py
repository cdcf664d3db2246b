"""What each version of Liferay knows of definitions, picklists, folders and entries.

:mod:`.item_schemas` describes what a server takes from an item and leaves out the rest.
The descriptions come from a server's OpenAPI document, or from :mod:`.releases`, the
table of published builds.
"""
