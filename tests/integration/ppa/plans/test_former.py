"""A person of whom there are several plans: one was closed before the next, or came with a record that was merged into hers."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.access.circle import enter
from accounts.access.gate import open_trail
from accounts.access.records import OpenMembership
from accounts.access.states import Basis
from accounts.access.unit import run_together
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotFound
from accounts.people.closing import close_after_death
from accounts.people.commands import mark_deceased
from accounts.people.records import CorrectDeath, MarkDeceased
from accounts.people.states import DeathMistake
from pathway.stays.commands import correct_death
from ppa.plans.commands import close_plan
from ppa.plans.models import Plan, PlanVersion
from ppa.plans.queries import compared_versions, plan_of
from ppa.plans.records import ClosePlan
from ppa.plans.rules import social_part
from ppa.plans.states import ClosingReason, PlanState
from tests.factories import identities, people, plans
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


def closed(plan, team, reason=ClosingReason.RECOVERY):
    version = Plan.objects.get(pk=plan.pk).version
    close_plan(ClosePlan(plan_id=plan.id, version=version, reason=reason), by=team.physician)


def url(name, team, *args):
    return reverse(f"plans:{name}", args=[team.person_id, *args])


def shown(team):
    with open_trail():
        return plan_of(team.person_id, actor=team.coordinator)


def read(actor, address):
    response = signed_in(actor).get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def merged():
    """A person with a signed plan, and a younger plan, signed and closed, of the record that was merged into hers."""
    pair = identities.pair()
    physician = people.actor(Role.PHYSICIAN, pair.hospital)
    coordinator = people.actor(Role.COORDINATOR, people.coordination())
    teams = []
    for person_id in (pair.kept_id, pair.merged_id):
        enter(
            OpenMembership(person_id=person_id, organisation_id=coordinator.organisation_id, basis=Basis.COORDINATION)
        )
        teams.append(plans.Team(person_id, coordinator, physician, pair.nurse))
    plans.signed(teams[0])
    other = plans.signed(teams[1])
    closed(other, teams[1])
    Plan.objects.filter(pk=other.pk).update(created_at=now() + timedelta(hours=1))
    identities.merged(pair)
    return teams[0]


def test_the_plan_under_way_is_shown_though_a_closed_one_is_younger(merged):
    assert shown(merged).state == PlanState.SIGNED
    assert "PPA signé v1" in read(merged.physician, reverse("people:page", args=[merged.person_id]))


def test_the_versions_of_a_closed_plan_stay_in_the_history(merged):
    other = PlanVersion.objects.get(plan__state=PlanState.CLOSED)
    paper = reverse("documents:download", args=[other.document_id])
    assert url("versions", merged) in read(merged.coordinator, url("page", merged))
    text = read(merged.coordinator, url("versions", merged))
    assert "la situation s’est améliorée" in text
    assert text.count("Version 1, signée le") == 2
    assert paper in text
    client = signed_in(merged.coordinator)
    assert b"".join(client.get(paper).streaming_content).startswith(b"%PDF-")


def test_a_new_plan_leads_to_the_versions_of_the_one_before():
    team = plans.team()
    closed(plans.signed(team), team)
    plans.plan(team)
    assert url("versions", team) in read(team.coordinator, url("page", team))
    assert "la situation s’est améliorée" in read(team.coordinator, url("versions", team))


def test_a_version_of_a_closed_plan_is_not_said_to_be_in_force():
    team = plans.team()
    plan = plans.signed(team)
    assert "En vigueur" in read(team.nurse, url("version", team, 1))
    closed(plan, team)
    text = read(team.nurse, url("version", team, 1))
    assert "En vigueur" not in text
    assert "Plan clos" in text


def test_the_plan_that_a_death_closed_is_the_one_that_goes_on(merged):
    plan_id = shown(merged).id
    mark_deceased(MarkDeceased(person_id=merged.person_id, died_on=today()), by=merged.physician)
    run_together(
        lambda run: close_after_death(merged.person_id, today(), run) or {}, by=merged.physician, fingerprint="death"
    )
    assert (shown(merged).id, shown(merged).state) == (plan_id, PlanState.CLOSED)
    correct_death(CorrectDeath(person_id=merged.person_id, reason=DeathMistake.MISTYPED), by=merged.nurse)
    assert (shown(merged).id, shown(merged).state) == (plan_id, PlanState.SIGNED)


def test_the_social_part_holds_no_version_of_a_closed_plan(merged):
    whole = shown(merged)
    assert whole.former
    assert social_part(whole).former == ()


def test_any_two_versions_are_compared_those_of_a_closed_plan_too(merged):
    here, other = PlanVersion.objects.order_by("plan__state")
    assert other.plan_id != here.plan_id
    client, address = signed_in(merged.coordinator), url("versions", merged)
    text = client.get(address).content.decode()
    assert text.count(str(other.id)) == text.count(str(here.id)) == 2
    asked = {"before": str(here.id), "after": str(other.id)}
    text = client.get(address, asked).content.decode()
    assert "Ce qui change entre" in text
    assert "Ajouté" in text, "her need is another one in the other plan"
    assert "Retiré" in text
    same = client.get(address, asked | {"after": str(here.id)})
    assert (same.status_code, "Choisissez deux versions différentes." in same.content.decode()) == (422, True)
    elsewhere = plans.team()
    plans.signed(elsewhere)
    foreign = PlanVersion.objects.get(plan__person_id=elsewhere.person_id)
    assert client.get(address, asked | {"after": str(foreign.id)}).status_code == 422


def test_two_versions_are_compared_the_older_first_whatever_the_order_they_are_asked_in(merged):
    older, younger = PlanVersion.objects.order_by("signed_at")
    with open_trail():
        found = compared_versions(merged.person_id, younger.id, older.id, actor=merged.coordinator)
        assert found.signed == (older.signed_at, younger.signed_at)
        with pytest.raises(NotFound):
            compared_versions(merged.person_id, younger.id, older.id, actor=people.actor(Role.PHYSICIAN))


def test_a_single_version_has_nothing_to_be_compared_with():
    team = plans.team()
    plans.signed(team)
    assert "Comparer deux versions" not in read(team.coordinator, url("versions", team))
