"""Taking back what tasks did to the entries and documents of the tables."""
