"""The process that carries out a task: its start, its life and its recovery."""
