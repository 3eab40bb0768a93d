"""Each role's desk, and the page of a person."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.organisations.models import Membership, Organisation
from accounts.retention.commands import ask_purge
from accounts.retention.records import AskPurge
from accounts.rights.models import AccessExport
from accounts.staff.commands import ask_reset
from accounts.staff.records import AskReset
from pathway.stays.commands import record_death
from pathway.stays.records import RecordDeath
from tests.factories import alerts, announcements, emergency_sheets, people, whole_story
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]

SIGNED_IN = [role for role in Role if role not in (Role.ANONYMOUS, Role.SYSTEM, Role.FHIR_CLIENT)]


def statements(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("role", SIGNED_IN)
def test_every_role_has_a_desk_and_each_link_of_it_opens(role):
    client = signed_in(people.actor(role, people.coordination()))
    answer = client.get("/")
    assert answer.status_code == 200
    assert "<c-" not in answer.content.decode()
    for link in answer.context["desk"]["links"]:
        assert client.get(link["url"]).status_code == 200, link["label"]


def test_nobody_is_led_to_the_sign_in_page(client):
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/connexion/")


def test_the_page_of_a_person_gathers_what_is_known_and_offers_what_may_be_done():
    nurse = people.actor(Role.NURSE)
    person_id = people.person(nurse)
    alerts.alert(person_id, alerts.rapid_team(), nurse)
    page = signed_in(nurse).get(reverse("people:page", args=[person_id])).content.decode()
    for words in ("CANARIVAUX", "SERINVILLE", "PASSEREAUDE"):
        if words in page:
            break
    else:
        pytest.fail("the name is missing")
    for words in ("INS qualifiée", "Équipe rapide", "Orienter", "Fil du parcours", "Équipe rapide appelée"):
        assert words in page, words


def test_after_a_death_nothing_more_is_offered_for_her():
    physician = people.actor(Role.PHYSICIAN)
    person_id = people.person(physician)
    client, address = signed_in(physician), reverse("people:page", args=[person_id])
    before = client.get(address).content.decode()
    record_death(RecordDeath(person_id=person_id, died_on=today()), by=physician)
    after = client.get(address).content.decode()
    for words in (
        "Orienter",
        "Noter une annonce",
        "Appeler l’équipe rapide",
        "Enregistrer des directives",
        "Enregistrer un décès",
    ):
        assert words in before, words
        assert words not in after, words
    assert "Personne décédée le" in after
    assert "expiré" not in after.casefold()


def test_after_a_death_no_page_of_hers_waits_for_her_answer_nor_for_the_samu():
    physician = people.actor(Role.PHYSICIAN)
    person_id = people.person(physician)
    people.coordination()
    announcements.proposed(person_id, physician)
    emergency_sheets.signed(person_id, physician)
    shown = [signed_in(physician).get(reverse("people:page", args=[person_id])).content.decode()]
    record_death(RecordDeath(person_id=person_id, died_on=today()), by=physician)
    shown.append(signed_in(physician).get(reverse("people:page", args=[person_id])).content.decode())
    for words in ("Proposition d’un plan : ", "Le SAMU la retrouverait-il"):
        assert [words in page for page in shown] == [True, False]


@pytest.mark.parametrize("role", SIGNED_IN)
def test_a_stranger_finds_no_page_of_hers(role):
    person_id = people.person(people.actor(Role.NURSE))
    assert signed_in(people.actor(role)).get(reverse("people:page", args=[person_id])).status_code == 404


def test_the_page_costs_the_same_whatever_is_round_her():
    nurse = people.actor(Role.NURSE)
    counts = []
    for many in (1, 5):
        person_id = people.person(nurse)
        for _ in range(many):
            people.relative(person_id, nurse)
        counts.append(statements(signed_in(nurse), reverse("people:page", args=[person_id])))
    assert counts[0] == counts[1]
    assert counts[0] <= 32, "each object is read once: chips and panels share it"


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.NURSE, Role.PHYSICIAN])
def test_a_desk_costs_the_same_with_one_and_five_alerts(role):
    place = people.coordination()
    someone = people.actor(role, place)
    nurse = people.actor(Role.NURSE, place)
    offer = alerts.rapid_team()
    counts = []
    for many in (1, 4):
        for _ in range(many):
            alerts.alert(people.person(nurse), offer, nurse)
        counts.append(statements(signed_in(someone), "/"))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("text", ["philo", "12/03/1955", "03 80 00 00 01"])
def test_a_search_finds_her_and_puts_nothing_in_an_address(text):
    nurse = people.actor(Role.NURSE)
    person_id = people.person(nurse)
    answer = signed_in(nurse).post(reverse("people:search"), {"q": text})
    assert str(person_id) in answer.content.decode()
    assert "q=" not in answer.request["QUERY_STRING"]


def test_an_empty_search_says_what_to_write():
    answer = signed_in(people.actor(Role.NURSE)).post(reverse("people:search"), {"q": " "})
    assert "Écrivez un nom, une date, un numéro ou un matricule INS." in answer.content.decode()


def test_a_person_is_registered_with_her_refusals_beside_their_field():
    client = signed_in(people.actor(Role.NURSE))
    given = {"birth_name": "SERINVILLE", "birth_given_names": "Rose", "birth_date": "1950-01-02", "sex": "female"}
    wrong = client.post(
        reverse("people:register"),
        {**given, "ins": "255032100000100", "ins_kind": "1.2.250.1.213.1.4.10", "birthplace": "21231"},
    )
    assert wrong.status_code == 422
    assert "clé ne correspond pas" in wrong.content.decode()
    right = client.post(reverse("people:register"), given)
    assert right.status_code == 302
    assert client.get(right["Location"]).status_code == 200


def test_contact_relative_circle_and_agreement_pages_open_and_keep(client):
    nurse = people.actor(Role.NURSE)
    person_id = people.person(nurse)
    me = signed_in(nurse)
    for name in ("contact", "relative", "circle", "consent", "opposition"):
        assert me.get(reverse(f"people:{name}", args=[person_id])).status_code == 200, name
    kept = me.post(
        reverse("people:contact", args=[person_id]),
        {"version": 1, "phone": "03 80 00 00 09", "postal_code": "21000", "city": "Dijon"},
    )
    assert kept.status_code == 302
    stale = me.post(reverse("people:contact", args=[person_id]), {"version": 1, "phone": "03 80 00 00 08"})
    assert stale.status_code == 422
    assert "modifié cet élément entre-temps" in stale.content.decode()
    other = people.organisation()
    agreed = {
        "organisations": [str(other.id)],
        "categories": ["all"],
        "given_on": "2026-01-05",
        "means": "spoken",
    }
    assert me.post(reverse("people:consent", args=[person_id]), agreed).status_code == 302
    assert other.name in me.get(reverse("people:circle", args=[person_id])).content.decode()


def test_the_desk_of_the_rights_manager_says_who_waits_and_what_is_due():
    hospital = people.organisation()
    manager, nurse, leaving = (
        people.actor(role, hospital) for role in (Role.RIGHTS_MANAGER, Role.NURSE, Role.PHYSICIAN)
    )
    signed_in(nurse)
    before = signed_in(manager).get("/").content.decode()
    assert "Elle n’a jamais été faite" in before
    assert "Aucune réinitialisation n’attend" in before
    ask_reset(AskReset(staff_id=nurse.professional_id), by=manager)
    Membership.objects.filter(professional_id=leaving.professional_id).update(ends_on=today() + timedelta(days=9))
    after = signed_in(manager).get("/").content.decode()
    assert f"Réinitialisation demandée par {manager.display_name}" in after
    assert "Une fonction prend fin le" in after
    assert after.count("/comptes/0") >= 2
    elsewhere = signed_in(people.actor(Role.RIGHTS_MANAGER)).get("/").content.decode()
    assert "Aucune réinitialisation n’attend" in elsewhere


def test_the_desks_of_those_who_erase_say_what_waits_for_another_person(clock):
    nurse = people.actor(Role.NURSE)
    people.person(nurse)
    hospital = Organisation.objects.get(pk=nurse.organisation_id)
    clock.forward(days=366 * 40)
    officer = people.actor(Role.PRIVACY_OFFICER, hospital)
    ask_purge(AskPurge(), by=officer)
    own = signed_in(officer).get("/").content.decode()
    assert "À confirmer par une autre personne" in own
    assert "À confirmer par vous" in signed_in(people.actor(Role.TECHNICAL_ADMIN)).get("/").content.decode()


def test_the_desk_of_the_privacy_officer_says_which_copies_wait():
    story = whole_story.told()
    asked = AccessExport.objects.get(person_id=story.person_id)
    officer = people.actor(Role.PRIVACY_OFFICER, asked.organisation)
    page = signed_in(officer).get("/").content.decode()
    assert asked.asker.display_name in page
    assert not any(one in page for one in story.everything)
