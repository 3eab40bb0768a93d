"""What a person's page shows of her directives: that they exist, which one prevails, what waits."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.break_glass.emergency_set import Part, emergency_part
from accounts.documents.queries import document_card
from accounts.kernel.actor import Actor
from accounts.people.page import Chip, Panel, TimelineKind, chip, on_timeline, panel
from accounts.vigilance.belongings import held
from ppa.directives.models import Directive
from ppa.directives.queries import current_directive, directive_for, directives_of, kept_documents, waiting_directives
from ppa.directives.states import DIRECTIVE, OPEN, STATED_LABELS, SUBJECTS, Decision


@chip(10, Permission.ADVANCE_DIRECTIVE_READ_EXISTENCE, reads=(kept_documents,))
def directives_chip(person_id: UUID, actor: Actor) -> Chip:
    """Tell whether directives are known, and from which date; one click shows what they say to who may read it."""
    url = reverse("directives:index", args=[person_id])
    current = current_directive(person_id, reader=actor)
    if current and current.may_be_read:
        url = reverse("directives:page", args=[person_id, current.id])
    if current and current.signed_on:
        return Chip(f"Directives anticipées du {current.signed_on:%d/%m/%Y}", "ok", "document-check", url)
    if waiting_directives(person_id):
        return Chip("Directives anticipées à vérifier", "warn", "document", url)
    return Chip("Pas de directives connues", "neutral", "document", url)


@panel(40, Permission.ADVANCE_DIRECTIVE_READ_EXISTENCE, reads=(kept_documents,))
def directives_panel(person_id: UUID, actor: Actor) -> Panel:
    """List the documents that may still speak for the person, and count the others."""
    every = directives_of(person_id, actor=actor)
    lines = [line for line in every if line.state in OPEN]
    offers: list[tuple[str, str]] = []
    actions = [("Toutes les directives", reverse("directives:index", args=[person_id]))] if every else []
    facts = Facts(type=Directive.AGGREGATE, person_id=person_id)
    if is_permitted(actor, Permission.ADVANCE_DIRECTIVE_UPLOAD, facts):
        offers.append(("Enregistrer des directives", reverse("directives:new", args=[person_id])))
    return Panel(
        "Directives anticipées",
        "ppa/directives/_panel.html",
        {"lines": lines, "earlier": len(every) - len(lines)},
        "document-check",
        tuple(actions),
        tuple(offers),
    )


@emergency_part(10, Permission.ADVANCE_DIRECTIVE_READ_CONTENT)
def directives_in_an_emergency(person_id: UUID, actor: Actor) -> Part:
    """Say what the person refuses and accepts, refusals first, and what is still to be verified."""
    current = current_directive(person_id)
    content = directive_for(current.id, actor=actor) if current else None
    wishes = sorted(content.wishes, key=lambda wish: wish.decision != Decision.DENY) if content else []
    return Part(
        title="Limites de traitement et directives anticipées",
        template="ppa/directives/_emergency.html",
        context={
            "content": content,
            "file": document_card(content.document_id) if content else None,
            "wishes": [
                {
                    "label": SUBJECTS[wish.code].label,
                    "decision": STATED_LABELS[wish.decision],
                    "tone": "crit" if wish.decision == Decision.DENY else "neutral",
                    "note": wish.note,
                }
                for wish in wishes
            ],
            "waiting": waiting_directives(person_id),
        },
        icon="document-check",
        tone="crit" if wishes or (content and content.comfort_only) else "",
    )


def _url(directive_id: UUID, person_id: UUID) -> str:
    return reverse("directives:page", args=[person_id, directive_id])


on_timeline(
    TimelineKind(
        aggregate_type=Directive.AGGREGATE,
        lifecycle=DIRECTIVE,
        permission=Permission.ADVANCE_DIRECTIVE_READ_EXISTENCE,
        icon="document-check",
        lane="Directives et confiance",
        url=_url,
    )
)

held("ppa.Directive", "Directives anticipées")
