"""The one statement of the gate says what its filters say."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access.gate import _oppositions_of, memberships_of, open_trail, permit, read_once, standing_of
from accounts.access.models import CircleMembership, Opposition, SharingConsent
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.access.reserved import KIND
from accounts.access.standing import NOWHERE, told_standing
from accounts.access.states import Basis, Category
from accounts.audit import reserve
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.wall import Reason, seeing_everything, seeing_nothing
from tests.factories import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    """Memberships and refusals of every date, professional, structure and category round one person."""
    mine, unit, other = people.organisation(), people.organisation(), people.organisation()
    actor = people.actor(Role.PHYSICIAN, mine, stands_for=frozenset({unit.id}))
    colleague = people.actor(Role.NURSE, mine)
    person_id = people.person(people.actor(Role.NURSE, other))
    hour = timedelta(hours=1)
    spans = ((-hour, None), (-hour, hour), (-2 * hour, -hour), (hour, None))
    whose = (None, actor.professional_id, colleague.professional_id)
    for at, (place, professional, span) in enumerate(product((mine, unit, other), whose, spans)):
        CircleMembership.objects.create(
            person_id=person_id, organisation=place, professional_id=professional, basis=list(Basis)[at % len(Basis)],
            category=list(Category)[at % 3], source_id=people.uuid4(), starts_at=now() + span[0],
            ends_at=span[1] and now() + span[1],
        )  # fmt: skip
    return actor, person_id, (mine, unit, other)


def refusals(person_id, places):
    for to, at, category, lifted in product(
        (None, *places), (None, *places), (Category.ALL, Category.PLAN, Category.EMERGENCY), (None, today())
    ):
        yield Opposition(
            person_id=person_id, organisation=to, stated_at=at, category=category, lifted_on=lifted,
            stated_on=today(), means="spoken",
        )  # fmt: skip


def test_it_finds_the_memberships_that_the_filter_finds(rows):
    actor, person_id, _ = rows
    for one in (actor, replace(actor, professional_id=None), replace(actor, stands_for=frozenset())):
        held = memberships_of(one).filter(person_id=person_id).values_list("basis", "category")
        found = standing_of(one, person_id)
        assert found.bases == {Basis(basis) for basis, category in held if category == Category.ALL}
        assert found.partial == {
            (Basis(basis), Category(category)) for basis, category in held if category != Category.ALL
        }
        assert len(found.bases) + len(found.partial) > 1


def test_it_finds_each_refusal_that_the_filter_finds(rows):
    actor, person_id, places = rows
    told = 0
    for refusal in refusals(person_id, places):
        refusal.save(force_insert=True)
        kept = set(_oppositions_of(actor).filter(person_id=person_id).values_list("category", flat=True))
        found = standing_of(actor, person_id)
        assert Category.ALL not in found.refused
        assert {*found.refused, *([Category.ALL] if found.opposed else [])} == {Category(one) for one in kept}
        told += bool(kept)
        refusal.delete()
    assert 20 < told < 70


def test_it_finds_the_agreements(rows):
    actor, person_id, (mine, _, other) = rows
    for categories, withdrawn in (([Category.ALL], None), ([Category.PLAN], None), ([Category.SOCIAL], today())):
        consent = SharingConsent.objects.create(
            person_id=person_id, given_on=today(), means="spoken", notice_version="2026-1", categories=categories,
            withdrawn_on=withdrawn,
        )  # fmt: skip
        consent.organisations.set([mine if categories == [Category.PLAN] else other])
    found = standing_of(actor, person_id)
    assert found.consented_to == {other.id}
    assert {to for to, _ in found.partly_consented_to} == {mine.id}
    assert Category.SOCIAL not in {category for _, category in found.partly_consented_to}


def test_a_break_glass_of_the_reserve_stands_until_it_ends(rows, settings, tmp_path):
    settings.RESERVE_DIR = tmp_path
    _, person_id, _ = rows
    dispatcher, opened = people.actor(Role.EMERGENCY_DISPATCHER), people.uuid4()
    reserved = {
        "id": opened,
        "person_id": person_id,
        "account_id": dispatcher.id,
        "ends_at": now() + timedelta(hours=1),
    }
    reserve.keep((KIND, {**reserved, "organisation_id": dispatcher.organisation_id}))
    standing = standing_of(dispatcher, person_id)
    assert (standing.bases, standing.break_glass_id) == ({Basis.BREAK_GLASS}, opened)
    assert standing_of(replace(dispatcher, id=people.uuid4()), person_id).bases == frozenset()


def test_an_emergency_access_without_a_source_is_traced_by_none():
    told = '[["stands", "break_glass", "all", null]]'
    standing = told_standing(people.actor(Role.PHYSICIAN), people.uuid4(), told)
    assert (standing.bases, standing.break_glass_id) == ({Basis.BREAK_GLASS}, None)


def test_one_who_has_nothing_to_do_with_her_stands_nowhere():
    assert told_standing(people.actor(Role.PHYSICIAN), people.uuid4(), None) is NOWHERE
    assert told_standing(people.actor(Role.PHYSICIAN), people.uuid4(), "[]") is NOWHERE


def test_a_reading_asks_the_database_once_a_person(rows):
    actor, person_id, _ = rows
    facts = Facts(type="person", id=person_id, person_id=person_id)
    with (
        open_trail(reading=True),
        CaptureQueriesContext(
            connection,
        ) as sent,
    ):
        for right in (Permission.PATIENT_IDENTITY_READ, Permission.CIRCLE_MEMBERSHIP_READ):
            permit(actor, right, facts)
    assert len([one for one in sent if "circlemembership" in one["sql"]]) == 1


def test_a_query_is_shared_behind_a_door_that_only_reads_and_nowhere_else():
    read = []
    query = read_once(lambda *values: read.append(values) or len(read))
    with open_trail(reading=True):
        assert [query("her"), query("her"), query("him"), query("her")] == [1, 1, 2, 1]
    with open_trail(reading=True):
        assert query("her") == 3, "nothing is kept from one request to the next"
    with open_trail():
        assert [query("her"), query("her")] == [4, 5], "behind a door that writes, a row may change in between"
    assert query("her") == 6


def test_what_is_read_above_the_wall_is_not_shared_below_it():
    read = []
    query = read_once(lambda: read.append(1) or len(read))
    with open_trail(reading=True), seeing_nothing():
        assert query() == 1
        with seeing_everything(Reason.REFUSAL):
            assert [query(), query()] == [2, 2]
        assert query() == 1
