"""From the failed records of a task to a file or a table, and to what was mended."""
