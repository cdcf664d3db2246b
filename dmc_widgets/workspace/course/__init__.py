"""The course of a task: what its worker did, and how its counts grew."""
