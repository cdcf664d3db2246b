"""What an import would do with items: the rules of a target, applied without writing."""
