"""An opinion asked of a named professional of another structure: the named exception, on one file, for some days."""
