"""The state of the mapping table and of the field editor, and the text of both."""
