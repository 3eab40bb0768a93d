"""Fault tests: figures under `var/faults/`."""
