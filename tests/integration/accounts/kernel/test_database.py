"""Statements written out by hand mean the same to both databases."""

from uuid import uuid4

import pytest
from django.db import connection

from accounts.kernel.database import as_column, as_list

pytestmark = pytest.mark.django_db
HER, HIM, ANOTHER = uuid4(), uuid4(), uuid4()


@pytest.mark.parametrize("ids", [frozenset(), frozenset({HER}), frozenset({HER, HIM})], ids=len)
def test_a_list_of_ids_holds_those_and_no_other(ids):
    listed, values = as_list(ids, name="listed")
    with connection.cursor() as cursor:
        for one in (HER, HIM, ANOTHER):
            asked = {**values, "one": as_column(one)}
            cursor.execute(f"SELECT 1 WHERE %(one)s IN {listed}", asked)
            assert (cursor.fetchone() is not None) == (one in ids)
