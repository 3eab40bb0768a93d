"""Statements written out by hand mean the same to both databases."""

from uuid import uuid4

import orjson
import pytest
from django.db import connection

from accounts.kernel.database import among, as_column, as_json

pytestmark = pytest.mark.django_db
HER, HIM, ANOTHER = uuid4(), uuid4(), uuid4()


@pytest.mark.parametrize("ids", [frozenset(), frozenset({HER}), frozenset({HER, HIM})], ids=len)
def test_among_ids_are_those_and_no_other(ids):
    listed, values = among(ids, name="listed")
    with connection.cursor() as cursor:
        for one in (HER, HIM, ANOTHER):
            asked = {**values, "one": as_column(one)}
            cursor.execute(f"SELECT 1 WHERE %(one)s {listed}", asked)
            assert (cursor.fetchone() is not None) == (one in ids)


def test_rows_are_gathered_as_one_text():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {as_json('a, b')} FROM (SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, NULL) AS told")  # noqa: S608 (the words of this test)
        assert orjson.loads(cursor.fetchone()[0]) == [[1, "x"], [2, None]]
