"""Fault drills, run by `make faults`: in full by hand, with fewer attempts in CI; figures under `var/faults/`."""
