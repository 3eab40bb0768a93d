"""Each mapper gives valid R4 that says what its record says."""
