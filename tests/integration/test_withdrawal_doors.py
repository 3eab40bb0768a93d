"""A person takes her agreement back, or refuses: every door that told of her the request before tells nothing on the next."""

import pytest

from accounts.access.commands import agree_and_add, record_opposition, withdraw_sharing_consent
from accounts.access.models import SharingConsent
from accounts.access.records import RecordOpposition, RecordSharingConsent, WithdrawSharingConsent
from accounts.access.states import Category, ConsentMeans
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from fhir_bridge.repository.models import Resource
from tests.factories import fhir, people, referrals, whole_story
from tests.integration.test_doors import addresses, browser, every_include, reversed_includes, told_of

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.thorough, pytest.mark.usefixtures("story")]


@pytest.fixture
def outside(story):
    """A structure outside the team, in the circle by the person's agreement to share everything."""
    organisation = people.organisation("Cabinet Canarisoleil (fictif)")
    agree_and_add(agreement(story, organisation), by=story.physician)
    return organisation


def agreement(story, organisation, *categories):
    return RecordSharingConsent(
        person_id=story.person_id, organisation_ids=frozenset({organisation.id}), given_on=today(),
        means=ConsentMeans.SPOKEN, categories=frozenset(categories or {Category.ALL}),
    )  # fmt: skip


def withdraw(story, organisation):
    consent = SharingConsent.objects.get(organisations=organisation)
    record = WithdrawSharingConsent(consent_id=consent.id, withdrawn_on=today(), means=ConsentMeans.SPOKEN)
    withdraw_sharing_consent(record, by=story.physician)


def refuse(story, organisation):
    refusal = RecordOpposition(
        person_id=story.person_id, organisation_id=organisation.id, stated_on=today(), means=ConsentMeans.SPOKEN
    )
    record_opposition(refusal, by=story.physician)


def screens_that_tell(story, client):
    """Every address, its file and its PDF, the lists and the search by name, birth date and phone: which tell of her."""
    told, doors = set(), [*addresses(story.ids), *addresses({}, person_only=False)]
    for address in doors:
        response = client.get(address)
        if told_of(story, response, story.everything) or (
            address.startswith("/documents/") and response.status_code == 200
        ):
            told.add(address)
    for text in ("Canaricouvert", "12/03/1955", "0380771331"):
        if told_of(story, client.post("/personnes/recherche/", {"q": text}), ["Philomène"]):
            told.add(text)
    return told


def interactions_that_tell(partner):
    """Read, history, version, search, count and includes of every resource about a person: which answer with anything."""
    told = set()
    rows = list(Resource.objects.exclude(person_id=None).order_by("pk"))
    for row in rows:
        for path in (f"{row.rtype}/{row.fid}", f"{row.rtype}/{row.fid}/_history", f"{row.rtype}/{row.fid}/_history/1"):
            told |= {path} if partner.get(path).status_code == 200 else set()
    for rtype in sorted({row.rtype for row in rows}):
        query = "&".join(["_total=accurate", *every_include(rtype), *reversed_includes(rtype)])
        for path in (f"{rtype}?{query}", f"{rtype}?_summary=count"):
            answer = partner.get(path).json()
            told |= {path} if answer.get("total") or answer.get("entry") else set()
    return told


@pytest.mark.parametrize("taken_back", [withdraw, refuse])
@pytest.mark.parametrize("role", [Role.PHYSICIAN, Role.SOCIAL_WORKER])
def test_no_screen_list_search_file_or_pdf_tells_of_her_any_more(story, outside, role, taken_back):
    client = browser(people.actor(role, outside))
    before = screens_that_tell(story, client)
    assert f"/personnes/{story.person_id}/" in before
    assert "Canaricouvert" in before
    if role == Role.PHYSICIAN:
        assert len(before) > 15
        assert any("pdf" in address for address in before)
        assert f"/documents/{story.ids['document_id']}/" in before
    taken_back(story, outside)
    assert screens_that_tell(story, client) == set()


@pytest.mark.parametrize("taken_back", [withdraw, refuse])
def test_no_interaction_of_a_system_tells_of_her_any_more(story, outside, taken_back):
    partner = fhir.partner(outside)
    before = interactions_that_tell(partner)
    assert len({path.partition("/")[0] for path in before if "?" not in path}) >= 10
    taken_back(story, outside)
    assert interactions_that_tell(partner) == set()


def test_an_agreement_to_the_plan_alone_opens_no_directive_request_or_file(story):
    organisation = people.organisation()
    agree_and_add(agreement(story, organisation, Category.PLAN), by=story.physician)
    client = browser(people.actor(Role.PHYSICIAN, organisation))
    told = screens_that_tell(story, client)
    assert f"/personnes/{story.person_id}/plan/" in told
    assert {one for one in told if any(part in one for part in ("/directives/", "/confiance/", "/documents/"))} == set()
    pages = [one for one in told if one.startswith("/") and not one.startswith("/structures/")]
    assert [one for one in pages if told_of(story, client.get(one), (referrals.SECRET, whole_story.CALL))] == []
    types = {path.partition("/")[0] for path in interactions_that_tell(fhir.partner(organisation)) if "?" not in path}
    assert "CarePlan" in types
    assert types & {"ServiceRequest", "Encounter", "EpisodeOfCare"} == set()
