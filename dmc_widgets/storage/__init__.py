"""SQLite files and private files: opened, locked and protected in one way."""
