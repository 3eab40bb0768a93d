"""Every route, every role: a stranger learns nothing of a person, and what he may not know looks like what is not there."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import get_resolver

from accounts.access.doors import _routes
from accounts.access.rules import MATRIX
from accounts.kernel.actor import Role
from accounts.organisations.states import OrganisationKind
from fhir_bridge.repository.catalogue import CATALOGUE, reverse_references
from fhir_bridge.repository.models import Resource, ResourceVersion
from ppa.plans.commands import open_plan
from ppa.plans.records import OpenPlan
from tests.factories import fhir, people, referrals, whole_story
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.thorough, pytest.mark.usefixtures("story")]

PEOPLE = sorted({role for role, _ in MATRIX} - {Role.FHIR_CLIENT, Role.SYSTEM, Role.ANONYMOUS})
ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")
WORDS = {
    "code": "what_matters",
    "scale_code": "esas",
    "key": "0" * 32,
    "kind": "limitation",
    "model": "a",
    "step": "etude",
    "number": 1,
    "other": 1,
    "finding": "nothing-found",
    "target_type": "announcement",
    "month": "2026-10",
    "trigger": "birth",
}
ON_BOTH = (Role.PHYSICIAN,)
"""Who tries every address on PostgreSQL too: the gate that stops the others is the same, and the wall has its own tests."""
EVERYBODY = [pytest.param(role, marks=() if role in ON_BOTH else pytest.mark.once) for role in PEOPLE]
APART = re.compile(r"^(fhir|compte/deconnexion)")  # the FHIR doors have their own crawl; signing out would end this one
CHANGES = re.compile(rb'(nonce|csrfmiddlewaretoken|value|X-Request-Id|href|action)="[^"]*"')


def addresses(ids, *, person_only=True):
    """Every address that names something of the story, or every address at all."""
    for pattern, _ in _routes(get_resolver()):
        names = [name for _, name in ARGUMENT.findall(pattern)]
        if APART.match(pattern) or any(name not in ids and name not in WORDS for name in names):
            continue
        if any(name in ids for name in names) or not person_only:
            yield "/" + ARGUMENT.sub(lambda found: str(ids.get(found[2]) or WORDS[found[2]]), pattern)


def plain(response):
    return CHANGES.sub(b"", response.content)


def told_of(story, response, canaries):
    body = b"".join(response) if response.streaming else response.content
    text = body.decode("utf-8", "replace") + response.headers.get("Location", "")
    return [one for one in canaries if one.casefold() in text.casefold()]


def browser(actor):
    client = signed_in(actor)
    client.raise_request_exception = False
    return client


def test_the_story_has_something_at_every_address(story):
    names = {name for pattern, _ in _routes(get_resolver()) for _, name in ARGUMENT.findall(pattern)}
    fhir_names, about_nobody = {"rtype", "fid", "version"}, {"offer_id", "client_id", "staff_id", "pk", "link"}
    assert names - set(WORDS) - fhir_names - about_nobody == set(story.ids)
    shown = browser(story.physician).get(f"/personnes/{story.person_id}/").content.decode()
    assert all(one in shown for one in (story.birth_name, "Canarisoir"))


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_stranger_learns_nothing_at_any_address(story, role):
    kind = OrganisationKind.COORDINATION if role == Role.COORDINATOR else OrganisationKind.HOSPITAL
    client = browser(people.actor(role, people.organisation(kind=kind, departement="39")))
    unknown = {name: uuid4() for name in story.ids}
    found = []
    for here, nowhere in zip(addresses(story.ids), addresses(unknown), strict=True):
        for method in ("get", "post"):
            response, absent = getattr(client, method)(here), getattr(client, method)(nowhere)
            if response.status_code < 300 or response.status_code >= 500:
                found.append((method, here, response.status_code))
            if (response.status_code, plain(response)) != (absent.status_code, plain(absent)):
                found.append((method, here, response.status_code, "unlike the unknown", absent.status_code))
            found += [(method, here, one) for one in told_of(story, response, story.everything)]
    assert found == []


@pytest.mark.parametrize("role", EVERYBODY)
def test_no_list_of_a_stranger_holds_the_person(story, role):
    client = browser(people.actor(role, people.organisation(departement="39")))
    found = []
    for address in addresses({}, person_only=False):
        response = client.get(address)
        found += [(address, response.status_code)] if response.status_code >= 500 else []
        found += [(address, one) for one in told_of(story, response, story.everything)]
    for text in ("Canari", "12/03/1955", "1331", "0380771331"):
        response = client.post("/personnes/recherche/", {"q": text})
        found += [(text, one) for one in told_of(story, response, [story.birth_name, "Philomène"])]
    assert found == []


@pytest.mark.parametrize("role", [Role.BED_MANAGER, Role.PHYSICIAN, Role.NURSE, Role.COORDINATOR, Role.SOCIAL_WORKER])
def test_a_structure_that_was_only_asked_reads_the_minimum_set(story, role):
    """Its physicians study the whole dossier of the request; nobody reads what stands outside of it."""
    client = browser(people.actor(role, story.asked.structures[0].organisation))
    ids = {**story.ids, "line_id": story.asked.line(0).id}
    hidden = (*story.own, "Canaridestin", "Canarisoir", *(() if role == Role.PHYSICIAN else (referrals.SECRET,)))
    found, opened = [], set()
    for address in [*addresses(ids), *addresses({}, person_only=False)]:
        response = client.get(address)
        opened |= {address} if told_of(story, response, [story.birth_name]) else set()
        found += [(address, response.status_code)] if response.status_code >= 500 else []
        if not address.startswith("/structures/"):  # the directory is everybody's
            found += [(address, one) for one in told_of(story, response, hidden)]
    assert found == []
    assert (f"/demandes/lignes/{ids['line_id']}/" in opened) == (role != Role.SOCIAL_WORKER)


def test_nobody_passes_without_signing_in(story):
    client = Client(raise_request_exception=False)
    for address in addresses(story.ids):
        for method in ("get", "post"):
            response = getattr(client, method)(address)
            assert response.status_code in (302, 405), (method, address, response.status_code)
            assert "connexion" in response.headers.get("Location", "connexion")


def test_no_system_of_a_stranger_reads_finds_or_counts_anything(story):
    stranger = fhir.partner(people.organisation())
    rows = list(Resource.objects.exclude(person_id=None).order_by("pk"))
    assert len({row.rtype for row in rows}) >= 12
    found = []
    for row in rows:
        unknown = stranger.get(f"{row.rtype}/{uuid4()}")
        for path in (f"{row.rtype}/{row.fid}", f"{row.rtype}/{row.fid}/_history", f"{row.rtype}/{row.fid}/_history/1"):
            response = stranger.get(path)
            if (response.status_code, response.content) != (404, unknown.content):
                found.append((path, response.status_code))
    for rtype in sorted({row.rtype for row in rows}):
        for query in ("_total=accurate", "_summary=count"):
            answer = stranger.get(f"{rtype}?{query}").json()
            found += [(rtype, query, answer)] if answer.get("total") or answer.get("entry") else []
    for rtype in ("Organization", "HealthcareService", "Practitioner", "PractitionerRole"):
        brought = stranger.get(f"{rtype}?{'&'.join(reversed_includes(rtype))}")
        found += [(rtype, brought.status_code, one) for one in told_of(story, brought, story.everything)]
    assert found == []


def test_the_system_of_a_structure_that_was_only_asked_reads_the_minimum_set(story):
    asked = fhir.partner(story.asked.structures[0].organisation)
    other = str(story.asked.structures[1].offer.id)
    hidden = (*story.own, whole_story.USUAL_NAME, referrals.SECRET, other)
    found, read = [], set()
    for row in Resource.objects.exclude(person_id=None).order_by("pk"):
        versions = ResourceVersion.objects.filter(resource=row).values_list("version", flat=True)
        paths = [f"{row.rtype}/{row.fid}", f"{row.rtype}/{row.fid}/_history"]
        for path in [*paths, *(f"{paths[1]}/{version}" for version in versions)]:
            response = asked.get(path)
            read |= {row.rtype} if response.status_code == 200 else set()
            found += [(path, one) for one in told_of(story, response, hidden)]
    for rtype in sorted(read):
        brought = asked.get(
            f"{rtype}?{'&'.join(['_total=accurate', *every_include(rtype), *reversed_includes(rtype)])}"
        )
        assert brought.status_code == 200, brought.content
        found += [(rtype, "includes", one) for one in told_of(story, brought, hidden)]
    assert read == {"Patient", "ServiceRequest", "Task"}
    assert found == []


def every_include(rtype):
    return [f"_include={rtype}:{name}" for name in CATALOGUE[rtype].references()]


def reversed_includes(rtype):
    return [f"_revinclude={source}:{name}" for source, name in reverse_references(rtype)]


def test_nothing_of_one_person_is_reached_through_another(story):
    """Both are the physician's own: an address that mixes them leads nowhere, so that no banner names the wrong one."""
    second = people.person(story.physician)
    open_plan(OpenPlan(person_id=second), by=story.physician)
    other = {**story.ids, "person_id": second}
    client = browser(story.physician)
    found = []
    for pattern, _ in _routes(get_resolver()):
        names = {name for _, name in ARGUMENT.findall(pattern)}
        if "person_id" not in names or not (names & set(story.ids)) - {"person_id"}:
            continue
        address = "/" + ARGUMENT.sub(lambda match: str(other.get(match[2]) or WORDS[match[2]]), pattern)
        for method in ("get", "post"):
            status = getattr(client, method)(address).status_code
            found += [(method, address, status)] if status not in (404, 403, 405) else []
    assert found == []
