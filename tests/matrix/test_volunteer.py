"""A volunteer beside her at each address: a view of his own, smaller than anybody's, and not a word of care.

What the person agreed to share with his association decides whether he reads what matters to her.
"""

from datetime import timedelta

import pytest

from accounts.access.commands import agree_and_add
from accounts.access.gate import open_trail
from accounts.access.models import SharingConsent
from accounts.access.records import RecordSharingConsent
from accounts.access.states import Category, ConsentMeans
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import DomainError, NotFound
from accounts.organisations.states import OrganisationKind
from accounts.people.queries import find_people
from accounts.staff.rules import RoleNotHere, check_role
from pathway.visits.commands import record_visit
from pathway.visits.models import VolunteerVisit
from pathway.visits.queries import own_visits, visits_of
from pathway.visits.records import RecordVisit
from pathway.visits.states import Presence
from ppa.plans.commands import write_topic
from ppa.plans.models import PlanTopic
from ppa.plans.records import WriteTopic
from tests.factories import emergencies, people
from tests.factories.whole_story import CALL, ILLNESS, NEED, RELATIVE, WISH
from tests.matrix.world import Place, Visitor, address_of, our_routes
from tests.support.screens import signed_in
from tests.support.undone import undone

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PERSON = "personnes/<uuid:person_id>/"
OPEN = {
    PERSON, f"{PERSON}cercle/", "visites/personnes/<uuid:person_id>/", "structures/<uuid:offer_id>/",
    "dossiers/parcours/<uuid:person_id>/",
}  # fmt: skip
"""The last is the timeline of what he may read, as part of her page."""
MATTERS = "Mon jardin CANARIJARDIN"
NEVER_TOLD = (NEED.split()[-1], CALL, ILLNESS.split()[-1], RELATIVE, WISH.split()[-1])


@pytest.fixture
def told(world):
    """What matters to her is written in her plan."""
    with undone():
        coordinator = world.actor(Visitor(Role.COORDINATOR, Place.COORDINATION))
        row = PlanTopic.objects.filter(plan_id=world.plan_id, code="what_matters").first()
        version = row.version if row else 0
        write_topic(
            WriteTopic(plan_id=world.plan_id, code="what_matters", text=MATTERS, version=version), by=coordinator
        )
        yield world


def volunteer(world, *categories):
    """Return a volunteer of an association that the person agreed to, for these parts of her file."""
    association = people.organisation("Association (fictive)", kind=OrganisationKind.ASSOCIATION)
    nurse = world.actor(Visitor(Role.NURSE, Place.TEAM))
    consent = RecordSharingConsent(
        person_id=world.story.person_id,
        organisation_ids=frozenset({association.id}),
        given_on=today(),
        means=ConsentMeans.SPOKEN,
        categories=frozenset(categories),
    )
    agree_and_add(consent, by=nurse)
    return people.actor(Role.VOLUNTEER, association)


def visit(world, **fields):
    given = {"visited_on": today(), "presence": Presence.MET, **fields}
    return RecordVisit(person_id=world.story.person_id, **given)


def test_each_address(told):
    """With all that the person can agree to: her whole file to his association."""
    client, ids = signed_in(volunteer(told, Category.ALL)), told.ids_at(Place.TEAM)
    opened, leaks = set(), []
    for pattern in (one for one in our_routes() if "<" in one):
        response = client.get(address_of(pattern, ids))
        assert response.status_code in (200, 302, 403, 404, 405), pattern
        if response.status_code == 200:
            opened.add(pattern)
            body = b"".join(response) if response.streaming else response.content
            leaks += [(pattern, one) for one in NEVER_TOLD if one.encode() in body]
    assert leaks == []
    assert opened == OPEN


@pytest.mark.parametrize(
    ("category", "reads"), [(Category.WHAT_MATTERS, True), (Category.ALL, True), (Category.REQUESTS, False)]
)
def test_what_matters_is_read_when_the_person_agreed_to_share_it(told, category, reads):
    page = signed_in(volunteer(told, category)).get(f"/personnes/{told.story.person_id}/").content.decode()
    assert ("CANARIJARDIN" in page) == reads
    assert ("Ce qui compte pour elle" in page) == reads
    assert told.story.birth_name in page
    assert "Où la trouver" in page
    assert "Canaripré" in page


