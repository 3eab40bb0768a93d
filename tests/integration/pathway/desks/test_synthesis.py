"""The synthesis of a person's follow-up, as a paper: what it holds, for whom, and what is closed stays out of it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.access.circle import enter
from accounts.access.models import CircleMembership
from accounts.access.records import OpenMembership
from accounts.access.states import Basis, Category
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from pathway.cases.commands import record_level
from pathway.cases.queries import case_snapshot
from pathway.cases.records import RecordLevel
from ppa.directives.records import Wish
from ppa.directives.states import RESUSCITATION, Decision
from tests.factories import after_death, announcements, assessments, cases, directives, people, plans
from tests.support.pdf_text import pages_of
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db

ALL = (
    announcements.DIAGNOSIS,
    "Elle sait que la maladie est grave",
    "En attente de réponse",
    "ESAS",
    "Niveau 3",
    "Douleur rebelle",
    "Les proches, après le décès",
)


@pytest.fixture
def followed():
    team = plans.team()
    person_id, nurse = team.person_id, team.nurse
    people.relative(person_id, nurse)
    assessments.assessment(person_id, nurse, assessed_on=today() - timedelta(days=3))
    case = case_snapshot(cases.included(person_id, nurse, team.coordinator).id)
    level = RecordLevel(case_id=case.id, version=case.version, level=3, reason="Douleur rebelle", assessed_on=today())
    record_level(level, by=team.coordinator)
    announcements.proposed(person_id, team.physician)
    wants = (Wish(code=RESUSCITATION, decision=Decision.PERMIT),)
    directives.directive(person_id, team.physician, wishes=wants, comfort_only=True)
    after_death.wish(person_id, nurse)
    return team


def asked_by(actor, person_id):
    return signed_in(actor).get(reverse("people:synthesis", args=[person_id]))


def told(actor, person_id):
    answer = asked_by(actor, person_id)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store, private")
    return " ".join("".join(pages_of(answer.content)).split())


def test_the_circle_prints_what_no_other_paper_tells_and_the_page_of_the_person_leads_there(followed):
    for actor in (followed.coordinator, followed.physician, followed.nurse):
        said = told(actor, followed.person_id)
        for words in (*ALL, after_death.WORDS):
            assert words in said, (actor.role, words)
        assert ("éanimation" in said) == (actor != followed.coordinator), "the directives were not shared with the DAC"
    page = signed_in(followed.nurse).get(reverse("people:page", args=[followed.person_id])).content.decode()
    assert reverse("people:synthesis", args=[followed.person_id]) in page


def test_after_a_death_it_tells_which_relatives_were_told(followed):
    after_death.died(followed.person_id, followed.physician)
    said = told(followed.nurse, followed.person_id)
    assert "prévu · pour le" in said
    page = signed_in(followed.nurse).get(reverse("people:page", args=[followed.person_id])).content.decode()
    assert reverse("people:synthesis", args=[followed.person_id]) in page


def test_what_is_closed_to_a_reader_is_not_on_his_paper(followed):
    partly = people.actor(Role.PHYSICIAN)
    enter(OpenMembership(person_id=followed.person_id, organisation_id=partly.organisation_id, basis=Basis.SAME_TEAM))
    assert "éanimation" in told(partly, followed.person_id)
    CircleMembership.objects.filter(person=followed.person_id, organisation=partly.organisation_id).update(
        category=Category.PLAN
    )
    said = told(partly, followed.person_id)
    assert "éanimation" not in said
    assert "ESAS" in said


@pytest.mark.parametrize(
    "role", [Role.PHYSICIAN, Role.COORDINATOR, Role.BED_MANAGER, Role.VOLUNTEER, Role.SOCIAL_WORKER]
)
def test_a_stranger_prints_nothing(followed, role):
    assert asked_by(people.actor(role), followed.person_id).status_code in (403, 404)
