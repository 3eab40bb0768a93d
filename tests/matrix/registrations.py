"""A system that posts the world's own person as if it met her: what each write answers is what its own read shows, no more.

Somebody else's ids tell nothing; her number and her five traits are the one key that outsiders do hold.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from accounts.kernel.actor import Role
from accounts.people.models import Person
from accounts.people.records import Contact, Ins, Traits
from accounts.people.rules import OID_TEST
from tests.factories import fhir, people
from tests.matrix.world import Place, Visitor, World
from tests.support.undone import undone

OUTSIDE = (Place.STRANGER, Place.KNOWN, Place.PAST, Place.REFUSED, Place.EMERGENCY)
"""Where nothing that others wrote of her may be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of posting her; `times`: how often the same is sent."""

    name: str
    path: str
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1


@dataclass(slots=True)
class Registered:
    """What the ways gave at one place: what is wrong, and which told of her more than was posted."""

    wrongs: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def registered(world: World, place: Place) -> Registered:
    """Post her in every way as the system of a place, and compare each answer with that system's read of her."""
    found = Registered()
    partner = world.partner(Visitor(Role.FHIR_CLIENT, place))
    for way in ways(world):
        with undone():
            for _ in range(way.times):
                answer = partner.post(way.path, way.body, **way.headers)
            read = partner.get(f"Patient/{world.story.person_id}")
        name = f"{way.name} at {place.name}"
        if answer.status_code not in (200, 201):
            found.wrongs.append(f"{name}: {answer.status_code}")
            continue
        found.wrongs += [f"{name}: {wrong}" for wrong in _unlike(way, answer, read)]
        asked = json.dumps([way.body, dict(way.headers)]).casefold()
        text = answer.content.decode().casefold()
        found.told += [f"{name} tells {mark}" for mark in world.marks if mark in text and mark not in asked]
    return found


def ways(world: World) -> Iterator[Way]:
    """Give each way: alone, on a condition, with a key used twice, in a Bundle."""
    body = posted(world)
    number = f"identifier=urn:oid:{OID_TEST}|{world.story.ins}"
    conditions = {"her number": number, "her id": f"_id={world.story.person_id}", "her name": "family=canaricouvert"}
    yield Way(name="plain", path="Patient", body=body)
    for said, condition in conditions.items():
        yield Way(name=f"unless {said}", path="Patient", body=body, headers={"if_none_exist": condition})
    yield Way(name="with a key, twice", path="Patient", body=body, headers={"idempotency_key": uuid4().hex}, times=2)
    for said, extra in {"": {}, f" unless {number}": {"ifNoneExist": number}}.items():
        request = {"method": "POST", "url": "Patient", **extra}
        entry = {"fullUrl": f"urn:uuid:{uuid4()}", "resource": body, "request": request}
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
        yield Way(name=f"in a Bundle{said}", path="", body=bundle)


def posted(world: World) -> dict[str, Any]:
    """Return what an outsider knows of her: the number and the five traits."""
    person = Person.objects.get(pk=world.story.person_id)
    traits = Traits(
        birth_name=person.birth_name,
        birth_given_names=tuple(person.birth_given_names),
        birth_date=person.birth_date,
        sex=person.sex,
        birthplace=person.birthplace,
    )
    contact = Contact(phones=("03 80 99 99 99",), postal_code="21000", city="Dijon", commune="21231")
    return fhir.patient(people.registration(traits=traits, ins=Ins(value=person.ins, oid=OID_TEST), contact=contact))


def _unlike(way: Way, answer: Any, read: Any) -> Iterator[str]:
    may_read = read.status_code == 200
    if way.path:
        shown, version = answer.content, answer.headers.get("ETag")
        if shown != (read.content if may_read else b""):
            yield f"the body is not that of a read ({read.status_code})"
    else:
        version = answer.json()["entry"][0]["response"].get("etag")
        if "resource" in answer.json()["entry"][0]:
            yield "a Bundle is answered with a resource"
    if version != (read["ETag"] if may_read else None):
        yield f"the version {version} is not that of a read ({read.status_code})"
