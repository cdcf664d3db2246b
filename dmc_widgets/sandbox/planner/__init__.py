"""``/o/batch-planner/v1.0``: plans and templates, and what a plan may choose from."""
