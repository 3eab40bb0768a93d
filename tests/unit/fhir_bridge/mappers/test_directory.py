"""Structures, professionals, offers and places as R4."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from accounts.organisations.records import OrganisationSnapshot, ProfessionalSnapshot
from accounts.organisations.states import OrganisationKind
from fhir_bridge.mappers import healthcare_service, location, organization, practitioner
from fhir_bridge.r4.systems import LOCAL_STRUCTURE_KIND, R211, R213, R227, R244, R329, R330, R331
from fhir_bridge.r4.validation import validate
from pathway.capacity.records import PlacesSnapshot
from pathway.structures.records import Criteria, OfferSnapshot
from pathway.structures.states import Exclusion, Nature, OfferKind

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
OFFER = OfferSnapshot(
    id=uuid4(),
    version=1,
    code="LISP1",
    kind=OfferKind.LISP,
    name="LISP Pneumologie (fictif)",
    organisation_id=uuid4(),
    organisation_name="Pneumologie, Hôpital (fictif)",
    finess="992100016",
    commune="21231",
    city="Dijon",
    departement="21",
    organisation_phone="03 53 01 00 01",
    areas=("21",),
    criteria=Criteria(
        levels=frozenset({2}), min_age=18, max_age=99, excludes=frozenset({Exclusion.OXYGEN}), text="Sur appel."
    ),
    installed=4,
    hours="24 h/24",
    phone="",
    night_phone="03 53 01 00 02",
    email="lisp@exemple.invalid",
    medical_referent=None,
    nursing_referent=None,
    is_active=True,
    updated_at=AT,
)
PLACES = PlacesSnapshot(
    offer_id=OFFER.id,
    nature=Nature.BED,
    installed=4,
    available=3,
    held=1,
    free=2,
    observed_at=AT,
    age="à l’instant",
    is_stale=False,
    version=1,
)
PLACE = OrganisationSnapshot(
    id=uuid4(),
    version=1,
    finess="992100016",
    name="Hôpital (fictif)",
    kind=OrganisationKind.HOSPITAL,
    part_of_id=None,
    commune="21231",
    city="Dijon",
    departement="21",
    phone="03 53 01 00 01",
    email="",
    verified=True,
)


def _code(concepts):
    return [(one["system"], one["code"]) for concept in concepts for one in concept.get("coding", [])]


def test_an_offer_carries_the_codes_of_its_recipe():
    resource = healthcare_service.to_resource(OFFER, areas=["Côte-d’Or"])
    validate(resource)
    assert _code(resource["specialty"]) == [(R211, "076")]
    assert _code(resource["characteristic"]) == [(R213, "28")]
    assert _code(resource["type"]) == [(R227, "01")]
    assert resource["location"] == [{"reference": f"Location/{OFFER.id}"}]
    assert resource["coverageArea"] == [{"type": "Location", "display": "Côte-d’Or"}]
    assert [point["value"] for point in resource["telecom"]] == [
        "03 53 01 00 01",
        "03 53 01 00 02",
        "lisp@exemple.invalid",
    ]
    assert [one["comment"] for one in resource["eligibility"]] == [
        "À partir de 18 ans",
        "Jusqu’à 99 ans",
        "Niveaux : 2",
        "N’accueille pas : oxygène à haut débit",
        "Sur appel.",
    ]


@pytest.mark.parametrize("kind", OfferKind)
def test_every_kind_gives_a_valid_service_and_never_the_precarity_team(kind):
    resource = healthcare_service.to_resource(replace(OFFER, kind=kind, finess="", criteria=Criteria()), areas=[])
    validate(resource)
    assert (R244, "142") not in _code(resource["category"])
    assert resource["category"][0]["text"]
    assert "eligibility" not in resource


def test_a_mobile_team_takes_our_own_code():
    resource = healthcare_service.to_resource(replace(OFFER, kind=OfferKind.EMSP), areas=[])
    assert _code(resource["category"]) == [(LOCAL_STRUCTURE_KIND, "emsp-pallia")]


def _figures(resource):
    read = []
    for figure in resource.get("extension", []):
        parts = {part["url"]: part for part in figure["extension"]}
        codes = [
            parts[name]["valueCodeableConcept"]["coding"][0]["code"]
            for name in ("capacityType", "capacityStatus", "temporalityCapacity")
        ]
        read.append((*codes, parts["nbCapacity"]["valueInteger"], parts["capacityUpdateDate"]["valueDateTime"]))
    return read


def test_places_are_installed_available_and_reserved_figures():
    resource = location.to_resource(OFFER, PLACES)
    validate(resource)
    at = "2026-11-22T09:30:00Z"
    assert _figures(resource) == [("01", "01", "01", 4, at), ("01", "02", "01", 2, at), ("01", "04", "01", 1, at)]
    systems = [
        part["valueCodeableConcept"]["coding"][0]["system"] for part in resource["extension"][0]["extension"][:3]
    ]
    assert systems == [R329, R330, R331]


def test_no_figure_is_invented():
    silent = replace(PLACES, available=None, free=None, held=0, observed_at=None)
    resource = location.to_resource(OFFER, silent)
    validate(resource)
    assert [figure[1] for figure in _figures(resource)] == ["01"]
    team = location.to_resource(replace(OFFER, kind=OfferKind.EMSP, is_active=False), replace(silent, nature=None))
    validate(team)
    assert "extension" not in team
    assert team["status"] == "inactive"


def test_no_free_place_is_a_figure_of_zero():
    resource = location.to_resource(OFFER, replace(PLACES, free=0, available=1, held=1))
    assert [figure[3] for figure in _figures(resource)] == [4, 0, 1]


@pytest.mark.parametrize("kind", OrganisationKind)
def test_a_structure_is_an_organization_with_its_finess_number(kind):
    resource = organization.to_resource(replace(PLACE, kind=kind))
    validate(resource)
    assert resource["identifier"][0]["value"] == "992100016"
    assert resource["type"][0]["text"]


def test_a_team_hangs_on_its_structure():
    team = replace(PLACE, id=uuid4(), finess="", part_of_id=PLACE.id, commune="", city="", phone="")
    resource = organization.to_resource(team)
    validate(resource)
    assert resource["partOf"] == {"reference": f"Organization/{PLACE.id}"}
    assert not {"identifier", "telecom", "address"} & set(resource)


@pytest.mark.parametrize(("rpps", "title", "profession"), [("99900000011", "Dr", "Médecin"), ("", "", "")])
def test_a_professional_is_a_practitioner(rpps, title, profession):
    who = ProfessionalSnapshot(
        id=uuid4(), version=1, rpps=rpps, title=title, family="Brinsonge", given="Anselme", profession=profession,
        phone="", verified=bool(rpps),
    )  # fmt: skip
    resource = practitioner.to_resource(who)
    validate(resource)
    assert resource["name"][0]["text"].endswith("Anselme Brinsonge")
    assert [one["value"] for one in resource.get("identifier", [])] == ([rpps] if rpps else [])
