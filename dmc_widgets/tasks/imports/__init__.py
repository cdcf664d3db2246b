"""From a file into an installation: the check of a plan, its mapping, the task itself."""
