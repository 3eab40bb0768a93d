"""What a person's page shows of those round her."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.people.page import Panel, panel
from accounts.people.queries import relative_rows, relatives_of, role_rows


@panel(55, Permission.RELATIVE_READ, reads=(relative_rows, role_rows))
def relatives_panel(person_id: UUID, actor: Actor) -> Panel:
    """Give the relatives, their roles and their phones."""
    active = [relative for relative in relatives_of(person_id, actor=actor) if relative.active]
    actions = (("Rôles et ordre d’appel", reverse("people:relatives", args=[person_id])),)
    offers: tuple[tuple[str, str], ...] = ()
    if is_permitted(actor, Permission.RELATIVE_RECORD, Facts(type="relative", person_id=person_id)):
        offers = (("Ajouter un proche", reverse("people:relative", args=[person_id])),)
    return Panel("Proches", "accounts/people/_relatives.html", {"relatives": active}, "users", actions, offers)
