"""From one installation into another: selection, dependencies, dry run, task."""
