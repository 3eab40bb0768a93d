"""Stored versions as one caller may read them: its own number put in, the minimum set cut out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import orjson
from django.utils.http import http_date

from accounts.kernel.actor import Actor
from accounts.people.queries import own_numbers
from fhir_bridge.mappers.minimum import cut
from fhir_bridge.mappers.patient import with_own_number
from fhir_bridge.r4.datatypes import instant
from fhir_bridge.r4.gate import serialise
from fhir_bridge.repository.records import Stored


def bodies_for(actor: Actor, versions: Sequence[Stored]) -> list[bytes]:
    """Return the bytes that each version is answered with; one query whatever their number, none without a person."""
    persons = {one.person_id for one in versions if one.type == "Patient" and one.in_full and one.person_id}
    numbers = own_numbers(persons, organisation_id=actor.organisation_id) if persons and actor.organisation_id else {}
    made = []
    for one in versions:
        is_hers = one.type == "Patient" and one.person_id is not None and one.id == str(one.person_id)
        number = numbers.get(one.person_id) if is_hers and one.person_id else None
        made.append(_body(one, number))
    return made


def _body(one: Stored, number: tuple[str, str] | None) -> bytes:
    if one.deleted or (one.in_full and number is None):
        return one.body
    resource = orjson.loads(one.body)
    if not one.in_full:
        return serialise(cut(resource))
    system, value = number or ("", "")
    return serialise(with_own_number(resource, system=system, value=value))


def persons_of(versions: Sequence[Stored]) -> frozenset[UUID]:
    """Return the persons whose data these versions hold."""
    return frozenset(one.person_id for one in versions if one.person_id)


def version_headers(one: Stored) -> dict[str, str]:
    """Return the ETag and the Last-Modified of a version."""
    return {"ETag": etag(one), "Last-Modified": http_date(one.updated / 1000)}


def etag(one: Stored) -> str:
    """Return the weak ETag of a version."""
    return f'W/"{one.version}"'


def updated_text(one: Stored) -> str:
    """Return when a version was stored, as a FHIR instant."""
    return instant(datetime.fromtimestamp(one.updated / 1000, UTC))
