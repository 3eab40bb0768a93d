"""A professional without an account: a link by e-mail, a code by voice, the essential of one file, and its end."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from accounts.access.circle import present
from accounts.access.commands import record_opposition, withdraw_sharing_consent
from accounts.access.records import RecordOpposition, WithdrawSharingConsent
from accounts.access.states import Category, ConsentMeans
from accounts.audit.models import AuditRow
from accounts.authentication.models import User
from accounts.guests.models import GuestAccess
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.organisations.models import Professional
from accounts.outbox.drain import drain
from tests.factories import people, whole_story
from tests.factories.people import consented
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]
OVER = "Ce lien ne s’ouvre plus"


class Story:
    """A nurse, her patient who agrees, the practice of a general practitioner, and what the nurse's pages say."""

    def __init__(self, *, categories=frozenset({Category.ALL}), nurse=None, person_id=None):
        self.nurse = nurse or people.actor(Role.NURSE)
        self.person_id = person_id or people.person(self.nurse)
        self.practice = people.organisation("Cabinet de ville (fictif)")
        self.consent_id = consented(self.person_id, self.practice, by=self.nurse, categories=categories)
        self.page = f"/personnes/{self.person_id}/cercle/inviter/"

    def invite(self, *, send=True, **fields):
        answer = signed_in(self.nurse).post(
            self.page,
            {
                "organisation": str(self.practice.id), "role": "medecin", "family": "Traitant", "given": "Camille",
                "email": "camille@cabinet.example.test", "days": "3", **fields,
            },
        )  # fmt: skip
        self.code = answer.context.get("code", "") if answer.context else ""
        if send:
            drain()
        return answer

    @property
    def link(self):
        return re.search(r"http://\S+?(/invitation/\S+)", mail.outbox[-1].body)[1]

    def opened(self) -> Client:
        client = Client()
        answer = client.post(self.link, {"code": self.code})
        assert answer["Location"] == "/invitation/", answer.content.decode()
        return client


@pytest.fixture
def story():
    return Story()


def sees(client: Client) -> bool:
    return client.get("/invitation/").status_code == 200


def test_from_the_invitation_to_the_essential(story):
    circle = signed_in(story.nurse).get(f"/personnes/{story.person_id}/cercle/").content.decode()
    assert story.page in circle
    assert "Cabinet de ville" in signed_in(story.nurse).get(story.page).content.decode()
    answer = story.invite()
    assert re.fullmatch(r"(\d\d ){3}\d\d", story.code)
    assert story.code in answer.content.decode()
    assert [message.to for message in mail.outbox] == [["camille@cabinet.example.test"]]
    assert story.code.replace(" ", "") not in mail.outbox[0].body
    assert "Traitant" not in mail.outbox[0].body
    page = story.opened().get("/invitation/").content.decode()
    assert any(name in page for name in people.CANARY_NAMES)
    assert "en lecture seule" in page
    assert AuditRow.objects.filter(professional_id=Professional.objects.get(family="Traitant").id).exists()


def test_no_word_of_the_essential_leads_a_guest_to_a_door_that_is_closed_to_him():
    told = whole_story.told()
    story = Story(nurse=told.physician, person_id=told.person_id)
    story.invite()
    page = story.opened().get("/invitation/").content.decode()
    assert whole_story.WISH in page
    links = re.findall(r'<a\b[^>]*href="([^"]*)"', page)
    assert [one for one in links if not one.startswith(("tel:", "#"))] == []


def test_the_code_is_needed_and_five_wrong_ones_end_the_link(story):
    story.invite()
    client = Client()
    assert "donné de vive voix" in client.get(story.link).content.decode()
    for _ in range(5):
        assert "n’est pas le bon" in client.post(story.link, {"code": "00000000"}).content.decode()
        assert not sees(client)
    answer = client.post(story.link, {"code": story.code})
    assert (answer.status_code, OVER in answer.content.decode()) == (404, True)


def test_a_link_opens_once(story):
    story.invite()
    first = story.opened()
    thief = Client()
    assert thief.get(story.link).status_code == 404
    assert thief.post(story.link, {"code": story.code}).status_code == 404
    assert (sees(first), sees(thief)) == (True, False)
    kept = GuestAccess.objects.get()
    assert (kept.link, kept.code, kept.email) == ("", "", "")


def test_a_link_waits_for_the_days_it_was_given_and_a_visit_lasts_four_hours(story, clock):
    story.invite(days="1")
    late = story.link
    clock.forward(hours=25)
    assert Client().get(late).status_code == 404
    story.invite(days="3", family="Autre")
    client = story.opened()
    for _ in range(15):
        clock.forward(minutes=15)
        assert sees(client)
    clock.forward(minutes=16)
    assert not sees(client)


def test_a_visit_that_nobody_uses_ends(story, clock):
    story.invite()
    client = story.opened()
    clock.forward(minutes=21)
    assert not sees(client)


