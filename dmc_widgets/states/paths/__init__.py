"""The steps of a form that is a path: which are done, and what stands in the way."""
