"""Who took part in a Consent beside the person: two witnesses, who held the pen, the judge who gave leave, who received its end.

Consent has no place for them; Provenance names who took part, and how: the person as its author, each witness as `WIT`,
who wrote in her place as `TRANS`, by the names that were given, for they have no record of their own. Leave and an end have a day of
their own, so a Provenance of their own: how the end was said is its activity, who received it is `IRCP`. Without any of them there is none.
Source: FHIR R4 Provenance; CSP R1111-17, L1111-6; CASF annexe 4-10.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from fhir_bridge.mappers.care_plan import said
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, instant, reference
from fhir_bridge.r4.systems import V3_PARTICIPATION_TYPE
from ppa.directives.records import Witness

AUTHOR: Final = ("AUT", "author (originator)")
WITNESS: Final = ("WIT", "witness")
WRITER: Final = ("TRANS", "Transcriber")
RECEIVER: Final = ("IRCP", "information recipient")
NO_TRUSTED_WITNESS: Final = "Personne de confiance absente des témoins"
LEAVE: Final = "Autorisation du juge ou du conseil de famille"


def to_resources(
    consent_id: UUID,
    witnesses: Sequence[Witness],
    *,
    person_id: UUID,
    attested_on: date | None,
    recorded_at: datetime,
    document_id: UUID | None,
    writer: str = "",
    why_not_trusted: str = "",
) -> Iterator[Json]:
    """Yield the Provenance of one Consent, when a witness or who wrote in her place is named; `document_id` is the paper with their words.

    `why_not_trusted` tells why the trusted person is not among the witnesses.
    """
    named = [_attesting(witness) for witness in witnesses if said(witness.name)]
    if said(writer):
        named.append({"type": _part(WRITER), "who": reference(display=said(writer))})
    if not named:
        return
    yield _of_consent(
        consent_id,
        "witnesses",
        occurredDateTime=attested_on.isoformat() if attested_on else None,
        recorded_at=recorded_at,
        reason=[concept(text=f"{NO_TRUSTED_WITNESS} : {why}")] if (why := said(why_not_trusted)) else [],
        agent=[
            {"type": _part(AUTHOR), "who": reference(f"Patient/{person_id}")},
            *named,
        ],
        document_id=document_id,
    )


def to_leave(
    consent_id: UUID, authority: str, *, given_on: date, recorded_at: datetime, document_id: UUID | None = None
) -> Json:
    """Return the Provenance that tells who gave a protected adult leave for a Consent, and when; `document_id` is its paper."""
    return _of_consent(
        consent_id,
        "leave",
        occurredDateTime=given_on.isoformat(),
        recorded_at=recorded_at,
        agent=[
            {
                "type": concept(text="Autorise"),
                "role": [concept(text=LEAVE)],
                "who": reference(display=said(authority)),
            }
        ],
        document_id=document_id,
    )


def to_end(
    consent_id: UUID,
    *,
    told: str,
    by: Json,
    ended_on: date,
    recorded_at: datetime,
    received_by: str,
    witness: str = "",
    document_id: UUID | None = None,
) -> Json:
    """Return the Provenance of the end of a Consent: `told` is what was said and how, `by` whose word it is."""
    named = [(RECEIVER, said(received_by)), (WITNESS, said(witness))]
    return _of_consent(
        consent_id,
        "end",
        occurredDateTime=ended_on.isoformat(),
        recorded_at=recorded_at,
        activity=concept(text=told),
        agent=[
            {"type": _part(AUTHOR), "who": by},
            *({"type": _part(part), "who": reference(display=name)} for part, name in named if name),
        ],
        document_id=document_id,
    )


def _of_consent(
    consent_id: UUID, part: str, *, recorded_at: datetime, document_id: UUID | None, **elements: Any
) -> Json:
    """Return one of the Provenances of a Consent, under an id of its own; `document_id` is the paper that it comes from."""
    return compact(
        resourceType="Provenance",
        id=str(uuid5(consent_id, part)),
        target=[reference(f"Consent/{consent_id}")],
        recorded=instant(recorded_at),
        entity=[{"role": "source", "what": reference(f"DocumentReference/{document_id}")}] if document_id else [],
        **elements,
    )


def _attesting(witness: Witness) -> Json:
    return compact(
        type_=_part(WITNESS),
        role=[concept(text=said(witness.capacity))] if said(witness.capacity) else [],
        who=reference(display=said(witness.name)),
    )


def _part(code: tuple[str, str]) -> Json:
    return concept(coding(V3_PARTICIPATION_TYPE, *code))
