"""The process that carries out a task: start, liveness and recovery."""
