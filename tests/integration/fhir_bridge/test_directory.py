"""A partner reads offers, their places and their structures."""

import pytest
from django.core.management import call_command

from accounts.organisations.models import Organisation
from pathway.capacity.commands import declare_places
from pathway.capacity.records import DeclarePlaces
from pathway.structures.commands import import_structures
from pathway.structures.reading import read_structures
from tests.factories import fhir, people, structures

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer():
    return structures.offer()


def _counts(resource):
    parts = [{part["url"]: part for part in one["extension"]} for one in resource["extension"]]
    return [part["nbCapacity"]["valueInteger"] for part in parts]


def test_an_offer_its_location_and_its_structure_are_read(offer, partner):
    service = partner.get(f"HealthcareService/{offer.id}").json()
    assert service["name"] == offer.name
    assert partner.get(service["providedBy"]["reference"]).json()["name"] == offer.organisation.name
    assert _counts(partner.get(service["location"][0]["reference"]).json()) == [10]


def test_a_new_figure_is_read_at_once(offer, partner):
    structures.declared(offer, 3)
    assert _counts(partner.get(f"Location/{offer.id}").json()) == [10, 3, 0]
    declare_places(DeclarePlaces(offer_id=offer.id, available=2, version=1), by=structures.bed_manager(offer))
    assert _counts(partner.get(f"Location/{offer.id}").json()) == [10, 2, 0]
    call_command("rebuild_fhir", "--check")


def test_offers_are_searched_by_activity_within_the_scopes_of_the_client(offer):
    elsewhere = people.organisation()
    found = fhir.partner(elsewhere).get("HealthcareService?specialty=170&active=true").json()
    assert [entry["resource"]["id"] for entry in found["entry"]] == [str(offer.id)]
    narrow = fhir.partner(elsewhere, "system/Patient.rs")
    assert narrow.get(f"HealthcareService/{offer.id}").status_code in {403, 404}


def test_a_structure_renamed_by_an_import_is_shown_so(partner):
    line = structures.line()
    for name in ("Ancien nom (fictif)", "Nouveau nom (fictif)"):
        text = structures.file_of({**line, "structure": name})
        import_structures(read_structures(text), by=structures.IMPORTER)
    place = Organisation.objects.get(finess=line["finess"])
    assert partner.get(f"Organization/{place.id}").json()["name"] == "Nouveau nom (fictif)"
    call_command("rebuild_fhir", "--check")
