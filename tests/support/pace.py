"""How much is asked of a machine: all of it by hand, less in CI, whose machine nobody knows."""

import os

IN_CI = os.environ.get("CI") == "true"
SLACK = 3 if IN_CI else 1
"""How much slower than promised CI's machine may be: it is no measuring machine, and may have other work."""