def test_he_writes_his_own_visits_and_reads_no_other_s(told):
    one, other = volunteer(told, Category.WHAT_MATTERS), volunteer(told, Category.WHAT_MATTERS)
    person_id = told.story.person_id
    address = f"/visites/personnes/{person_id}/"
    filled = {"visited_on": str(today()), "presence": "met", "note": "Elle aimerait relire un livre CANARILIVRE"}
    refused = signed_in(one).post(address, filled)
    assert "Relisez votre note" in refused.content.decode()
    assert signed_in(one).post(address, {**filled, "says_nothing_of_health": "on"}).status_code == 302
    assert "CANARILIVRE" in signed_in(one).get(f"/personnes/{person_id}/").content.decode()
    assert "CANARILIVRE" not in signed_in(other).get(f"/personnes/{person_id}/").content.decode()
    with open_trail():
        assert [line.note for line in own_visits(person_id, actor=one)] == [filled["note"]]
        assert own_visits(person_id, actor=other) == []
        with pytest.raises(DomainError):
            visits_of(person_id, actor=one)
    coordinator = told.actor(Visitor(Role.COORDINATOR, Place.COORDINATION))
    page = signed_in(coordinator).get(f"/personnes/{person_id}/").content.decode()
    assert "Visites de bénévoles" in page
    assert "CANARILIVRE" in page
    nurse = told.actor(Visitor(Role.NURSE, Place.TEAM))
    assert "CANARILIVRE" not in signed_in(nurse).get(f"/personnes/{person_id}/").content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"visited_on": today() + timedelta(days=1)}, "Cette date est dans le futur"),
        ({"note": "a" * 301, "says_nothing_of_health": True}, "Gardez une phrase ou deux"),
        ({"note": "Une phrase"}, "ne dit rien de la santé"),
    ],
)
def test_what_he_may_not_write_is_refused(told, fields, sentence):
    with pytest.raises(DomainError) as refused:
        record_visit(visit(told, **fields), by=volunteer(told, Category.WHAT_MATTERS))
    assert sentence in refused.value.message


def test_an_emergency_access_to_her_file_is_not_told_to_him(told):
    who, person_id = volunteer(told, Category.ALL), told.story.person_id
    emergencies.opened(person_id, emergencies.dispatcher())
    nurse = signed_in(told.actor(Visitor(Role.NURSE, Place.TEAM)))
    for address in (f"/personnes/{person_id}/", f"/personnes/{person_id}/cercle/"):
        assert "Accès d’urgence" in nurse.get(address).content.decode()
        assert "Accès d’urgence" not in signed_in(who).get(address).content.decode()


def test_without_the_person_s_agreement_he_knows_nobody(told):
    stranger = people.actor(Role.VOLUNTEER, people.organisation(kind=OrganisationKind.ASSOCIATION))
    client = signed_in(stranger)
    for address in (f"/personnes/{told.story.person_id}/", f"/visites/personnes/{told.story.person_id}/"):
        assert client.get(address).status_code == 404
    with open_trail():
        assert find_people(told.story.birth_name, actor=stranger) == []
    with pytest.raises(NotFound):
        record_visit(visit(told), by=stranger)
    assert told.story.birth_name not in client.get("/").content.decode()


def test_an_agreement_taken_back_closes_the_door_at_once(told):
    who = volunteer(told, Category.WHAT_MATTERS)
    client = signed_in(who)
    assert told.story.birth_name in client.get("/").content.decode()
    record_visit(visit(told), by=who)
    nurse = told.actor(Visitor(Role.NURSE, Place.TEAM))
    page = signed_in(nurse).get(f"/personnes/{told.story.person_id}/cercle/").content.decode()
    assert "Association (fictive)" in page
    consent = SharingConsent.objects.get(organisations=who.organisation_id)
    taken = {"consent_id": str(consent.id), "means": "spoken", "withdrawn_on": str(today())}
    assert signed_in(nurse).post(f"/personnes/{told.story.person_id}/cercle/accord/retirer/", taken).status_code == 302
    assert client.get(f"/personnes/{told.story.person_id}/").status_code == 404
    assert VolunteerVisit.objects.filter(person_id=told.story.person_id).count() >= 1


@pytest.mark.parametrize("kind", [one for one in OrganisationKind if one != OrganisationKind.ASSOCIATION])
def test_only_an_association_has_volunteers(kind):
    check_role(Role.VOLUNTEER, OrganisationKind.ASSOCIATION)
    with pytest.raises(RoleNotHere):
        check_role(Role.VOLUNTEER, kind)


def test_an_association_has_no_carers():
    with pytest.raises(RoleNotHere):
        check_role(Role.PHYSICIAN, OrganisationKind.ASSOCIATION)
