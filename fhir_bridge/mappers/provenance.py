"""The two witnesses of a person unable to write, as the Provenance of the Consent that they attest.

Consent has no place for a witness; Provenance names who took part, and how: the person as its author, each witness as
`WIT`, by the name and capacity that she or he gave, for they have no record of their own. Without witnesses there is
none. Source: FHIR R4 Provenance; CSP R1111-17; CASF annexe 4-10.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid5

from fhir_bridge.mappers.care_plan import said
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, instant, reference
from fhir_bridge.r4.systems import V3_PARTICIPATION_TYPE
from ppa.directives.records import Witness

AUTHOR: Final = ("AUT", "author (originator)")
WITNESS: Final = ("WIT", "witness")


def to_resources(
    consent_id: UUID,
    witnesses: Sequence[Witness],
    *,
    person_id: UUID,
    attested_on: date | None,
    recorded_at: datetime,
    document_id: UUID | None,
) -> Iterator[Json]:
    """Yield the Provenance of one Consent, when a witness is named; `document_id` is the paper with their words."""
    named = [witness for witness in witnesses if said(witness.name)]
    if not named:
        return
    yield compact(
        resourceType="Provenance",
        id=str(uuid5(consent_id, "witnesses")),
        target=[reference(f"Consent/{consent_id}")],
        occurredDateTime=attested_on.isoformat() if attested_on else None,
        recorded=instant(recorded_at),
        agent=[
            {"type": _part(AUTHOR), "who": reference(f"Patient/{person_id}")},
            *(_attesting(witness) for witness in named),
        ],
        entity=[{"role": "source", "what": reference(f"DocumentReference/{document_id}")}] if document_id else [],
    )


def _attesting(witness: Witness) -> Json:
    return compact(
        type_=_part(WITNESS),
        role=[concept(text=said(witness.capacity))] if said(witness.capacity) else [],
        who=reference(display=said(witness.name)),
    )


def _part(code: tuple[str, str]) -> Json:
    return concept(coding(V3_PARTICIPATION_TYPE, *code))
