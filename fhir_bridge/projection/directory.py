"""The directory: an offer with its places, the structures and professionals that other resources name.

A structure or a professional is shown once something names it, and stays as long as the store does.
"""

from collections.abc import Callable, Iterator
from uuid import UUID

from accounts.access.permissions import Permission
from accounts.organisations.queries import organisation_snapshot, professional_snapshot
from fhir_bridge.mappers import healthcare_service, location, organization, practitioner
from fhir_bridge.projection.registry import projects
from fhir_bridge.repository.models import Resource
from fhir_bridge.repository.records import Access, Projected, Source
from pathway.capacity.queries import offer_counted, places_snapshot
from pathway.structures.queries import area_names, offer_snapshot


def shown_with_places(places_id: UUID) -> list[Source]:
    """Return what a new figure changes: the offer it counts."""
    offer_id = offer_counted(places_id)
    return [Source(type="care_offer", id=offer_id)] if offer_id else []


def shown_with_offer(offer_id: UUID) -> list[Source]:
    """Return what a change of an offer may change besides: its structure, and the one that structure belongs to.

    What is still at its first version has just come along, and is left out.
    """
    place = organisation_snapshot(offer_snapshot(offer_id).organisation_id)
    above = [organisation_snapshot(place.part_of_id)] if place.part_of_id else []
    return [Source(type="organisation", id=one.id) for one in (place, *above) if one.version > 1]


@projects("care_offer")
def _offer(id: UUID) -> Iterator[Projected]:
    offer = offer_snapshot(id)
    yield Projected(
        resource=healthcare_service.to_resource(offer, areas=area_names(offer.areas)),
        access=Access(right=Permission.STRUCTURE_DIRECTORY_READ),
    )
    yield Projected(
        resource=location.to_resource(offer, places_snapshot(id)), access=Access(right=Permission.BED_AVAILABILITY_READ)
    )


def _named(rtype: str) -> Callable[[], Iterator[UUID]]:
    rows = Resource.objects.filter(rtype=rtype, deleted=False).order_by("source_id")
    return lambda: rows.values_list("source_id", flat=True).iterator(chunk_size=2000)


@projects("organisation", every=_named("Organization"))
def _organisation(id: UUID) -> Iterator[Projected]:
    resource = organization.to_resource(organisation_snapshot(id))
    yield Projected(resource=resource, access=Access(right=Permission.STRUCTURE_DIRECTORY_READ))


@projects("professional", every=_named("Practitioner"))
def _professional(id: UUID) -> Iterator[Projected]:
    resource = practitioner.to_resource(professional_snapshot(id))
    yield Projected(resource=resource, access=Access(right=Permission.STRUCTURE_DIRECTORY_READ))
