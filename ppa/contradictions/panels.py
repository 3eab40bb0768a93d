"""What a person's page tells of contradictions: that some wait, never what they say."""

from uuid import UUID

from django.urls import reverse

from accounts.access.permissions import Permission
from accounts.kernel.actor import Actor
from accounts.people.page import Panel, TimelineKind, on_timeline, panel
from accounts.vigilance.belongings import held
from ppa.contradictions.finding import settlement_rows
from ppa.contradictions.models import Settlement
from ppa.contradictions.queries import about_document, open_count
from ppa.contradictions.states import SETTLEMENT
from ppa.directives.queries import whole_documents
from ppa.directives.to_settle import tells_what_to_settle

tells_what_to_settle(about_document)


@panel(42, Permission.CONTRADICTION_READ, reads=(settlement_rows, whole_documents))
def contradictions_panel(person_id: UUID, actor: Actor) -> Panel | None:
    """Say how many wait; nothing when none does."""
    waiting = open_count(person_id)
    if not waiting:
        return None
    return Panel(
        "À éclaircir",
        "ppa/contradictions/_panel.html",
        {"waiting": waiting},
        "triangle",
        (("Lire les deux passages", reverse("contradictions:index", args=[person_id])),),
    )


def _url(settlement_id: UUID, person_id: UUID) -> str:
    return reverse("contradictions:index", args=[person_id])


on_timeline(
    TimelineKind(
        aggregate_type=Settlement.AGGREGATE,
        lifecycle=SETTLEMENT,
        permission=Permission.CONTRADICTION_READ,
        icon="triangle",
        lane="Directives et confiance",
        url=_url,
    )
)

held("ppa.Settlement", "Contradictions levées")
