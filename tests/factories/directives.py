"""Invented documents of directives, through the command."""

from datetime import date
from uuid import UUID

from accounts.documents.records import NewFile
from accounts.kernel.actor import Actor
from ppa.directives.commands import record_directive
from ppa.directives.records import RecordDirective, Wish
from ppa.directives.states import RESUSCITATION, Decision, Medium

PDF = b"%PDF-1.7\n% invented\n%%EOF\n"


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
