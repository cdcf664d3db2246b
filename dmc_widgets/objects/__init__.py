"""The rules of Liferay objects: state in, decisions out. No input, no output."""
