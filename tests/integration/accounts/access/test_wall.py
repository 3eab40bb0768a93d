"""The second wall: with the gate's filters gone, PostgreSQL itself shows a stranger nothing."""

import os
import sys
import threading
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.db.models import Q

from accounts.access import gate, sight
from accounts.access.circle import enter
from accounts.access.records import Decision, OpenMembership
from accounts.access.states import Basis
from accounts.kernel import wall
from accounts.kernel.actor import Role, system_actor
from accounts.kernel.wall import (
    Reason,
    RoleAboveWalls,
    Sight,
    Wall,
    refuse_role_above_walls,
    seeing_as,
    seeing_nothing,
    walled_tables,
)
from accounts.organisations.states import OrganisationKind
from accounts.people.models import Person
from accounts.people.queries import person_snapshot
from fhir_bridge.repository.models import Resource
from tests.factories import fhir, people, whole_story
from tests.integration.test_doors import addresses, browser, told_of
from tests.support import roles

pytestmark = [pytest.mark.django_db, pytest.mark.fhir, pytest.mark.postgresql]


@pytest.fixture(autouse=True)
def _only_where_there_is_a_wall():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no row-level security.")


@pytest.fixture
def story():
    return whole_story.told()


@pytest.fixture
def _no_gate(monkeypatch):
    """A day when everybody forgot the gate: it decides yes, and its filters keep everything."""
    monkeypatch.setattr(gate, "decide", lambda *_: Decision(True, "forgotten"))
    forgotten = {gate.scope: Q(), gate.unopposed: Q(), sight.sight: Q(), sight.in_circle: Q()}
    for module in list(sys.modules.values()):
        for name, kept in vars(module).copy().items() if module.__name__.startswith(OURS) else ():
            if callable(kept) and kept in forgotten:
                monkeypatch.setattr(module, name, lambda *_, kept=forgotten[kept], **__: kept)


OURS = ("accounts.", "ppa.", "pathway.", "fhir_bridge.")


def walled_models():
    return [model for _, (_, model) in walled_tables(apps.get_models())]


def about(model, person_id):
    """How many rows of a table are seen now that hang on a person."""
    return model._default_manager.filter(**{_path_to_person(model): person_id}).count()


def _path_to_person(model):
    if model is Person:
        return "pk"
    declared = getattr(model, "WALL", None)
    through = declared.through if isinstance(declared, Wall) else _whole_of(model)
    if through:
        return f"{through}__{_path_to_person(model._meta.get_field(through).related_model)}"
    return (declared.person if isinstance(declared, Wall) else "") or "person_id"


def _whole_of(joining):
    return next(iter(wall.through for _, (wall, model) in walled_tables(apps.get_models()) if model is joining))


def test_every_walled_table_has_a_forced_policy():
    tables = {table for table, _ in walled_tables(apps.get_models())}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_policy p ON polrelid = pg_class.oid AND polname = 'wall'"
            " WHERE relrowsecurity AND relforcerowsecurity"
        )
        held = {name for (name,) in cursor.fetchall()}
    assert len(tables) > 40
    assert held == tables


