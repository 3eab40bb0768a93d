"""What is read of one thing by its id comes as the ORM gives it, alone or with others in one statement."""

import pytest
from django.db import connection
from django.db.models import FloatField, Model, QuerySet, Value
from django.test.utils import CaptureQueriesContext

from accounts.access.gate import open_trail
from accounts.access.readings import ASKED, Rows, read_ahead, read_together
from accounts.kernel.actor import Role
from accounts.kernel.fields import Sealed
from accounts.kernel.wall import Reason, seeing_everything
from accounts.people.models import OrganisationLink, Person
from tests.factories import people

pytestmark = pytest.mark.django_db


@Rows
def record() -> QuerySet[Person]:
    """Read a record: sealed columns, empty ones, days, instants, truths, numbers."""
    return Person.objects.filter(pk=ASKED)


@Rows
def links() -> QuerySet[OrganisationLink]:
    """Read rows with one of another table, the latest first."""
    rows = OrganisationLink.objects.filter(person=ASKED).select_related("organisation")
    return rows.order_by("-starts_at", "-id")


@Rows
def columns() -> QuerySet[OrganisationLink, tuple[object, ...]]:
    """Read columns."""
    rows = OrganisationLink.objects.filter(person=ASKED).order_by("id")
    return rows.values_list("organisation__name", "starts_at", "ipp", "ipp_token")


@pytest.fixture
def person_id():
    return people.person(people.actor(Role.PHYSICIAN))


def as_they_lie(row):
    """Return all that a row holds, with the rows beside it."""
    if isinstance(row, Sealed):
        return row.raw
    if isinstance(row, memoryview):
        return bytes(row)
    if isinstance(row, tuple):
        return tuple(as_they_lie(each) for each in row)
    if not isinstance(row, Model):
        return row
    held = {name: as_they_lie(value) for name, value in vars(row).items() if name != "_state"}
    return type(row), held, {name: as_they_lie(other) for name, other in row._state.fields_cache.items()}


def sent(run):
    with CaptureQueriesContext(connection) as statements:
        run()
    return sum(each["sql"].startswith("SELECT") for each in statements)


def test_rows_are_those_of_the_orm_alone_and_together(person_id):
    other = people.person(people.actor(Role.NURSE))
    of_person = OrganisationLink.objects.filter(person=person_id)
    expected = [
        list(Person.objects.filter(pk=person_id)),
        list(of_person.select_related("organisation")),
        list(of_person.values_list("organisation__name", "starts_at", "ipp", "ipp_token")),
        list(Person.objects.filter(pk=other)),
    ]
    alone = [record(person_id), links(person_id), columns(person_id), record(other)]
    together = read_together((record, person_id), (links, person_id), (columns, person_id), (record, other))
    assert [len(rows) for rows in expected] == [1, 1, 1, 1]
    for rows in (alone, together):
        assert [list(map(as_they_lie, each)) for each in rows] == [list(map(as_they_lie, each)) for each in expected]
    assert together[0][0].birth_name == expected[0][0].birth_name


def test_several_are_one_statement_and_none_found_is_an_empty_list(person_id):
    asked = [(record, person_id), (links, person_id), (columns, person_id)]
    assert sent(lambda: read_together(*asked)) == 1
    nobody = people.actor(Role.NURSE).organisation_id
    assert read_together((record, nobody), (links, nobody)) == [[], []]


def test_behind_a_door_that_reads_each_is_asked_once(person_id):
    with open_trail(reading=True):
        assert sent(lambda: read_ahead((record, person_id), (links, person_id))) == 1
        assert sent(lambda: (record(person_id), links(person_id))) == 0
        assert sent(lambda: read_together((record, person_id), (columns, person_id))) == 1
        with seeing_everything(Reason.CLOCK):
            assert sent(lambda: record(person_id)) == 1


def test_behind_a_door_that_writes_nothing_is_kept(person_id):
    with open_trail():
        assert sent(lambda: read_ahead((record, person_id), (links, person_id))) == 0
        assert sent(lambda: (record(person_id), record(person_id))) == 2
        Person.objects.filter(pk=person_id).update(version=41)
        assert record(person_id)[0].version == 41


def test_what_json_would_not_hold_as_it_is_is_never_read_together(person_id):
    inexact = Rows(lambda: Person.objects.filter(pk=ASKED).annotate(half=Value(0.1, FloatField())))
    with pytest.raises(TypeError):
        read_together((inexact, person_id), (record, person_id))
