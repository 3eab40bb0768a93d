"""The gate as a filter keeps exactly what the gate as a function allows, for every right of a system."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db.models import OuterRef

from accounts.access.circle import enter
from accounts.access.gate import open_trail, standing_of
from accounts.access.models import Opposition
from accounts.access.permissions import Permission
from accounts.access.records import Facts, OpenMembership
from accounts.access.rules import ATOMS, MATRIX, Situation, decide
from accounts.access.sight import EVERYTHING, NOTHING, _holds, sight
from accounts.access.states import Basis, Category
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from fhir_bridge.repository.models import Recipient, Resource
from tests.factories import people
from tests.support.kept import once

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]
ASKED_ELSEWHERE = {"CONSENT", "DRAFT", "AUTHOR", "GRANT", "PATIENTOK", "SIGNEDREQ", "CLEAN", "ATTACHED"}
"""Facts that rows do not carry: the filter then keeps nothing, and is never wider than the function."""

REQUESTS = [
    (None, None, None),
    ("mine", None, None),
    ("other", None, None),
    (None, "mine", "other"),
    (None, "other", "mine"),
    (None, "other", "other"),
    ("other", "mine", None),
]
"""Whose a row is, who sent it, to whom."""


@pytest.fixture
def rows():
    return every_standing()


@once
def every_standing():
    """One row for each way in which an organisation may stand towards a person and a request."""
    mine, other, nurse = people.organisation(), people.organisation(), people.actor(Role.NURSE)
    made = []
    persons: dict[tuple[Basis | None, Category, Category | None], UUID] = {}
    standings = [
        *product((None, *Basis), (Category.ALL,), (None, Category.ALL, Category.EMERGENCY)),
        *product((Basis.CONSENT,), (Category.IDENTITY, Category.PLAN, Category.REQUESTS), (None, Category.DIRECTIVES)),
        *product((Basis.SAME_TEAM,), (Category.ALL,), (Category.DIRECTIVES, Category.PLAN)),
    ]
    for standing, (owner, sender, recipient) in product(standings, REQUESTS):
        person_id = persons.get(standing) or person(nurse, mine, *standing)
        persons[standing] = person_id
        named: dict[str | None, Any] = {"mine": mine.id, "other": other.id, None: None}
        row = Resource.objects.create(
            rtype="Task", fid=str(uuid4()), version=1, updated=1, source_type="test", source_id=uuid4(), right="x",
            person_id=person_id, organisation_id=named[owner], sender_id=named[sender], mark=b"", body=b"",
        )  # fmt: skip
        if recipient:
            Recipient.objects.create(resource=row, organisation_id=named[recipient])
        made.append((row, frozenset({named[recipient]} if recipient else ())))
    return mine, made


def person(nurse, mine, basis, category, refused):
    person_id = people.person(nurse)
    if basis:
        enter(OpenMembership(person_id=person_id, organisation_id=mine.id, basis=basis, category=category))
    if refused:
        to = None if refused == Category.EMERGENCY else mine
        Opposition.objects.create(
            person_id=person_id, organisation=to, category=refused, stated_on=today(), means="spoken"
        )
    return person_id


@pytest.mark.parametrize("scopes", [("system/Task.rs",), ("system/Patient.rs",)])
@pytest.mark.parametrize("as_unit", [False, True])
def test_the_filter_and_the_function_agree_on_every_right_of_a_system(rows, scopes, as_unit):
    mine, made = rows
    actor = people.system_client(mine, *scopes).for_interaction("Task.r")
    if as_unit:  # the system of an establishment stands for its units too
        actor = replace(actor, organisation_id=people.organisation().id, stands_for=frozenset({mine.id}))
    rights = [right for role, right in MATRIX if role == Role.FHIR_CLIENT]
    assert len(rights) > 20
    recipients = Recipient.objects.filter(resource=OuterRef("pk"))
    standings = {row.person_id: standing_of(actor, row.person_id) for row, _ in made}
    for right in rights:
        with open_trail():
            seen = Resource.objects.filter(sight(actor, right, recipients=recipients), source_type="test")
            kept = set(seen.values_list("pk", flat=True))
        wanted = {row.pk for row, named in made if allowed(actor, right, row, named, standings[row.person_id])}
        atoms = {atom for group in MATRIX[Role.FHIR_CLIENT, right] for atom in group} & set(ATOMS)
        if atoms & ASKED_ELSEWHERE:
            assert kept <= wanted, right
        else:
            assert kept == wanted, right


def allowed(actor, right: Permission, row, named, standing) -> bool:
    facts = Facts(
        type="Task", person_id=row.person_id, organisation_id=row.organisation_id, sender_id=row.sender_id,
        recipient_ids=named,
    )  # fmt: skip
    return decide(right, Situation(actor, facts, standing, now())).allowed


def test_a_role_without_the_right_sees_nothing(rows):
    mine, _ = rows
    admin = people.actor(Role.TECHNICAL_ADMIN, mine)
    with open_trail() as trail:
        kept = sight(admin, Permission.STAY_READ, recipients=Recipient.objects.filter(resource=OuterRef("pk")))
        assert not Resource.objects.filter(kept).exists()
    assert trail.entries[0].rule == "no-row"


def test_both_factors_just_given_are_asked_of_the_actor_not_of_the_rows():
    fresh = people.actor(Role.PHYSICIAN)
    late = replace(fresh, authenticated_at=now() - timedelta(minutes=6))
    asked = [_holds("STEPUP", one, Category.ALL, Recipient.objects.none()) for one in (fresh, late)]
    assert asked == [EVERYTHING, NOTHING]


def test_a_condition_keeps_the_rows_of_those_who_stand_so(rows):
    mine, made = rows
    actor, recipients = people.system_client(mine), Recipient.objects.filter(resource=OuterRef("pk"))
    standings = {row.person_id: standing_of(actor, row.person_id) for row, _ in made}
    for atom in ("VISIBLE", "CIRCLE", "TEAM", "REFACC", "REFRECV", "REFSTUDY"):
        seen = Resource.objects.filter(_holds(atom, actor, Category.ALL, recipients), source_type="test")
        wanted = {
            row.pk
            for row, named in made
            if ATOMS[atom](Situation(actor, Facts(type="x", recipient_ids=named), standings[row.person_id], now()))
        }
        assert set(seen.values_list("pk", flat=True)) == wanted != set()
