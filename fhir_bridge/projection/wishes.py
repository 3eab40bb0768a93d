"""What the person wrote and whom she trusts: directives with their file, designations, the people round her."""

from collections.abc import Iterator
from uuid import UUID

from accounts.access.permissions import Permission
from accounts.documents.queries import document_snapshot
from accounts.people.queries import relative_snapshot
from fhir_bridge.mappers import (
    consent_designation,
    consent_directive,
    directive_document,
    document_reference,
    related_person,
)
from fhir_bridge.mappers.document_reference import DESIGNATION_USE
from fhir_bridge.projection.registry import projects
from fhir_bridge.repository.records import Access, Projected
from ppa.directives.queries import directive_snapshot, replaced_by
from ppa.trusted_persons.queries import designation_snapshot


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


@projects("designation")
def _designation(id: UUID) -> Iterator[Projected]:
    designation = designation_snapshot(id)
    if not consent_designation.is_shown(designation):
        return
    access = Access(right=Permission.TRUSTED_PERSON_READ, person_id=designation.person_id)
    yield Projected(resource=consent_designation.to_resource(designation), access=access)
    if designation.document_id is not None:
        resource = document_reference.to_resource(
            document_snapshot(designation.document_id),
            use=DESIGNATION_USE,
            authors=[f"Patient/{designation.person_id}"],
            dated=designation.signatures.person_signed_on,
            is_current=consent_designation.STATUSES[designation.state] == "active",
        )
        yield Projected(resource=resource, access=access)
