"""Exports: from an installation into a file or a package of files."""
