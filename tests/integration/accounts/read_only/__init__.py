"""Read-only mode."""
