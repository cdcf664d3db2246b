"""What the public widgets know: installations, tasks and centers, however given."""
