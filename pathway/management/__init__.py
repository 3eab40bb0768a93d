"""Management commands of the pathway."""
