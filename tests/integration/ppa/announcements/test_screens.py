"""The announcement and the proposal of a plan, on screen."""

from datetime import timedelta

import pytest

from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from ppa.announcements.models import Announcement, PlanProposal
from ppa.announcements.queries import proposal_snapshot
from ppa.announcements.states import ProposalState
from tests.factories import people
from tests.factories.announcements import DIAGNOSIS, announced, proposed
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def person_id(physician):
    return people.person(physician)


def given(**fields):
    return {
        "trigger": "serious_illness",
        "announced_on": today().isoformat(),
        "diagnosis_code": "C34.1",
        "diagnosis_label": DIAGNOSIS,
        "proposed_on": today().isoformat(),
        **fields,
    }


def test_a_physician_records_an_announcement_with_its_proposal(dac, physician, person_id):
    client = signed_in(physician)
    url = f"/personnes/{person_id}/annonces/nouvelle/"
    assert "Ce qu’elle souhaite savoir" in client.get(url).content.decode()
    answer = client.post(url, given(), follow=True)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "L’annonce est enregistrée." in text
    assert DIAGNOSIS in text
    assert PlanProposal.objects.get().owner_id == dac.id


def test_a_double_click_records_once(dac, physician, person_id):
    client = signed_in(physician)
    url = f"/personnes/{person_id}/annonces/nouvelle/"
    token = client.get(url).context["form"]["form_token"].value()
    for _ in range(2):
        assert client.post(url, given(form_token=token)).status_code == 302
    assert Announcement.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"announced_on": (today() + timedelta(days=1)).isoformat()}, "La date de l’annonce est dans le futur"),
        ({"diagnosis_code": "cancer"}, "la forme d’un code CIM-10"),
    ],
)
def test_a_refusal_stays_on_the_form_with_its_sentence(fields, sentence, dac, physician, person_id):
    answer = signed_in(physician).post(f"/personnes/{person_id}/annonces/nouvelle/", given(**fields))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert DIAGNOSIS in answer.content.decode()
    assert not Announcement.objects.exists()


def test_the_plan_may_be_proposed_another_day(dac, physician, person_id):
    announcement_id = announced(person_id, physician)
    client = signed_in(physician)
    page = f"/personnes/{person_id}/annonces/{announcement_id}/"
    assert "Proposer un plan personnalisé" in client.get(page).content.decode()
    answer = client.post(f"{page}proposer/", {"proposed_on": today().isoformat()}, follow=True)
    assert "Voir la proposition du plan" in answer.content.decode()


def test_the_coordinator_notes_the_answer_and_sees_the_minimum_only(dac, physician, person_id):
    proposal = proposed(person_id, physician)
    client = signed_in(people.actor(Role.COORDINATOR, dac))
    url = f"/personnes/{person_id}/annonces/proposition/{proposal.id}/"
    page = client.get(url)
    text = page.content.decode()
    assert "Données minimales" in text
    assert "<dd>1955" in text
    assert page.context["banner"] is None
    assert DIAGNOSIS not in text
    answer = client.post(
        url,
        {
            "version": proposal.version,
            "answer": "defer",
            "answered_on": today().isoformat(),
            "come_back_on": (today() + timedelta(days=30)).isoformat(),
            "reason": "Après les fêtes",
        },
        follow=True,
    )
    assert "Après les fêtes" in answer.content.decode()
    assert proposal_snapshot(proposal.id).state == ProposalState.DEFERRED


def test_not_now_asks_for_a_day(dac, physician, person_id):
    proposal = proposed(person_id, physician)
    answer = signed_in(people.actor(Role.COORDINATOR, dac)).post(
        f"/personnes/{person_id}/annonces/proposition/{proposal.id}/",
        {"version": proposal.version, "answer": "defer", "answered_on": today().isoformat()},
    )
    assert answer.status_code == 422
    assert "indiquez quand en reparler" in answer.content.decode()


def test_after_a_yes_the_next_page_is_the_plan(dac, physician, person_id):
    proposal = proposed(person_id, physician)
    fields = {"version": proposal.version, "answer": "accept", "answered_on": today().isoformat()}
    answer = signed_in(physician).post(f"/personnes/{person_id}/annonces/proposition/{proposal.id}/", fields)
    assert answer["Location"] == f"/personnes/{person_id}/plan/"


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.BED_MANAGER, Role.TECHNICAL_ADMIN, Role.NURSE])
def test_others_find_nothing(role, dac, physician, person_id):
    proposal = proposed(person_id, physician)
    other = people.coordination(departement="71") if role == Role.COORDINATOR else people.organisation()
    client = signed_in(people.actor(role, other))
    base = f"/personnes/{person_id}/annonces/"
    for url in (f"{base}nouvelle/", f"{base}{proposal.announcement_ids[0]}/", f"{base}proposition/{proposal.id}/"):
        assert client.get(url).status_code == 404, url


def test_an_announcement_is_not_found_under_another_person(dac, physician, person_id):
    announcement_id = announced(person_id, physician)
    other = people.person(physician)
    assert signed_in(physician).get(f"/personnes/{other}/annonces/{announcement_id}/").status_code == 404