def test_the_tests_run_as_a_role_that_no_wall_lets_pass():
    refuse_role_above_walls()
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
    with pytest.raises(ProgrammingError, match="must be owner"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_person DISABLE ROW LEVEL SECURITY")


def test_a_connection_keeps_what_the_pages_ask_prepared():
    assert connection.connection.prepared_max >= wall.PREPARED


@pytest.mark.parametrize("view", ["wall_accounts_circlemembership", "wall_openings_accounts_person"])
def test_what_policies_read_as_the_owner_takes_no_writes(story, view):
    for statement in (f"DELETE FROM {view}", f"UPDATE {view} SET organisation_id = organisation_id"):  # noqa: S608 (names of this test)
        with pytest.raises(DatabaseError, match="cannot"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_no_context_shows_no_row(story):
    assert len(told_in(story)) > 30
    with seeing_nothing():
        assert [model.__name__ for model in walled_models() if model._default_manager.exists()] == []


def test_no_context_writes_no_row(story):
    relative = apps.get_model("accounts", "Relative")(person_id=story.person_id, family="X", given="Y", relation="Z")
    with seeing_nothing(), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        relative.save()


def told_in(story):
    """The tables in which the story wrote something of the person."""
    return [model for model in walled_models() if names_a_person(model) and about(model, story.person_id)]


def names_a_person(model):
    """Whether a row hangs on a person: messages of partners hang on their organisation alone, drafts on their author alone."""
    return model.__name__ not in ("ReceivedMessage", "TextDraft")


def test_a_stranger_sees_no_row_of_any_table(story):
    told = told_in(story)
    assert len(told) > 30
    for role in (Role.PHYSICIAN, Role.COORDINATOR, Role.FHIR_CLIENT):
        stranger = people.actor(role, people.organisation())
        with seeing_as(stranger):
            assert [model.__name__ for model in told if about(model, story.person_id)] == []
    with seeing_as(story.physician):
        assert len([model for model in told if about(model, story.person_id)]) > 30


@pytest.mark.thorough
@pytest.mark.parametrize("role", [Role.PHYSICIAN, Role.COORDINATOR, Role.BED_MANAGER])
@pytest.mark.usefixtures("_no_gate")
def test_without_the_gate_no_address_shows_a_stranger_anything(story, role):
    assert told_to_a_stranger(story, role) == []


@pytest.mark.thorough
@pytest.mark.usefixtures("_no_gate")
def test_without_the_gate_nor_the_wall_a_stranger_reads_everything(story, monkeypatch):
    """The trial above can fail: it is the wall that holds there."""
    monkeypatch.setattr(wall, "sight_of", lambda *_: Sight(everything=Reason.VOLUME))
    assert len(told_to_a_stranger(story, Role.PHYSICIAN)) > 30


def told_to_a_stranger(story, role):
    """What each list, page and search says of the person to somebody of another organisation."""
    kind = OrganisationKind.COORDINATION if role == Role.COORDINATOR else OrganisationKind.HOSPITAL
    client = browser(people.actor(role, people.organisation(kind=kind, departement="39")))
    found = []
    for address in [*addresses(story.ids), *addresses({}, person_only=False)]:
        found += [(address, one) for one in told_of(story, client.get(address), story.everything)]
    for text in ("Canari", "12/03/1955", "1331", "0380771331"):
        response = client.post("/personnes/recherche/", {"q": text})
        found += [(text, one) for one in told_of(story, response, [story.birth_name, "Philomène"])]
    return found


@pytest.mark.thorough
@pytest.mark.usefixtures("_no_gate")
def test_without_the_gate_the_circle_still_works_and_no_system_of_a_stranger_reads_anything(story):
    assert story.birth_name in browser(story.physician).get(f"/personnes/{story.person_id}/").content.decode()
    stranger = fhir.partner(people.organisation())
    rows = list(Resource.objects.filter(person_id=story.person_id).order_by("pk"))
    assert len({row.rtype for row in rows}) >= 12
    found = []
    for row in rows:
        for path in (f"{row.rtype}/{row.fid}", f"{row.rtype}/{row.fid}/_history", f"{row.rtype}/{row.fid}/_history/1"):
            found += [path] if stranger.get(path).status_code != 404 else []
    for rtype in sorted({row.rtype for row in rows}):
        for query in ("_total=accurate", "_summary=count", f"_id={rows[0].fid}"):
            answer = stranger.get(f"{rtype}?{query}").json()
            found += [(rtype, query)] if answer.get("total") or story.birth_name in str(answer) else []
    assert found == []


def test_a_membership_counts_between_its_dates_and_for_its_professional(clock):
    hospital, nurse = people.organisation(), people.actor(Role.NURSE, people.organisation())
    person_id = people.person(nurse)
    reader, colleague = people.actor(Role.PHYSICIAN, hospital), people.actor(Role.PHYSICIAN, hospital)
    assert not seen_by(reader, person_id)
    enter(
        OpenMembership(
            person_id=person_id, organisation_id=hospital.id, basis=Basis.CONSENT,
            professional_id=reader.professional_id, starts_at=clock.now, ends_at=clock.now.replace(year=clock.now.year + 1),
        )
    )  # fmt: skip
    assert seen_by(reader, person_id)
    assert not seen_by(colleague, person_id)
    clock.forward(days=366)
    assert not seen_by(reader, person_id)
    assert seen_by(nurse, person_id)


def test_the_units_and_the_establishment_are_one(clock):
    establishment = people.organisation()
    unit = people.organisation(part_of=establishment)
    person_id = people.person(people.actor(Role.NURSE, establishment))
    of_unit = people.actor(Role.NURSE, unit)
    assert not seen_by(replace(of_unit, stands_for=frozenset()), person_id)
    assert seen_by(replace(of_unit, stands_for=frozenset({establishment.id})), person_id)


def seen_by(actor, person_id):
    with seeing_as(actor):
        return Person.objects.filter(pk=person_id).exists()


def test_the_system_sees_everybody_and_a_savepoint_that_fails_changes_no_sight():
    nurse = people.actor(Role.NURSE, people.organisation())
    person_id, stranger = people.person(nurse), people.actor(Role.NURSE, people.organisation())
    assert seen_by(system_actor("clock"), person_id)
    with seeing_as(nurse), transaction.atomic():
        with pytest.raises(ZeroDivisionError):
            look_and_fail(stranger, person_id)
        assert Person.objects.filter(pk=person_id).exists()


def look_and_fail(stranger, person_id):
    with transaction.atomic(), seeing_as(stranger):
        assert not Person.objects.filter(pk=person_id).exists()
        raise ZeroDivisionError


@pytest.mark.commits
@pytest.mark.django_db(transaction=True)
def test_the_context_is_gone_after_the_commit_on_the_same_connection():
    nurse = people.actor(Role.NURSE, people.organisation())
    person_id = people.person(nurse)
    with seeing_as(nurse):
        assert Person.objects.filter(pk=person_id).exists()
        with transaction.atomic():
            assert person_snapshot(person_id)
        session = backend()
    assert rows_now() == (session, 0)
    with seeing_as(nurse, reading=True):
        assert Person.objects.count() == 1
    assert rows_now() == (session, 0)


def backend():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def rows_now():
    """Ask past Django what the connection as it stands would show its next user."""
    pid, number = connection.connection.execute(
        "SELECT pg_backend_pid(), (SELECT count(*) FROM accounts_person)"
    ).fetchone()
    return pid, number


@pytest.mark.commits
@pytest.mark.django_db(transaction=True)
def test_another_thread_starts_with_no_context():
    people.person(people.actor(Role.NURSE, people.organisation()))
    counted = []

    def count():
        counted.append(Person.objects.count())
        connection.close()

    thread = threading.Thread(target=count)
    thread.start()
    thread.join()
    assert (counted, Person.objects.count()) == ([0], 1)


@pytest.mark.commits
@pytest.mark.django_db(transaction=True)
def test_a_start_as_the_owner_is_refused():
    owner = urlsplit(os.environ["DATABASE_URL"]).username
    with roles.connected_as(owner), pytest.raises(RoleAboveWalls, match=owner):
        refuse_role_above_walls()
