"""The file of directives and the papers beside it, or the place where a document is kept that this deployment does not hold.

Source: interop_fr.md §9.2 (signed directive, location known only).
"""

from datetime import date
from typing import Final
from uuid import UUID

from accounts.documents.records import DocumentSnapshot
from fhir_bridge.mappers import document_reference
from fhir_bridge.mappers.document_reference import DIRECTIVES_USE, RIGHTS_USE
from fhir_bridge.mappers.provenance import LEAVE
from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, instant, reference
from ppa.directives.records import DirectiveSnapshot
from ppa.directives.states import MEDIUM_LABELS, PLACE_LABELS, RECORDINGS, Medium, State

REVOCATION: Final = "Révocation des directives anticipées"
LEGAL_BASIS: Final = "cadre légal à confirmer"
"""What stands beside a recording until the promulgated text is read. Source: domain.md §2.6.4."""
CURRENT: Final = frozenset({State.VALID, State.TO_VERIFY, State.LEGAL_BASIS_TO_CONFIRM})


def to_resource(directive: DirectiveSnapshot, card: DocumentSnapshot, *, replaces: UUID | None = None) -> Json:
    """Return the DocumentReference of the file; `replaces` is the file of the document that this one superseded."""
    made = document_reference.to_resource(
        card,
        use=DIRECTIVES_USE,
        authors=[f"Patient/{directive.person_id}"],
        dated=directive.signed_on,
        is_current=directive.state in CURRENT,
        replaces=replaces,
        description=_kept_by(directive),
    )
    return made | _in_error(directive)


def to_revocation(directive: DirectiveSnapshot, card: DocumentSnapshot) -> Json:
    """Return the DocumentReference of the paper by which she took them back: no directives, by its type."""
    taken = directive.revocation
    return _beside(directive, card, REVOCATION, dated=taken.revoked_on if taken else None, by_person=True)


def to_leave(directive: DirectiveSnapshot, card: DocumentSnapshot) -> Json:
    """Return the DocumentReference of the paper by which a judge or the family council gave leave."""
    given = directive.authorisation
    return _beside(directive, card, LEAVE, dated=given.given_on if given else None, by_person=False)


def _beside(
    directive: DirectiveSnapshot, card: DocumentSnapshot, what: str, *, dated: date | None, by_person: bool
) -> Json:
    made = document_reference.to_resource(
        card,
        use=RIGHTS_USE,
        authors=[f"Patient/{directive.person_id}"] if by_person else [],
        dated=dated,
        description=what,
    )
    return made | _in_error(directive)


def to_place(directive: DirectiveSnapshot) -> Json:
    """Return a DocumentReference without bytes: that a document exists, its date and who keeps it."""
    person = reference(f"Patient/{directive.person_id}")
    made = compact(
        resourceType="DocumentReference",
        id=str(directive.id),
        status="current" if directive.state in CURRENT else "superseded",
        type_=concept(_coding("document_types", *DIRECTIVES_USE.type)),
        category=[concept(_coding("document_classes", *DIRECTIVES_USE.category))],
        subject=person,
        date=instant(directive.recorded_at),
        author=[person],
        custodian=reference(f"Organization/{directive.organisation_id}") if directive.organisation_id else None,
        description=_kept_by(directive),
        securityLabel=[concept(_coding("confidentiality", *DIRECTIVES_USE.label))],
        content=[
            {
                "attachment": compact(
                    title=_elsewhere(directive.medium),
                    creation=directive.signed_on.isoformat() if directive.signed_on else None,
                )
            }
        ],
    )
    return made | _in_error(directive)


def _elsewhere(medium: Medium) -> str:
    if medium in RECORDINGS:
        return f"Directives anticipées : {MEDIUM_LABELS[medium].lower()} conservé ailleurs"
    return "Directives anticipées conservées ailleurs"


def _kept_by(directive: DirectiveSnapshot) -> str:
    """Return where the original and its copies are, as whoever recorded them said; of a recording, that it is one."""
    places = [f"{MEDIUM_LABELS[directive.medium]} : {LEGAL_BASIS}"] if directive.medium in RECORDINGS else []
    if directive.holder is not None:
        reached = f", {directive.holder.phone}" if directive.holder.phone else ""
        places.append(f"Original conservé par {directive.holder.name}{reached}")
    for one in directive.deposits:
        where = f" ({one.where})" if one.where else ""
        places.append(f"Copie : {PLACE_LABELS[one.place]}{where}, le {one.deposited_on:%d/%m/%Y}")
    return ". ".join(places)


def _in_error(directive: DirectiveSnapshot) -> Json:
    return {"status": "entered-in-error"} if directive.state == State.ENTERED_IN_ERROR else {}


def _coding(list_name: str, system: str, code: str) -> Json:
    return coding(system, code, code_list(list_name).display(system, code))
