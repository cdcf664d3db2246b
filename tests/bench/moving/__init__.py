"""Moving records into a database and out of it: ours, a bare loop, and others."""
