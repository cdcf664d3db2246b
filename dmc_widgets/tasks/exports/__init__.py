"""From an installation into a file, or into a package of files."""
