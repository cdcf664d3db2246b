"""The import of a package from the import form."""
