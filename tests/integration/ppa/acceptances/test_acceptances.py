"""The designated person: a link by e-mail, a code by voice, the guide, her answer, and the trail of it all."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.access.circle import present
from accounts.access.commands import record_opposition
from accounts.access.gate import open_trail
from accounts.access.records import RecordOpposition
from accounts.access.states import Category, ConsentMeans
from accounts.kernel.actor import ANONYMOUS, Role, system_actor
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotFound
from accounts.outbox.drain import drain
from ppa.acceptances.commands import invite_trusted_person, note_acceptance_link_sent, note_receipt
from ppa.acceptances.models import AcceptanceLink, AcceptanceStep
from ppa.acceptances.queries import steps_of, visit
from ppa.acceptances.records import InviteTrustedPerson, NoteAcceptanceLinkSent, NoteReceipt
from ppa.acceptances.rules import DurationNotOffered, LinkOver, NobodyToAsk, ReceiptWrong
from ppa.acceptances.states import GUIDE, StepKind
from ppa.trusted_persons.models import Designation
from ppa.trusted_persons.queries import designation_snapshot
from ppa.trusted_persons.records import Signatures
from ppa.trusted_persons.states import State
from tests.factories import directives, people, trusted_persons
from tests.factories.trusted_persons import BOTH
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db
OVER = "Ce lien ne s’ouvre plus"
ANSWER = "/confiance/reponse/"


class Story:
    """A nurse, her patient, somebody chosen whose signature is awaited, and what the nurse's pages say."""

    def __init__(self, **fields):
        self.nurse = people.actor(Role.NURSE)
        self.person_id = people.person(self.nurse)
        relative_id = people.relative(self.person_id, self.nurse, family="CANARIPROCHE")
        given = {"signatures": Signatures(person_signed_on=BOTH.person_signed_on), "awaits_signature": True, **fields}
        self.designation_id = trusted_persons.designation(self.person_id, relative_id, self.nurse, **given)

    def url(self, name):
        return reverse(f"acceptances:{name}", args=[self.person_id, self.designation_id])

    @property
    def designation(self):
        return designation_snapshot(self.designation_id)

    def invite(self, *, send=True, **fields):
        given = {"version": self.designation.version, "email": "proche@example.test", "days": "7", **fields}
        answer = signed_in(self.nurse).post(self.url("invite"), given)
        self.code = answer.context.get("code", "") if answer.context else ""
        if send:
            drain()
        return answer

    @property
    def link(self):
        return re.search(r"http://\S+?(/confiance/reponse/\S+)", mail.outbox[-1].body)[1]

    def opened(self):
        client = Client()
        assert client.post(self.link, {"code": self.code})["Location"] == ANSWER
        return client

    def trail(self):
        with open_trail():
            return [one.kind for one in steps_of(self.designation_id, actor=self.physician)]

    @property
    def physician(self):
        return directives.colleague(Role.PHYSICIAN, self.person_id)


@pytest.fixture
def story():
    return Story()


def test_she_reads_the_guide_and_accepts_and_the_signature_is_still_awaited(story):
    assert "Code à donner de vive voix" in story.invite().content.decode()
    said = mail.outbox[-1]
    assert (said.subject, said.to) == ("Une demande vous attend", ["proche@example.test"])
    assert "CANARI" not in said.body
    client = story.opened()
    text = client.get(ANSWER).content.decode()
    assert "Votre rôle" in text
    assert "CANARIPROCHE" in text
    refused = client.post(ANSWER, {"accepts": "yes", "name": "Capucine Essai"})
    assert "Seule une personne majeure" in refused.content.decode()
    done = client.post(ANSWER, {"accepts": "yes", "name": "Capucine Essai", "is_adult": "on"}).content.decode()
    assert "Il reste à signer" in done
    assert story.designation.state == State.DESIGNATED_UNSIGNED
    assert story.designation.signatures.trusted_signed_on is None
    assert story.trail() == [StepKind.INVITED, StepKind.SENT, StepKind.GUIDE_READ, StepKind.ACCEPTED]
    assert client.get(ANSWER).status_code == 404


@pytest.mark.parametrize("signed", [False, True])
def test_she_declines_and_the_designation_ends(signed):
    story = Story(**({"signatures": BOTH, "awaits_signature": False} if signed else {}))
    story.invite()
    done = story.opened().post(ANSWER, {"accepts": "no", "name": "Capucine Essai"})
    assert "simplement" in done.content.decode()
    assert story.designation.state == State.RENOUNCED
    assert "Capucine Essai" in story.designation.end_received_by


