"""What the one gate answers, what it notes of it, and what its filters keep."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access.gate import (
    is_permitted,
    keep_standing,
    memberships_of,
    open_trail,
    opened,
    oppositions_to,
    permit,
    permitted_among,
    refusals_of,
    scope,
    standing_of,
    unopposed,
)
from accounts.access.models import CircleMembership, Opposition
from accounts.access.permissions import Permission
from accounts.access.records import Facts, FieldSet, Standing
from accounts.access.states import Basis, Category
from accounts.audit.records import Outcome
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound, StepUpNeeded
from accounts.people.models import Person
from tests.factories import people

pytestmark = pytest.mark.django_db
READ, SIGN, LIST = Permission.PPA_READ_VALIDATED, Permission.PPA_VALIDATE_SIGN, Permission.PPA_LIST
NOT_HIS = Permission.OUTBOX_QUEUE_READ


@pytest.fixture
def mine():
    return people.organisation()


@pytest.fixture
def physician(mine):
    return people.actor(Role.PHYSICIAN, mine)


@pytest.fixture
def person_id():
    return people.person(people.actor(Role.NURSE))


@pytest.fixture
def stands(mine, person_id):
    """Let the physician's structure stand in the person's circle on a basis."""

    def stand(basis=Basis.SAME_TEAM, *, category=Category.ALL, person_id=person_id, **fields):
        source_id = people.uuid4()
        CircleMembership.objects.create(
            person_id=person_id, organisation=mine, basis=basis, category=category, source_id=source_id, **fields
        )
        return source_id

    return stand


def refuse(person_id, to=None, *, category=Category.ALL, **fields):
    Opposition.objects.create(
        person_id=person_id, organisation=to, category=category, stated_on=today(), means="spoken", **fields
    )


def plan(person_id, **fields):
    return Facts(type="ppa", person_id=person_id, **{"id": people.uuid4(), **fields})


def refused(actor, permission, facts):
    """Return the error that a question ends with, and the one entry that it left."""
    with open_trail() as trail, pytest.raises((NotAllowed, NotFound, StepUpNeeded)) as error:
        permit(actor, permission, facts)
    (entry,) = trail.entries
    assert entry.outcome == Outcome.DENIED
    return error.type, entry.rule


def test_an_answer_is_noted_with_the_rule_that_gave_it(physician, person_id, stands):
    stands()
    facts = plan(person_id)
    with open_trail() as trail:
        decision = permit(physician, READ, facts)
    (entry,) = trail.entries
    assert (entry.outcome, entry.rule, entry.break_glass_id) == (Outcome.ALLOWED, decision.rule, None)
    assert decision.rule == "CIRCLE+NOOPP"
    assert (entry.actor, entry.action) == (physician, READ)
    assert (entry.object_type, entry.object_id, entry.person_id) == ("ppa", facts.id, person_id)


def test_a_refusal_is_noted_with_what_was_not_met(physician, person_id, stands):
    stands(Basis.KNOWN)
    assert refused(physician, READ, plan(person_id)) == (NotAllowed, "CIRCLE")


@pytest.mark.parametrize(("reading", "kept"), [(True, 3), (False, 4)])
def test_the_same_question_twice_leaves_one_entry_behind_a_door_that_only_reads(
    physician, person_id, stands, reading, kept
):
    stands()
    facts, another = plan(person_id), plan(person_id)
    with open_trail(reading=reading) as trail:
        for one in (facts, facts, another):
            permit(physician, READ, one)
        permit(replace(physician, role=Role.NURSE), READ, facts)
    assert len(trail.entries) == kept


def test_only_a_fresh_sign_in_is_asked_for_when_only_that_is_missing(physician, person_id, stands):
    stands()
    late = replace(physician, authenticated_at=now() - timedelta(minutes=6))
    assert refused(late, SIGN, plan(person_id, is_draft=True)) == (StepUpNeeded, "STEPUP")
    assert refused(late, SIGN, plan(person_id)) == (NotAllowed, "DRAFT+STEPUP")
    assert refused(physician, SIGN, plan(person_id)) == (NotAllowed, "DRAFT")


def test_what_rests_on_broken_glass_is_traced_by_it_and_nothing_else_is(person_id, stands, mine):
    dispatcher = people.actor(Role.EMERGENCY_DISPATCHER, mine)
    opened = stands(Basis.BREAK_GLASS)
    stands(Basis.COORDINATION)
    with open_trail() as trail:
        assert permit(dispatcher, READ, plan(person_id)).fields == FieldSet.EMERGENCY
        assert permit(people.actor(Role.PHYSICIAN, mine), READ, plan(person_id)).fields == FieldSet.FULL
    assert [entry.break_glass_id for entry in trail.entries] == [opened, None]


def test_who_may_not_know_of_her_is_told_nothing(physician, mine, person_id, stands):
    """He may know of what his structure made or sent, and of what is about nobody; of her, once he stands somewhere near her."""
    other = people.organisation().id
    assert refused(physician, READ, plan(person_id))[0] is NotFound
    assert refused(physician, READ, plan(person_id, organisation_id=other, sender_id=other))[0] is NotFound
    assert refused(physician, READ, plan(person_id, organisation_id=mine.id))[0] is NotAllowed
    assert refused(physician, READ, plan(person_id, sender_id=mine.id))[0] is NotAllowed
    assert refused(physician, READ, plan(person_id, organisation_id=mine.id, id=None))[0] is NotFound
    assert refused(physician, READ, plan(None))[0] is NotAllowed
    stands(Basis.KNOWN)
    assert refused(physician, READ, plan(person_id))[0] is NotAllowed


def test_one_whom_she_refuses_is_told_nothing_though_he_stands_near_her(physician, mine, person_id, stands):
    stands()
    refuse(person_id, mine, category=Category.PLAN)
    assert refused(physician, READ, plan(person_id, organisation_id=mine.id))[0] is NotFound
    with open_trail():
        assert permit(physician, Permission.ADVANCE_DIRECTIVE_READ_CONTENT, plan(person_id)).allowed


def test_a_button_is_shown_for_what_the_act_itself_still_gathers(physician, person_id, stands):
    stands()
    late = replace(physician, authenticated_at=now() - timedelta(minutes=6))
    draft = plan(person_id, is_draft=True)
    assert is_permitted(physician, SIGN, draft)
    assert is_permitted(late, SIGN, draft)
    assert not is_permitted(late, SIGN, plan(person_id))
    to_send = plan(person_id, organisation_id=physician.organisation_id, addressed_to=frozenset({people.uuid4()}))
    assert is_permitted(physician, Permission.REFERRAL_SEND, to_send)
    assert permitted_among(late, [READ, SIGN, NOT_HIS], plan(person_id)) == {READ}


def listed(actor, permission):
    """Return the ids of the persons that a right lists, and what was noted."""
    with open_trail() as trail:
        found = set(Person.objects.filter(scope(actor, permission, person="pk")).values_list("pk", flat=True))
    (entry,) = trail.entries
    return found, (entry.outcome, entry.rule)


def test_a_list_holds_those_near_whom_he_stands_and_who_do_not_refuse(physician, mine, person_id, stands):
    refusing, known, in_part, elsewhere = (people.person(people.actor(Role.NURSE)) for _ in range(4))
    stands()
    stands(person_id=refusing)
    stands(Basis.KNOWN, person_id=known)
    stands(Basis.CONSENT, category=Category.DIRECTIVES, person_id=in_part)
    refuse(refusing, mine, category=Category.PLAN)
    assert listed(physician, LIST) == ({person_id}, (Outcome.ALLOWED, "scope"))
    assert listed(physician, Permission.PATIENT_IDENTITY_SEARCH_LIST)[0] == {person_id, refusing, known}
    assert listed(replace(physician, organisation_id=None), LIST)[0] == set()
    assert elsewhere in listed(physician, Permission.REFERRAL_LIST_INCOMING)[0], "it is about no person"


def test_a_mark_is_shown_of_those_in_whose_circle_he_stands_for_that_category_and_who_do_not_refuse_it(
    physician, mine, person_id, stands
):
    refusing, known, in_part, elsewhere = (people.person(people.actor(Role.NURSE)) for _ in range(4))
    stands()
    stands(person_id=refusing)
    stands(Basis.KNOWN, person_id=known)
    stands(Basis.CONSENT, category=Category.DIRECTIVES, person_id=in_part)
    refuse(refusing, mine, category=Category.DIRECTIVES)

    def marked(category):
        return set(Person.objects.filter(opened(physician, category, person="pk")).values_list("pk", flat=True))

    assert marked(Category.DIRECTIVES) == {person_id, in_part}
    assert marked(Category.PLAN) == {person_id, refusing}
    assert elsewhere not in marked(Category.DIRECTIVES) | marked(Category.PLAN)


def test_a_list_without_the_right_is_empty_and_noted(physician, person_id, stands):
    stands()
    assert listed(physician, NOT_HIS) == (set(), (Outcome.DENIED, "no-row"))


def test_a_list_that_rests_on_the_structure_leaves_out_who_refuses_it(physician, mine, person_id):
    other = people.person(people.actor(Role.NURSE))

    def kept(*categories):
        return set(Person.objects.filter(unopposed(physician, *categories, person="pk")).values_list("pk", flat=True))

    assert kept() == {person_id, other}
    refuse(person_id, mine, category=Category.PLAN)
    assert kept() == kept(Category.SOCIAL) == {person_id, other}
    assert kept(Category.PLAN) == {other}
    refuse(other, mine)
    assert kept(Category.PLAN) == set()
    assert kept(Category.SOCIAL) == {person_id}


def test_refusals_in_an_emergency_are_those_of_all_and_of_emergencies(physician, mine, person_id):
    for category in (Category.PLAN, Category.ALL, Category.EMERGENCY):
        refuse(person_id, mine, category=category)
    assert set(refusals_of(physician).values_list("category", flat=True)) == {"all", "emergency"}
    assert oppositions_to(physician, frozenset({Category.PLAN, Category.SOCIAL})).get().category == "plan"


def test_to_stand_for_a_category_is_to_stand_for_all_or_for_it(physician, stands):
    for category in (Category.ALL, Category.PLAN, Category.SOCIAL):
        stands(Basis.CONSENT, category=category)
    assert memberships_of(physician).count() == 3
    held = memberships_of(physician, Category.PLAN)
    assert set(held.values_list("category", flat=True)) == {"all", "plan"}
    assert not memberships_of(replace(physician, organisation_id=None)).exists()


def questions(sent):
    return len([one for one in sent if "circlemembership" in one["sql"]])


def test_who_acts_for_nobody_or_asks_about_nobody_stands_nowhere(physician, person_id, stands):
    stands()
    with CaptureQueriesContext(connection) as sent:
        assert (
            standing_of(physician, None)
            == standing_of(replace(physician, organisation_id=None), person_id)
            == Standing()
        )
    assert questions(sent) == 0


def test_the_standing_is_read_once_for_one_actor_and_person_behind_a_door_that_only_reads(physician, person_id, stands):
    stands()
    other, same = people.person(people.actor(Role.NURSE)), replace(physician)
    with open_trail(reading=True), CaptureQueriesContext(connection) as sent:
        assert [standing_of(physician, one).bases for one in (person_id, other, person_id)] == [TEAM, NONE, TEAM]
        assert standing_of(same, person_id).bases == TEAM
        assert standing_of(physician, other).bases == NONE
    assert questions(sent) == 3, "each person for one actor, and once for another"


TEAM, NONE = {Basis.SAME_TEAM}, frozenset()


def test_the_standing_is_read_each_time_behind_a_door_that_writes_and_outside_of_any(physician, person_id, stands):
    for door in (open_trail, None):
        with CaptureQueriesContext(connection) as sent:
            if door is None:
                [standing_of(physician, person_id) for _ in range(2)]
            else:
                with door():
                    [standing_of(physician, person_id) for _ in range(2)]
        assert questions(sent) == 2


def test_a_standing_told_beside_something_else_is_kept_behind_a_door_that_only_reads(physician, person_id):
    told = '[["stands", "same_team", "all", null]]'
    keep_standing(physician, person_id, told)
    with open_trail():
        keep_standing(physician, person_id, told)
        assert standing_of(physician, person_id).bases == NONE
    with open_trail(reading=True):
        keep_standing(physician, person_id, told)
        assert standing_of(physician, person_id).bases == TEAM
    with open_trail(reading=True):
        keep_standing(physician, person_id, None)
        with CaptureQueriesContext(connection) as sent:
            assert standing_of(physician, person_id) == Standing()
        assert questions(sent) == 0
