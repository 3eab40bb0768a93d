"""All the plans to be read again: oldest first, in pages, by reason, and for the circle alone."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access.circle import enter
from accounts.access.gate import open_trail
from accounts.access.models import CircleMembership, Opposition
from accounts.access.records import OpenMembership
from accounts.access.states import Basis, Category, ConsentMeans
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.models import Transition
from pathway.desks.queries import FEW
from pathway.stays.commands import open_stay
from pathway.stays.records import OpenStay
from pathway.structures.models import CareOffer
from pathway.structures.states import OfferKind
from ppa.plans.commands import revise_plan
from ppa.plans.models import Plan
from ppa.plans.queries import plans_to_review, plans_waiting
from ppa.plans.records import RevisePlan
from ppa.plans.rules import CHANGED_BY, STALE_WHEN
from ppa.plans.states import REVIEW_REASON_LABELS, ReviewReason
from tests.factories import announcements, crises, directives, people, plans
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db

PAGE = "/plans-a-relire/"


@pytest.fixture
def dac():
    return people.actor(Role.COORDINATOR, people.coordination())


def signed(dac, *, days=None, change=None):
    """Return who has a signed plan that the coordinator follows: its day came `days` ago, or something changed since."""
    team = plans.team()
    enter(OpenMembership(person_id=team.person_id, organisation_id=dac.organisation_id, basis=Basis.COORDINATION))
    plan = plans.signed(team)
    if days is not None:
        Plan.objects.filter(pk=plan.id).update(review_on=today() - timedelta(days=days))
    if change is not None:
        change(team)
    return team.person_id


def wishes(team):
    directives.directive(team.person_id, team.physician)


def drugs(team):
    crises.foreseen(team.person_id, team.physician)


def phase(team):
    announcements.proposed(team.person_id, team.physician)


def admission(team):
    offer = CareOffer.objects.create(
        organisation_id=team.physician.organisation_id, code="ssiad", kind=OfferKind.HOME_NURSING, name="SSIAD (fictif)"
    )
    open_stay(OpenStay(person_id=team.person_id, offer_id=offer.id, admitted_at=now()), by=team.physician)


def waiting(actor, **asked):
    with open_trail():
        rows, key = plans_waiting(actor=actor, **asked)
    return rows, key


def desk_list(actor):
    with open_trail():
        return plans_to_review(actor=actor)


def persons(actor, **asked):
    return [row.person_id for row in waiting(actor, **asked)[0]]


def test_each_change_that_marks_a_plan_belongs_to_one_reason_with_its_words():
    kinds = [kind for about in CHANGED_BY.values() for kind in about]
    assert sorted(kinds) == sorted({aggregate for aggregate, _ in STALE_WHEN})
    assert set(CHANGED_BY) | {ReviewReason.DATE} == set(ReviewReason) == set(REVIEW_REASON_LABELS)


def test_what_waits_longest_comes_first_and_each_reason_finds_its_own(dac):
    late = signed(dac, days=30)
    recent = signed(dac, days=3)
    found = {
        ReviewReason.WISHES: signed(dac, change=wishes),
        ReviewReason.DRUGS: signed(dac, change=drugs),
        ReviewReason.PHASE: signed(dac, change=phase),
        ReviewReason.ADMISSION: signed(dac, change=admission),
    }
    signed(dac, days=-5)
    all_of_them = persons(dac)
    assert all_of_them[:2] == [late, recent]
    assert set(all_of_them[2:]) == set(found.values())
    assert persons(dac, reason=ReviewReason.DATE) == [late, recent]
    for reason, person_id in found.items():
        assert persons(dac, reason=reason) == [person_id]
    assert persons(people.actor(Role.COORDINATOR, people.coordination())) == []


def test_a_plan_says_every_reason_and_waits_since_the_first(dac):
    both = signed(dac, days=10, change=wishes)
    (row,) = waiting(dac)[0]
    assert row.since == today() - timedelta(days=10)
    assert row.reasons == (
        f"Relecture prévue le {today() - timedelta(days=10):%d/%m/%Y}",
        "Les directives anticipées ont changé",
    )
    assert persons(dac, reason=ReviewReason.WISHES) == [both]
    assert waiting(dac, reason=ReviewReason.WISHES)[0][0].since == today()


def test_a_change_before_the_signature_or_during_a_revision_marks_nothing(dac, clock):
    team = plans.team()
    enter(OpenMembership(person_id=team.person_id, organisation_id=dac.organisation_id, basis=Basis.COORDINATION))
    wishes(team)
    clock.forward(seconds=2)
    plan = plans.signed(team)
    assert persons(dac) == []
    drugs(team)
    assert persons(dac) == [team.person_id]
    plan = plans.present(plan)
    revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    assert persons(dac) == []
    assert Transition.objects.filter(person_id=team.person_id, aggregate_type="anticipated_crisis").exists()


def test_pages_follow_one_another_and_leave_nobody_out(dac):
    expected = [signed(dac, days=days) for days in (9, 7, 7, 7, 2)]
    seen, key = [], ""
    while True:
        rows, key = waiting(dac, after=key, size=2)
        assert len(rows) <= 2
        seen += [row.person_id for row in rows]
        if not key:
            break
    assert (seen[0], seen[-1]) == (expected[0], expected[-1])
    assert sorted(map(str, seen)) == sorted(map(str, expected))


def test_the_desk_leads_there_only_when_it_shows_less(dac):
    for _ in range(FEW):
        signed(dac, days=1)
    client = signed_in(dac)
    assert PAGE not in client.get("/").content.decode()
    signed(dac, days=1)
    assert PAGE in client.get("/").content.decode()
    page = client.get(reverse("plans_to_review")).content.decode()
    assert page.count("Relecture prévue le") == FEW + 1


def test_the_page_filters_and_takes_any_word_it_does_not_know_for_all(dac):
    signed(dac, change=wishes)
    client = signed_in(dac)
    assert "Les directives anticipées ont changé" in client.get(PAGE + "?raison=volontes").content.decode()
    assert "Aucun plan n’est à relire" in client.get(PAGE + "?raison=medicaments").content.decode()
    for odd in ("?raison=inconnue", "?suite=%00", "?suite=abc"):
        assert "Les directives anticipées ont changé" in client.get(PAGE + odd).content.decode()
    assert signed_in(people.actor(Role.BED_MANAGER)).get(PAGE).status_code in (403, 404)


def test_it_costs_the_same_for_one_and_for_five(dac):
    def cost():
        client = signed_in(dac)
        client.get(PAGE)
        with CaptureQueriesContext(connection) as statements:
            client.get(PAGE)
        return len(statements)

    signed(dac, change=wishes)
    one = cost()
    for _ in range(4):
        signed(dac, days=2, change=drugs)
    assert cost() == one


def test_what_is_closed_to_the_reader_marks_nothing_for_him(dac):
    refused, partly, open_ = (signed(dac, change=wishes) for _ in range(3))
    Opposition.objects.create(
        person_id=refused, organisation_id=dac.organisation_id, category=Category.DIRECTIVES, stated_on=today(), means=ConsentMeans.SPOKEN
    )  # fmt: skip
    CircleMembership.objects.filter(person=partly, organisation=dac.organisation_id).update(category=Category.PLAN)
    assert persons(dac) == persons(dac, reason=ReviewReason.WISHES) == [open_]
    client = signed_in(dac)
    told = [client.get(reverse("plans:page", args=[one])).content.decode() for one in (refused, partly, open_)]
    assert ["Les directives anticipées ont changé" in page for page in told] == [False, False, True]
    assert [row.person_id for row in desk_list(dac)] == [open_]


@pytest.mark.parametrize(
    ("change", "category"), [(admission, Category.REQUESTS), (phase, Category.PLAN), (drugs, Category.PLAN)]
)
def test_each_change_is_closed_with_its_own_data(dac, change, category):
    person_id = signed(dac, change=change)
    assert persons(dac) == [person_id]
    for other in set(Category) - {Category.ALL, Category.EMERGENCY}:
        refusal = Opposition.objects.create(
            person_id=person_id, organisation_id=dac.organisation_id, category=other, stated_on=today(), means=ConsentMeans.SPOKEN
        )  # fmt: skip
        assert persons(dac) == ([] if other in (category, Category.PLAN) else [person_id])
        refusal.delete()
