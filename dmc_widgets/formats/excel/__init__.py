"""Excel workbooks: XLSX written and read, XLS read."""
