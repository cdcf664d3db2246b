"""CSV: text of lines and cells, in any dialect."""
