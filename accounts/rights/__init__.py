"""Rights of persons: a copy of her file, a rectification beside what was written, an answer to a wish to erase."""
