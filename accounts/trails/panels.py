"""What the person's page offers of the trail: a way to hand her the list, never the list itself."""

from uuid import UUID

from django.urls import reverse

from accounts.access.permissions import Permission
from accounts.kernel.actor import Actor
from accounts.people.page import Panel, panel


@panel(900, Permission.ACCESS_LOG_HAND_TO_PERSON)
def access_panel(person_id: UUID, actor: Actor) -> Panel:
    """Return the way to the list of accesses."""
    return Panel(
        title="Qui a ouvert ce dossier",
        template="accounts/trails/_panel.html",
        context={},
        icon="eye",
        actions=(("Remettre la liste à la personne", reverse("trails:hand", args=[person_id])),),
    )
