"""Files of a person, on disk."""
