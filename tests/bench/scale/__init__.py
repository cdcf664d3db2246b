"""What an import of any size costs, predicted from what imports of three sizes cost."""
