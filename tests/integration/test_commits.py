"""A test that commits leaves the next one the database as the migrations made it: empty, guarded, with their rules."""

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.kernel.actor import Role
from accounts.kernel.models import Transition
from accounts.people.models import Person
from accounts.retention.models import RetentionRule
from tests.factories import people


@pytest.mark.commits
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "next"])
def test_what_was_committed_is_gone_and_the_guards_are_back(turn):
    assert not Person.objects.exists()
    assert RetentionRule.objects.exists()
    people.person(people.actor(Role.NURSE))
    table = Transition._meta.db_table
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608 (our own table)
    assert Transition.objects.exists()
