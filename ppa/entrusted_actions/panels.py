"""What a person's page shows of the actions given to other structures."""

from uuid import UUID

from django.urls import reverse

from accounts.access.permissions import Permission
from accounts.kernel.actor import Actor
from accounts.people.page import Panel, TimelineKind, on_timeline, panel
from accounts.vigilance.belongings import held
from ppa.entrusted_actions.models import EntrustedAction
from ppa.entrusted_actions.queries import entrusted_of, entrusted_rows
from ppa.entrusted_actions.states import ENTRUSTED
from ppa.plans.queries import plan_summary

FEW = 5


@panel(32, Permission.ENTRUSTED_ACTION_READ, reads=(entrusted_rows,))
def entrusted_panel(person_id: UUID, actor: Actor) -> Panel | None:
    """Tell which structures were given something to do, and what they answer; nothing when there is none."""
    lines = entrusted_of(person_id, actor=actor) if plan_summary(person_id) else []
    if not lines:
        return None
    return Panel("Actions confiées", "ppa/entrusted_actions/_panel.html", {"lines": lines[:FEW]}, "send")


def _url(entrusted_id: UUID, person_id: UUID) -> str:
    return reverse("entrusted_actions:page", args=[entrusted_id])


on_timeline(
    TimelineKind(
        aggregate_type=EntrustedAction.AGGREGATE,
        lifecycle=ENTRUSTED,
        permission=Permission.ENTRUSTED_ACTION_READ,
        icon="send",
        lane="Annonce et plan",
        url=_url,
    )
)

held("ppa.EntrustedAction", "Actions confiées à des structures")
