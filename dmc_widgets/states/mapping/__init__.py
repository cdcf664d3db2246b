"""The states of the mapping table and the field editor, and the texts in them."""