def test_an_agreement_taken_back_ends_the_visit_on_the_next_page(story):
    story.invite()
    client = story.opened()
    assert sees(client)
    withdrawn = WithdrawSharingConsent(consent_id=story.consent_id, withdrawn_on=today(), means=ConsentMeans.SPOKEN)
    withdraw_sharing_consent(withdrawn, by=story.nurse)
    assert not sees(client)


def test_an_opposition_ends_the_visit_too(story):
    story.invite()
    client = story.opened()
    refused = RecordOpposition(
        person_id=story.person_id, organisation_id=story.practice.id, stated_on=today(), means=ConsentMeans.SPOKEN
    )
    record_opposition(refused, by=story.nurse)
    assert not sees(client)


def test_whoever_invited_makes_the_guest_leave(story):
    story.invite()
    client = story.opened()
    inviter = signed_in(story.nurse)
    shown = inviter.get(f"/personnes/{story.person_id}/cercle/").content.decode()
    assert "Traitant" in shown
    membership = present(story.person_id).get(professional__family="Traitant")
    inviter.post(f"/personnes/{story.person_id}/cercle/sortie/", {"membership_id": str(membership.id)})
    assert not sees(client)


def test_nothing_leaves_when_the_agreement_went_before_the_mail(story):
    story.invite(send=False)
    withdrawn = WithdrawSharingConsent(consent_id=story.consent_id, withdrawn_on=today(), means=ConsentMeans.SPOKEN)
    withdraw_sharing_consent(withdrawn, by=story.nurse)
    drain()
    assert GuestAccess.objects.get().sent_at is None
    assert mail.outbox == []
    assert "L’accord de la personne manque" in signed_in(story.nurse).get(story.page).content.decode()


def test_without_an_agreement_nobody_is_invited(story):
    other = people.organisation()
    assert story.invite(organisation=str(other.id)).status_code == 422
    assert not GuestAccess.objects.exists()


def test_who_has_an_account_uses_it(story):
    known = people.actor(Role.PHYSICIAN, story.practice)
    User.objects.create(username="connu", professional_id=known.professional_id)
    Professional.objects.filter(pk=known.professional_id).update(rpps="10000000077")
    assert "a déjà un compte" in story.invite(rpps="10000000077").content.decode()


def test_an_agreement_for_some_data_opens_no_other():
    story = Story(categories=frozenset({Category.DIRECTIVES}))
    story.invite()
    page = story.opened().get("/invitation/").content.decode()
    assert "Limites de traitement" in page
    assert "Plan personnalisé" not in page
    assert {row.category for row in present(story.person_id).filter(professional__family="Traitant")} == {
        Category.IDENTITY, Category.DIRECTIVES,
    }  # fmt: skip


def test_a_guest_passes_no_other_door(story):
    story.invite()
    client = story.opened()
    for door in ("/", f"/personnes/{story.person_id}/", "/compte/sessions/", "/dossiers/"):
        assert client.get(door)["Location"].startswith("/connexion/")
    assert client.post("/invitation/").status_code == 405
    client.post("/invitation/fin/")
    assert not sees(client)


def test_somebody_signed_in_leaves_first(story):
    story.invite()
    client = signed_in(story.nurse)
    assert client.get(story.link).status_code == 403
    assert client.get("/invitation/").status_code == 404
    assert GuestAccess.objects.get().opened_at is None


@pytest.mark.parametrize("link", ["/invitation/3f0b1c6e-7c1c-4b7e-9a55-1d2f3a4b5c6d/", "/invitation/"])
def test_an_unknown_link_says_what_an_old_one_says(link):
    answer = Client().get(link)
    assert (answer.status_code, OVER in answer.content.decode()) == (404, True)


def test_a_copy_of_the_database_holds_neither_link_nor_code_nor_address(story):
    story.invite()
    raw = str(GuestAccess.objects.values("link", "link_digest", "code", "email").get())
    secret = story.link.split("/")[2]
    for told in (secret, secret.replace("-", ""), story.code.replace(" ", ""), "camille"):
        assert told not in raw


def test_the_end_is_written_in_the_circle(story):
    story.invite(days="7")
    row = present(story.person_id).get(professional__family="Traitant")
    assert timedelta(days=7) < row.ends_at - row.starts_at < timedelta(days=7, hours=5)


def refuse(story, organisation_id, category=Category.ALL):
    record_opposition(
        RecordOpposition(
            person_id=story.person_id, organisation_id=organisation_id, stated_on=today(), means=ConsentMeans.SPOKEN,
            categories=frozenset({category}),
        ),
        by=story.nurse,
    )  # fmt: skip


@pytest.mark.parametrize("refused", ["everybody else", "the guest", "who invited"])
def test_no_link_leaves_when_the_person_refuses_before_it_does(story, refused):
    story.invite(send=False)
    refuse(story, {"the guest": story.practice.id, "who invited": story.nurse.organisation_id}.get(refused))
    drain()
    assert mail.outbox == []
    assert GuestAccess.objects.get().sent_at is None