def test_a_link_opens_once_with_its_code_and_a_new_one_ends_the_former(story):
    story.invite()
    first, code = story.link, story.code
    wrong = Client().post(first, {"code": "00000000" if code != "00 00 00 00" else "11111111"})
    assert "pas le bon" in wrong.content.decode()
    story.invite()
    assert OVER in Client().get(first).content.decode()
    story.opened()
    assert OVER in Client().get(story.link).content.decode()
    kept = AcceptanceLink.objects.get(opened_at__isnull=False)
    assert (kept.link, kept.code, kept.email) == ("", "", "")


def test_five_wrong_codes_end_a_link(story):
    story.invite()
    for _ in range(5):
        Client().post(story.link, {"code": "x"})
    assert OVER in Client().post(story.link, {"code": story.code}).content.decode()


def test_a_link_that_waited_too_long_or_whose_designation_ended_opens_nothing(story):
    story.invite()
    client = story.opened()
    Designation.objects.filter(pk=story.designation_id).update(state=State.REVOKED)
    over = client.get(ANSWER).content.decode()
    assert OVER in over
    assert "Revenir à l’accueil" not in over
    AcceptanceLink.objects.update(until=now() - timedelta(minutes=1))
    with pytest.raises(LinkOver):
        visit(AcceptanceLink.objects.get().id, actor=ANONYMOUS)


def test_a_professional_who_is_signed_in_does_not_answer_for_her(story):
    story.invite()
    assert signed_in(story.nurse).get(story.link).status_code == 403
    assert Client().get(ANSWER).status_code == 404


def test_nobody_is_asked_before_somebody_is_chosen(story):
    Designation.objects.filter(pk=story.designation_id).update(state=State.PROPOSED)
    record = InviteTrustedPerson(
        designation_id=story.designation_id,
        version=story.designation.version,
        email="proche@example.test",
        days=7,
        link=story.designation_id,
        code="1",
    )
    with pytest.raises(NobodyToAsk):
        invite_trusted_person(record, by=story.nurse)


def test_another_duration_is_refused(story):
    record = InviteTrustedPerson(
        designation_id=story.designation_id,
        version=story.designation.version,
        email="proche@example.test",
        days=90,
        link=story.designation_id,
        code="1",
    )
    with pytest.raises(DurationNotOffered):
        invite_trusted_person(record, by=story.nurse)


def test_the_guide_handed_over_and_a_spoken_yes_are_noted_and_nothing_changes_them(story):
    client = signed_in(story.nurse)
    given = {"kind": "guide_given", "happened_on": today().isoformat(), "told_by": ""}
    assert client.post(story.url("receipt"), {**given, "version": story.designation.version}).status_code == 422
    for kind in ("guide_given", "accepted"):
        fields = {"version": story.designation.version, "kind": kind, "told_by": "Essai CANARIPROCHE"}
        client.post(story.url("receipt"), {**given, **fields})
    shown = signed_in(story.physician).get(story.url("trail")).content.decode()
    assert "Guide remis en main propre" in shown
    assert f"Guide {GUIDE}, Essai CANARIPROCHE" in shown
    assert "Essai CANARIPROCHE" in shown
    assert client.get(story.url("trail")).status_code == 404
    with pytest.raises(DatabaseError), transaction.atomic():
        AcceptanceStep.objects.update(happened_on=today() - timedelta(days=1))


@pytest.mark.parametrize(
    "fields", [{"kind": StepKind.SENT}, {"happened_on": today() + timedelta(days=1)}, {"told_by": " "}]
)
def test_only_what_happened_without_a_link_is_noted_by_hand(story, fields):
    values = {"kind": StepKind.GUIDE_GIVEN, "happened_on": today(), "told_by": "Essai", **fields}
    record = NoteReceipt(designation_id=story.designation_id, version=story.designation.version, **values)
    with pytest.raises(ReceiptWrong):
        note_receipt(record, by=story.nurse)


def test_the_sending_of_an_unknown_link_is_not_noted():
    with pytest.raises(NotFound):
        note_acceptance_link_sent(NoteAcceptanceLinkSent(id=AcceptanceLink().id), by=system_actor("acceptance-link"))


@pytest.mark.parametrize("category", [Category.ALL, Category.DIRECTIVES])
def test_no_link_leaves_when_the_person_refuses_who_asks_before_it_does(story, category):
    story.invite(send=False)
    refused = RecordOpposition(
        person_id=story.person_id, organisation_id=story.nurse.organisation_id, stated_on=today(),
        means=ConsentMeans.SPOKEN, categories=frozenset({category}),
    )  # fmt: skip
    record_opposition(refused, by=story.nurse)
    drain()
    assert mail.outbox == []


def test_no_link_leaves_once_who_asks_has_left_the_circle(story):
    story.invite(send=False)
    present(story.person_id).update(ends_at=now())
    drain()
    assert mail.outbox == []
