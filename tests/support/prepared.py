"""PostgreSQL plans a statement once for all the tests of a process, not once for each.

Planning is most of what the server does for a short test: each table of a statement brings its policy, and those that the
policy asks. The driver forgets what it prepared at each rollback, with which every test ends.
"""

import pytest
from django.db import connection
from psycopg._preparing import PrepareManager

AT_MOST = 1000
"""Statements that one connection keeps."""


def stay_over_rollbacks(patch: pytest.MonkeyPatch) -> None:
    """Keep what the next connections prepare, under one plan for all values; the server itself makes a stale one again."""
    patch.setattr(PrepareManager, "prepared_max", AT_MOST)
    patch.setattr(PrepareManager, "clear", lambda _: False)
    options = connection.settings_dict["OPTIONS"]
    patch.setitem(options, "options", f"{options['options']} -c plan_cache_mode=force_generic_plan")
    connection.close()
