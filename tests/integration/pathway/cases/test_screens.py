"""The worklist, one file and its acts, and the timeline, on screen."""

import pytest

from accounts.access.gate import open_trail
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.people.page import banner_of, panels_of
from pathway.cases.models import Case
from pathway.cases.queries import case_snapshot, timeline
from pathway.cases.states import CaseState
from tests.factories import people
from tests.factories.announcements import proposed
from tests.factories.cases import active, included, signalled
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


def test_the_worklist_shows_each_tab(coordinator, physician, person_id):
    proposed(person_id, physician)
    active(people.person(physician), physician, coordinator)
    client = signed_in(coordinator)
    texts = {tab: client.get(f"/dossiers/?onglet={tab}").content.decode() for tab in ("a-inclure", "mes-personnes")}
    assert "née ou né en 1955" in texts["a-inclure"]
    assert "12 mars 1955" in texts["mes-personnes"]
    assert "En attente de réponse" in client.get("/dossiers/?onglet=propositions").content.decode()
    assert client.get("/dossiers/?onglet=inconnu").status_code == 200


def test_a_coordinator_walks_a_file_from_signalement_to_follow_up(dac, coordinator, physician, person_id):
    case = signalled(person_id, physician)
    client = signed_in(coordinator)
    page = client.get(f"/dossiers/{case.id}/")
    assert "Retour à domicile difficile" in page.content.decode()
    assert page.context["banner"] is None
    steps = [
        ("inclure", {}, CaseState.INCLUDED),
        ("referent", {"coordinator": str(coordinator.professional_id)}, CaseState.ASSIGNED),
        ("suivi", {}, CaseState.ACTIVE),
    ]
    for path, fields, state in steps:
        url = f"/dossiers/{case.id}/{path}/"
        assert client.get(url).status_code == 200
        answer = client.post(url, {"version": case_snapshot(case.id).version, **fields}, follow=True)
        assert answer.status_code == 200, path
        assert case_snapshot(case.id).state == state
    page = client.get(f"/dossiers/{case.id}/")
    assert "Passer le relais" in page.content.decode()
    assert page.context["banner"].person_id == person_id


def test_whoever_includes_is_proposed_as_referent_and_comes_to_the_proposal(dac, coordinator, physician, person_id):
    proposal = proposed(person_id, physician)
    case = Case.objects.get()
    client = signed_in(coordinator)
    url = f"/dossiers/{case.pk}/inclure/"
    form = client.get(url).context["form"]
    assert form["coordinator"].value() == str(coordinator.professional_id)
    answer = client.post(url, {"version": case.version, "coordinator": str(coordinator.professional_id)})
    assert answer["Location"] == f"/personnes/{person_id}/annonces/proposition/{proposal.id}/"
    assert case_snapshot(case.pk).state == CaseState.ASSIGNED
    assert case_snapshot(case.pk).coordinator_id == coordinator.professional_id


def test_an_inclusion_with_a_stranger_as_referent_does_nothing(dac, coordinator, physician, person_id):
    case = signalled(person_id, physician)
    stranger = people.actor(Role.COORDINATOR, people.coordination(departement="71"))
    fields = {"version": case.version, "coordinator": str(stranger.professional_id)}
    assert signed_in(coordinator).post(f"/dossiers/{case.id}/inclure/", fields).status_code == 422
    assert case_snapshot(case.id).state == CaseState.SIGNALLED


def test_level_next_action_hand_over_and_closing_by_form(dac, coordinator, physician, person_id):
    case = active(person_id, physician, coordinator)
    colleague = people.actor(Role.COORDINATOR, dac)
    client = signed_in(coordinator)
    posts = [
        ("niveau", {"level": "3", "reason": "Instable", "phase": "unstable", "assessed_on": today().isoformat()}),
        ("prochaine-action", {"action": "Appeler sa fille", "due_on": today().isoformat()}),
        ("relais", {"coordinator": str(colleague.professional_id), "note": "Appeler le soir"}),
    ]
    for path, fields in posts:
        answer = client.post(f"/dossiers/{case.id}/{path}/", {"version": case_snapshot(case.id).version, **fields})
        assert answer.status_code == 302, path
    page = client.get(f"/dossiers/{case.id}/").content.decode()
    for text in ("Niveau 3", "Appeler sa fille", "Appeler le soir", colleague.display_name):
        assert text in page, text
    answer = client.post(
        f"/dossiers/{case.id}/cloture/", {"version": case_snapshot(case.id).version, "reason": "moved"}, follow=True
    )
    assert "départ vers un autre territoire" in answer.content.decode()


def test_a_stale_form_comes_back_with_its_text(coordinator, physician, person_id):
    case = active(person_id, physician, coordinator)
    answer = signed_in(coordinator).post(
        f"/dossiers/{case.id}/niveau/",
        {"version": case.version - 1, "level": "2", "reason": "Texte à garder", "assessed_on": today().isoformat()},
    )
    assert answer.status_code == 422
    assert "Texte à garder" in answer.content.decode()
    assert "Quelqu’un a modifié cet élément" in answer.content.decode()


def test_a_nurse_asks_for_support_from_the_person_s_page(dac, physician, person_id):
    place = people.Organisation.objects.get(pk=physician.organisation_id)
    client = signed_in(people.actor(Role.NURSE, place))
    url = f"/dossiers/signaler/{person_id}/"
    assert client.get(url).status_code == 200
    answer = client.post(url, {"reason": "Aidant épuisé", "urgency": "urgent"}, follow=True)
    assert "Sous 48 heures" in answer.content.decode()
    refused = client.post(url, {"reason": "Encore", "urgency": "soon"})
    assert refused.status_code == 422
    assert "déjà ouvert" in refused.content.decode()
    assert Case.objects.count() == 1


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.BED_MANAGER, Role.TECHNICAL_ADMIN])
def test_others_find_nothing(role, dac, coordinator, physician, person_id):
    case = active(person_id, physician, coordinator)
    other = people.coordination(departement="71") if role == Role.COORDINATOR else people.organisation()
    client = signed_in(people.actor(role, other))
    for path in (f"{case.id}/", f"{case.id}/cloture/", f"parcours/{person_id}/", f"signaler/{person_id}/"):
        assert client.get(f"/dossiers/{path}").status_code == 404, path


def test_the_person_s_page_tells_level_referent_and_course(coordinator, physician, person_id):
    case = active(person_id, physician, coordinator)
    client = signed_in(coordinator)
    with open_trail():
        assert f"Référent : {coordinator.display_name}" in [
            chip.label for chip in banner_of(person_id, actor=physician).chips
        ]
    client.post(
        f"/dossiers/{case.id}/niveau/",
        {"version": case.version, "level": "2", "reason": "Complexe", "assessed_on": today().isoformat()},
    )
    with open_trail():
        chips = [chip.label for chip in banner_of(person_id, actor=physician).chips]
        panels = {panel.title: panel for panel in panels_of(person_id, actor=physician)}
        course = timeline(person_id, actor=physician)
    assert "Niveau 2" in chips
    assert panels["Coordination"].context["state_label"] == "Suivie"
    assert course.days[0].events


def test_the_timeline_page_filters_by_lane(coordinator, physician, person_id):
    proposed(person_id, physician)
    included(people.person(physician), physician, coordinator)
    client = signed_in(physician)
    whole = client.get(f"/dossiers/parcours/{person_id}/").content.decode()
    assert "Appui du DAC demandé" in whole
    assert "Temps d’annonce avec la personne" in whole
    lane = client.get(f"/dossiers/parcours/{person_id}/?volet=Coordination").content.decode()
    assert "Temps d’annonce avec la personne" not in lane
