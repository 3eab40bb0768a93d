"""What a page shows beside what was written: the rectifications that the person asked for, and the way to add one."""

from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.rights.queries import addenda_of


def beside(target_type: str, target_id: UUID, *, person_id: UUID, actor: Actor) -> dict[str, Any]:
    """Return the context of `accounts/rights/_addenda.html`: `addenda`, and `rectify_url`, empty when the actor may not add one."""
    here = Facts(type="addendum", person_id=person_id)
    may_add = is_permitted(actor, Permission.RGPD_REQUEST_RECTIFY_BY_ADDENDUM, here)
    return {
        "addenda": addenda_of(target_type, target_id, person_id=person_id, actor=actor),
        "rectify_url": reverse("rights:rectify", args=[person_id, target_type, target_id]) if may_add else "",
    }
