"""The pages of the rapid response, as the caller, the team and a stranger see them."""

import pytest
from django.urls import reverse

from accounts.access.circle import enter
from accounts.access.records import OpenMembership
from accounts.access.states import Basis
from accounts.kernel.actor import Role
from accounts.kernel.clock import in_hours
from pathway.rapid_response.models import Alert
from tests.factories import alerts, people
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


def test_a_nurse_calls_the_team_of_the_sector_from_one_page(nurse, person_id, offer):
    client = signed_in(nurse)
    address = reverse("alerts:new", args=[person_id])
    assert offer.name in client.get(address).content.decode()
    said = {
        "offer": str(offer.id),
        "is_palliative": "unknown",
        "reason": "Douleur",
        "callback_phone": "03 53 01 00 01",
        "agreed_on": "2026-01-05",
        "agreed_by": "spoken",
    }
    refused = client.post(address, {**said, "is_palliative": "no"})
    assert refused.status_code == 422
    assert "appelez le 15" in refused.content.decode()
    client.post(address, said)
    assert Alert.objects.get().state == "called"


def test_where_no_team_covers_the_home_the_page_says_whom_to_call(nurse, person_id):
    assert (
        "Aucune équipe rapide ne couvre ce domicile"
        in signed_in(nurse).get(reverse("alerts:new", args=[person_id])).content.decode()
    )


@pytest.mark.parametrize("role", [Role.PHYSICIAN, Role.NURSE, Role.BED_MANAGER])
def test_the_team_sees_the_call_before_it_answers_and_follows_it(nurse, person_id, offer, role):
    alert_id = alerts.alert(person_id, offer, nurse)
    client = signed_in(people.actor(role, offer.organisation))
    shown = client.get(reverse("alerts:page", args=[alert_id]))
    assert shown.status_code == 200
    assert "Prendre l’appel" in shown.content.decode()
    client.post(reverse("alerts:follow", args=[alert_id]), {"action": "answer", "version": 1})
    client.post(reverse("alerts:follow", args=[alert_id]), {"action": "arrive", "version": 2})
    relay = reverse("alerts:relay", args=[alert_id])
    assert client.get(relay).status_code == 200
    pause = client.post(reverse("alerts:pause", args=[alert_id]), {"reason": "family_asked", "version": 3})
    assert pause.status_code == 302
    assert "En pause" in client.get(reverse("alerts:page", args=[alert_id])).content.decode()
    assert client.get(reverse("alerts:clock", args=[alert_id])).status_code == 200


def test_a_stale_step_is_told_and_changes_nothing(nurse, person_id, offer):
    alert_id = alerts.alert(person_id, offer, nurse)
    client = signed_in(people.actor(Role.PHYSICIAN, offer.organisation))
    for _ in range(2):
        answer = client.post(reverse("alerts:follow", args=[alert_id]), {"action": "answer", "version": 1}, follow=True)
    assert "modifié" in answer.content.decode() or "pas possible" in answer.content.decode()
    assert Alert.objects.get().version == 2


@pytest.mark.parametrize(
    "role", [Role.PHYSICIAN, Role.COORDINATOR, Role.BED_MANAGER, Role.TECHNICAL_ADMIN, Role.SOCIAL_WORKER]
)
def test_a_stranger_finds_nothing(nurse, person_id, offer, role):
    alert_id = alerts.alert(person_id, offer, nurse)
    client = signed_in(people.actor(role))
    for name in ("page", "clock", "relay", "close"):
        assert client.get(reverse(f"alerts:{name}", args=[alert_id])).status_code == 404
    assert in_hours(1) > Alert.objects.get().called_at


def test_a_call_is_offered_before_the_person_has_agreed_since_its_form_records_that(nurse, person_id):
    text = signed_in(nurse).get(reverse("people:page", args=[person_id])).content.decode()
    assert reverse("alerts:new", args=[person_id]) in text


def test_who_may_not_call_is_shown_no_form(person_id, offer):
    """Who only knows the person would fill it in for nothing: the call is for those who take care of her."""
    known = people.actor(Role.PHYSICIAN)
    enter(OpenMembership(person_id=person_id, organisation_id=known.organisation_id, basis=Basis.KNOWN))
    address = reverse("alerts:new", args=[person_id])
    assert signed_in(known).get(address).status_code == 403
    assert signed_in(known).post(address, {"offer": str(offer.id)}).status_code == 403


def test_who_follows_the_progress_alone_is_led_nowhere_that_is_closed(nurse, person_id, offer):
    alert_id = alerts.alert(person_id, offer, nurse)
    manager = people.actor(Role.BED_MANAGER)
    enter(OpenMembership(person_id=person_id, organisation_id=manager.organisation_id, basis=Basis.ACCEPTED_REFERRAL))
    way = reverse("alerts:page", args=[alert_id])
    assert signed_in(manager).get(way).status_code == 403
    told, whole = (
        signed_in(one).get(reverse("people:page", args=[person_id])).content.decode() for one in (manager, nurse)
    )
    assert "Équipe rapide" in told
    assert "Suivre l’appel" not in told
    assert "Suivre l’appel" in whole
    assert (told.count(way), whole.count(way)) == (0, 3), "the chip, the panel and the line of the timeline"
