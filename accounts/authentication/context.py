"""What the layout of every page shows of the signed-in professional."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def desk(request: HttpRequest) -> dict[str, Any]:
    """Return the side navigation; empty when nobody is signed in."""
    actor = getattr(request, "actor", None)
    if actor is None or not actor.is_signed_in:
        return {"desk": None}
    return {
        "desk": {
            "person_name": actor.display_name,
            "organisation_name": "",
            "role_label": actor.role,
            "links": [],
            "is_demo": settings.ENVIRONMENT != "production",
        }
    }
