"""Fault drills, run by `make faults`: in full by hand, with fewer attempts in CI."""

import os

IN_CI = os.environ.get("CI") == "true"
SLACK = 3 if IN_CI else 1
"""How much slower than asked CI's machine may be: nobody knows which one it is, nor what else it does."""
