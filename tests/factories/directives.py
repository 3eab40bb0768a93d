"""Invented documents of directives, through the command."""

from datetime import date
from functools import cache
from io import BytesIO
from uuid import UUID

import pikepdf

from accounts.access.circle import enter
from accounts.access.records import OpenMembership
from accounts.access.states import Basis
from accounts.documents.records import NewFile
from accounts.kernel.actor import Actor, Role
from ppa.directives.commands import record_deposit, record_directive
from ppa.directives.queries import directive_snapshot
from ppa.directives.records import RecordDeposit, RecordDirective, Wish
from ppa.directives.states import RESUSCITATION, Decision, Medium, Place
from tests.factories import people


@cache
def paper(pages: int = 1) -> bytes:
    """Return an invented PDF."""
    made = BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page()
        pdf.save(made, static_id=True)
    return made.getvalue()


def active_paper() -> bytes:
    """Return a PDF that runs a script when it is opened."""
    made = BytesIO()
    with pikepdf.open(BytesIO(paper())) as pdf:
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        pdf.save(made)
    return made.getvalue()


PDF = paper()


def scan(content: bytes = PDF, content_type: str = "application/pdf") -> NewFile:
    """Return a file as a form hands it over."""
    return NewFile(title="Directives anticipées", content=content, content_type=content_type)


def signed_directive(person_id: UUID, **fields: object) -> RecordDirective:
    """Return the input of a signed scan that refuses resuscitation."""
    values: dict[str, object] = {
        "medium": Medium.PAPER_SCAN,
        "signed_on": date(2026, 3, 12),
        "has_signature": True,
        "wishes": (Wish(code=RESUSCITATION, decision=Decision.DENY, note="Laissez-moi partir CANARICONFIDENCE"),),
        "text": "Je veux rester chez moi CANARICONFIDENCE",
        "file": scan(),
        **fields,
    }
    return RecordDirective(person_id=person_id, **values)  # type: ignore[arg-type]  # (a factory takes any field)


def directive(person_id: UUID, by: Actor, **fields: object) -> UUID:
    """Return the id of a recorded document."""
    return record_directive(signed_directive(person_id, **fields), by=by).id


def deposit(directive_id: UUID, by: Actor, **fields: object) -> None:
    """Record that the general practitioner has a copy."""
    values: dict[str, object] = {
        "version": directive_snapshot(directive_id).version,
        "place": Place.GENERAL_PRACTITIONER,
        "where": "Dr Essai CANARICONFIDENCE",
        "deposited_on": date(2026, 4, 2),
        "deposited_by": "Essai Infirmière",
        **fields,
    }
    record_deposit(RecordDeposit(directive_id=directive_id, **values), by=by)  # type: ignore[arg-type]  # (a factory takes any field)


def file_of(directive_id: UUID) -> UUID:
    """Return the id of the file of a document that has one."""
    document_id = directive_snapshot(directive_id).document_id
    assert document_id is not None
    return document_id


def colleague(role: Role, person_id: UUID, basis: Basis = Basis.SAME_TEAM) -> Actor:
    """Return somebody of another organisation who stands in a person's circle on a basis."""
    other = people.actor(role)
    join(other, person_id, basis)
    return other


def join(actor: Actor, person_id: UUID, basis: Basis) -> None:
    """Let an actor's organisation enter a person's circle."""
    assert actor.organisation_id is not None
    enter(OpenMembership(person_id=person_id, organisation_id=actor.organisation_id, basis=basis))
