"""The database of an embedded installation: engine, dialect, tables and errors."""
