"""What the formats that are tables share: columns, records, translations."""
