"""The pages of requests, for each role that uses them and for those who must not see them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.access.commands import withdraw_sharing_consent
from accounts.access.models import SharingConsent
from accounts.access.records import WithdrawSharingConsent
from accounts.access.states import ConsentMeans
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from pathway.referrals.models import Request, RequestLine
from pathway.referrals.states import LineState
from pathway.structures.states import OfferKind
from tests.factories import people, referrals
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


def text_of(response):
    return response.content.decode()


def test_a_physician_asks_in_three_steps():
    by = people.actor(Role.PHYSICIAN)
    person_id = people.person(by)
    structure = referrals.structure(name="USP des Tilleuls (fictif)")
    client = signed_in(by)
    new = reverse("referrals:new", args=[person_id])
    assert client.get(new).status_code == 200
    refused = client.post(new, {"kind": "usp", "urgency": "asap", "level": "3", "reason": "", "question": "Accueil"})
    assert refused.status_code == 422
    sent = {
        "kind": "usp",
        "urgency": "asap",
        "level": "3",
        "reason": "Douleur",
        "question": "Accueil",
        "diagnosis": "Cancer",
        "callback": "0353010001",
        "needs": ["oxygen"],
    }
    assert client.post(new, sent).status_code == 302
    request = Request.objects.get()
    choose = reverse("referrals:choose", args=[request.id])
    listed = text_of(client.get(choose))
    assert "USP des Tilleuls (fictif)" in listed
    assert "Intervient dans son secteur" in listed
    assert client.post(choose, {"version": request.version, "offers": []}).status_code == 422
    assert client.post(choose, {"version": request.version, "offers": [str(structure.offer.id)]}).status_code == 302
    send = reverse("referrals:send", args=[request.id])
    assert "USP des Tilleuls (fictif)" in text_of(client.get(send))
    consent = {"version": Request.objects.get().version, "consent_given_on": today(), "consent_means": "spoken"}
    assert client.post(send, consent).status_code == 422
    assert client.post(send, {**consent, "informed": "on"}).status_code == 302
    assert RequestLine.objects.get().state == LineState.SENT
    assert client.get(send).status_code == 302


def test_the_sender_follows_every_structure_and_others_get_404():
    asked = referrals.sent(
        referrals.structure(name="USP Alpha (fictif)"), referrals.structure(name="LISP Bêta (fictif)")
    )
    page = reverse("referrals:request", args=[asked.request_id])
    shown = text_of(signed_in(asked.sender).get(page))
    assert "USP Alpha (fictif)" in shown
    assert "LISP Bêta (fictif)" in shown
    assert referrals.SECRET in shown
    for other in (people.actor(Role.PHYSICIAN), asked.structures[0].physician, asked.structures[0].manager):
        assert signed_in(other).get(page).status_code == 404


def test_a_bed_manager_reads_the_minimum_set_until_the_structure_agrees():
    asked = referrals.sent()
    manager = asked.structures[0].manager
    page = reverse("referrals:line", args=[asked.line().id])
    client = signed_in(manager)
    before = text_of(client.get(page))
    assert "Douleur mal soulagée au domicile" in before
    assert referrals.SECRET not in before
    assert asked.line().state == LineState.RECEIVED
    answer = reverse("referrals:answer", args=[asked.line().id, "etude"])
    assert client.post(answer, {"version": asked.line().version}).status_code == 302
    agree = reverse("referrals:answer", args=[asked.line().id, "accord"])
    assert client.post(agree, {"version": asked.line().version}).status_code == 302
    assert referrals.SECRET in text_of(client.get(page))


def test_a_nurse_of_the_structure_opens_the_page_without_answering_for_it():
    asked = referrals.sent()
    page = reverse("referrals:line", args=[asked.line().id])
    shown = text_of(signed_in(asked.structures[0].nurse).get(page))
    assert referrals.SECRET not in shown
    assert "Ce n’est pas possible" not in shown
    assert asked.line().state == LineState.SENT


def test_a_structure_that_declines_sees_nothing_more():
    asked = referrals.sent()
    referrals.studied(asked)
    client = signed_in(asked.structures[0].manager)
    decline = reverse("referrals:answer", args=[asked.line().id, "refus"])
    assert client.post(decline, {"version": asked.line().version}).status_code == 422
    given = {"version": asked.line().version, "reason": "no-place", "note": "Rappelez lundi", "alternative": "had"}
    assert client.post(decline, given).status_code == 302
    assert client.get(reverse("referrals:line", args=[asked.line().id])).status_code == 404
    shown = text_of(signed_in(asked.sender).get(reverse("referrals:request", args=[asked.request_id])))
    assert "Hospitalisation à domicile" in shown
    assert "Rappelez lundi" in shown
    assert "Aucune structure ne peut accueillir" in shown


def test_a_question_is_answered_and_a_silence_reminded_from_the_request():
    asked = referrals.sent(referrals.structure(), referrals.structure())
    client = signed_in(asked.structures[0].physician)
    client.get(reverse("referrals:line", args=[asked.line().id]))
    ask = reverse("referrals:answer", args=[asked.line().id, "complement"])
    assert client.post(ask, {"version": asked.line().version, "text": "Quel poids ?"}).status_code == 302
    sender = signed_in(asked.sender)
    assert "Quel poids ?" in text_of(sender.get(reverse("referrals:request", args=[asked.request_id])))
    reply = reverse("referrals:follow", args=[asked.line().id, "reponse"])
    assert sender.post(reply, {"version": asked.line().version, "text": "52 kg"}).status_code == 302
    remind = reverse("referrals:follow", args=[asked.line(1).id, "relance"])
    assert sender.get(remind).status_code == 200
    assert sender.post(remind, {"version": asked.line(1).version, "text": "Bonjour"}).status_code == 302
    assert signed_in(people.actor(Role.NURSE)).get(remind).status_code == 404


def test_the_inbox_shows_what_waits_by_state():
    structure = referrals.structure(name="USP des Tilleuls (fictif)")
    first = referrals.sent(structure)
    referrals.sent(structure)
    referrals.studied(first)
    client = signed_in(structure.manager)
    shown = text_of(client.get(reverse("referrals:incoming")))
    assert shown.count("Demandée par") >= 1
    assert "PASSEREAUDE" in shown or "CANARIVAUX" in shown or "SERINVILLE" in shown
    assert "À l’étude" in text_of(client.get(reverse("referrals:incoming") + "?etat=etude"))
    empty = text_of(signed_in(referrals.structure().manager).get(reverse("referrals:incoming")))
    assert "Rien n’attend ici" in empty


def test_the_outbox_puts_what_found_no_place_on_top():
    asked = referrals.sent()
    referrals.studied(asked)
    client = signed_in(asked.sender)
    given = {"version": asked.line().version, "reason": "no-place"}
    decline = reverse("referrals:answer", args=[asked.line().id, "refus"])
    signed_in(asked.structures[0].manager).post(decline, given)
    assert "Sans solution pour l’instant" in text_of(client.get(reverse("referrals:outgoing")))
    for tab in ("abouties", "brouillons", "closes"):
        assert client.get(f"{reverse('referrals:outgoing')}?etat={tab}").status_code == 200


def test_a_lost_request_goes_to_further_structures_and_is_taken_back():
    asked = referrals.sent()
    other = referrals.structure(OfferKind.LISP)
    client = signed_in(asked.sender)
    more = reverse("referrals:send_more", args=[asked.request_id])
    assert other.offer.name in text_of(client.get(f"{more}?type=lisp"))
    given = {
        "version": asked.request.version,
        "offers": [str(other.offer.id)],
        "consent_given_on": today() - timedelta(days=1),
        "consent_means": "written",
        "informed": "on",
    }
    assert client.post(f"{more}?type=lisp", given).status_code == 302
    assert RequestLine.objects.filter(state=LineState.SENT).count() == 2
    revoke = reverse("referrals:revoke", args=[asked.request_id])
    assert client.post(revoke, {"version": asked.request.version, "reason": "returned-home"}).status_code == 302
    assert set(RequestLine.objects.values_list("state", flat=True)) == {LineState.CLOSED_ELSEWHERE}


@pytest.mark.parametrize("count", [1, 5])
def test_lists_cost_the_same_for_one_and_five(count, django_assert_max_num_queries):
    structure = referrals.structure()
    sender = people.actor(Role.PHYSICIAN)
    for _ in range(count):
        referrals.sent(structure, sender=sender)
    inbox, outbox = signed_in(structure.manager), signed_in(sender)
    with django_assert_max_num_queries(16):
        assert inbox.get(reverse("referrals:incoming")).status_code == 200
    with django_assert_max_num_queries(18):
        assert outbox.get(reverse("referrals:outgoing")).status_code == 200


def test_roles_without_the_right_are_turned_away():
    asked = referrals.sent()
    for role in (Role.TECHNICAL_ADMIN, Role.EMERGENCY_DISPATCHER):
        client = signed_in(people.actor(role, asked.structures[0].organisation))
        assert client.get(reverse("referrals:line", args=[asked.line().id])).status_code == 404
        assert client.get(reverse("referrals:incoming")).status_code == 403


def test_a_unit_reads_what_was_addressed_to_its_establishment():
    structure = referrals.structure()
    unit = people.organisation(part_of=structure.organisation)
    asked = referrals.sent(structure)
    manager = signed_in(people.actor(Role.BED_MANAGER, unit))
    assert "Demandes reçues" in text_of(manager.get(reverse("referrals:incoming")))
    assert manager.get(reverse("referrals:line", args=[asked.line().id])).status_code == 200
    sibling = signed_in(people.actor(Role.BED_MANAGER, people.organisation()))
    assert sibling.get(reverse("referrals:line", args=[asked.line().id])).status_code == 404


def test_an_agreement_taken_back_empties_the_inbox_at_once():
    asked = referrals.sent()
    inbox, page = reverse("referrals:incoming"), reverse("referrals:line", args=[asked.line().id])
    client = signed_in(asked.structures[0].manager)
    assert "Philomène" in text_of(client.get(inbox))
    record = WithdrawSharingConsent(
        consent_id=SharingConsent.objects.get().id, withdrawn_on=today(), means=ConsentMeans.SPOKEN
    )
    withdraw_sharing_consent(record, by=asked.sender)
    assert "Philomène" not in text_of(client.get(inbox))
    assert client.get(page).status_code == 404
