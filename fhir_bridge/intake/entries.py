"""The entries of a transaction Bundle, read strictly: what this server does with one, or a refusal that names it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fhir_bridge.r4.datatypes import Json
from fhir_bridge.r4.outcomes import FhirError, bad_request, unprocessable

ACCEPTED: Final = frozenset(
    {"Patient", "Practitioner", "PractitionerRole", "Organization", "Condition", "Communication", "Task"}
)
MATCHED_ONLY: Final = frozenset({"Practitioner", "PractitionerRole", "Organization"})
"""Entries that name somebody: matched by national number or kept as outside contacts, under the right of what names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One POST of a transaction; `full_url` is in lower case, empty when it has none."""

    number: int
    rtype: str
    resource: Json
    full_url: str = ""
    if_none_exist: str = ""

    @property
    def place(self) -> str:
        """The FHIRPath of the entry."""
        return f"Bundle.entry[{self.number}]"


def read_entries(bundle: Json) -> list[Entry]:
    """Return the entries of a transaction Bundle; raises `FhirError` for the first that cannot be done here."""
    if bundle.get("type") != "transaction":
        raise unprocessable("Only a transaction Bundle is read here.", code="not-supported", expression=["Bundle.type"])
    entries = [_entry(number, raw) for number, raw in enumerate(bundle.get("entry", []))]
    if not entries:
        raise bad_request("The Bundle has no entry.", code="required", expression=["Bundle.entry"])
    _refuse_twins(one.full_url for one in entries)
    return entries


def single(resource: Json, *, if_none_exist: str) -> Entry:
    """Return the entry that the creation of one resource comes down to."""
    return Entry(number=0, rtype=resource["resourceType"], resource=resource, if_none_exist=if_none_exist)


def _entry(number: int, raw: Json) -> Entry:
    place = f"Bundle.entry[{number}]"
    request, resource = raw.get("request"), raw.get("resource")
    if not isinstance(request, dict) or not isinstance(resource, dict):
        raise bad_request(
            "An entry of a transaction needs a request and a resource.", code="required", expression=[place]
        )
    rtype = resource["resourceType"]
    if request.get("method") != "POST" or request.get("url") != rtype or rtype not in ACCEPTED:
        raise _not_offered(place)
    return Entry(
        number=number,
        rtype=rtype,
        resource=resource,
        full_url=str(raw.get("fullUrl", "")).lower(),
        if_none_exist=request.get("ifNoneExist", ""),
    )


def _refuse_twins(full_urls: Iterable[str]) -> None:
    given = [url for url in full_urls if url]
    if len(given) != len(set(given)):
        raise bad_request("Two entries have the same fullUrl.", code="invariant", expression=["Bundle.entry"])


def _not_offered(place: str) -> FhirError:
    return unprocessable("This entry is not offered in a transaction here.", code="not-supported", expression=[place])
