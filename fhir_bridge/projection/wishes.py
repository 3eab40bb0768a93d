"""What the person wrote and whom she trusts: directives with their file, what contradicts them, decisions about them, designations."""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from accounts.access.permissions import Permission
from accounts.documents.queries import document_snapshot
from accounts.people.queries import every_person, relative_snapshot
from fhir_bridge.mappers import (
    consent_designation,
    consent_directive,
    detected_issue,
    directive_document,
    document_reference,
    procedure,
    provenance,
    related_person,
)
from fhir_bridge.mappers.document_reference import RIGHTS_USE
from fhir_bridge.projection.registry import projects
from fhir_bridge.r4.datatypes import Json, reference
from fhir_bridge.repository.records import Access, Projected, Source
from ppa.collegial_decisions.queries import decision_snapshot
from ppa.contradictions.finding import settlements_snapshot
from ppa.contradictions.queries import contradictions_snapshot
from ppa.contradictions.records import SettlementSnapshot
from ppa.contradictions.states import SettlementState
from ppa.directives.queries import directive_snapshot, replaced_by
from ppa.directives.records import DirectiveSnapshot
from ppa.directives.states import REVOCATION_MEANS_LABELS, State
from ppa.trusted_persons.queries import designation_snapshot

CONTRADICTIONS = "contradictions"
_COMPARED = frozenset({"directive", "plan", "contradiction", "anticipated_crisis", "emergency_sheet"})


@projects("relative")
def _relative(id: UUID) -> Iterator[Projected]:
    relative = relative_snapshot(id)
    for resource in related_person.to_resources(relative):
        trusted = related_person.is_trusted_person(resource)
        right = Permission.TRUSTED_PERSON_READ if trusted else Permission.RELATIVE_READ
        yield Projected(resource=resource, access=Access(right=right, person_id=relative.person_id))


@projects("directive")
def _directive(id: UUID) -> Iterator[Projected]:
    directive = directive_snapshot(id)
    content = Access(right=Permission.ADVANCE_DIRECTIVE_READ_CONTENT, person_id=directive.person_id)
    for resource in consent_directive.to_resources(directive):
        yield Projected(resource=resource, access=content)
    if directive.state != State.ENTERED_IN_ERROR:
        for resource in provenance.to_resources(
            directive.id,
            directive.witnesses,
            person_id=directive.person_id,
            attested_on=directive.signed_on,
            recorded_at=directive.updated_at,
            document_id=directive.document_id,
            writer=directive.written_by,
            why_not_trusted=directive.witness_reason,
        ):
            yield Projected(resource=resource, access=content)
        if directive.is_protected and (leave := directive.authorisation):
            resource = provenance.to_leave(
                directive.id,
                leave.authority,
                given_on=leave.given_on,
                recorded_at=directive.updated_at,
                document_id=directive.authorisation_document_id,
            )
            yield Projected(resource=resource, access=content)
        if taken := directive.revocation:
            resource = provenance.to_end(
                directive.id,
                told=f"{directive_document.REVOCATION} : {REVOCATION_MEANS_LABELS[taken.means].lower()}",
                by=reference(f"Patient/{directive.person_id}"),
                ended_on=taken.revoked_on,
                recorded_at=directive.updated_at,
                received_by=taken.received_by,
                witness=taken.witness,
                document_id=taken.document_id,
            )
            yield Projected(resource=resource, access=content)
    for resource in _papers_beside(directive):
        yield Projected(resource=resource, access=content)
    if directive.document_id is not None:
        former = replaced_by(directive.id)
        resource = directive_document.to_resource(
            directive,
            document_snapshot(directive.document_id),
            replaces=former.document_id if former else None,
        )
        yield Projected(resource=resource, access=content)
    elif directive.holder is not None:
        existence = Access(right=Permission.ADVANCE_DIRECTIVE_READ_EXISTENCE, person_id=directive.person_id)
        yield Projected(resource=directive_document.to_place(directive), access=existence)


def _papers_beside(directive: DirectiveSnapshot) -> Iterator[Json]:
    if directive.authorisation_document_id is not None:
        yield directive_document.to_leave(directive, document_snapshot(directive.authorisation_document_id))
    if directive.revocation and directive.revocation.document_id is not None:
        yield directive_document.to_revocation(directive, document_snapshot(directive.revocation.document_id))


def shown_with_wishes(aggregate: str, person_id: UUID) -> list[Source]:
    """Return what a change of a document, or of a settlement, changes besides: what contradicts what."""
    return [Source(type=CONTRADICTIONS, id=person_id)] if aggregate in _COMPARED else []


@projects(CONTRADICTIONS, every=every_person)
def _contradictions(id: UUID) -> Iterator[Projected]:
    access = Access(right=Permission.CONTRADICTION_READ, person_id=id)
    settled: dict[str, list[SettlementSnapshot]] = defaultdict(list)
    for settlement in settlements_snapshot(id):
        if settlement.state == SettlementState.SETTLED:
            settled[settlement.contradiction.key].append(settlement)
    found = {one.key: one for one in contradictions_snapshot(id)}
    former = {key: ones[0].contradiction for key, ones in settled.items()}
    for key, one in (former | found).items():
        yield Projected(resource=detected_issue.to_resource(id, one, settled[key]), access=access)


@projects("collegial_decision")
def _decision(id: UUID) -> Iterator[Projected]:
    decision = decision_snapshot(id)
    access = Access(
        right=Permission.COLLEGIAL_DECISION_READ,
        person_id=decision.person_id,
        organisation_id=decision.organisation_id,
    )
    yield Projected(resource=procedure.to_resource(decision), access=access)


@projects("designation")
def _designation(id: UUID) -> Iterator[Projected]:
    designation = designation_snapshot(id)
    if not consent_designation.is_shown(designation):
        return
    access = Access(right=Permission.TRUSTED_PERSON_READ, person_id=designation.person_id)
    yield Projected(resource=consent_designation.to_resource(designation), access=access)
    status = consent_designation.STATUSES[designation.state]
    is_mistake = status == "entered-in-error"
    for resource in provenance.to_resources(
        designation.id,
        () if is_mistake else designation.witnesses,
        person_id=designation.person_id,
        attested_on=designation.signatures.person_signed_on,
        recorded_at=designation.updated_at,
        document_id=designation.document_id,
    ):
        yield Projected(resource=resource, access=access)
    if not is_mistake and designation.is_protected and (leave := designation.leave):
        resource = provenance.to_leave(
            designation.id, leave.authority, given_on=leave.given_on, recorded_at=designation.updated_at
        )
        yield Projected(resource=resource, access=access)
    if end := consent_designation.to_end(designation):
        yield Projected(resource=end, access=access)
    if designation.document_id is not None:
        resource = document_reference.to_resource(
            document_snapshot(designation.document_id),
            use=RIGHTS_USE,
            authors=[f"Patient/{designation.person_id}"],
            dated=designation.signatures.person_signed_on,
            is_current=status == "active",
        )
        yield Projected(resource=resource | ({"status": status} if is_mistake else {}), access=access)
