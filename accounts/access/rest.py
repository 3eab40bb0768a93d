"""The JSON endpoints start closed. DRF's settings name this module: it imports none of DRF's views."""

from typing import Any

from rest_framework.permissions import BasePermission


class DenyAll(BasePermission):
    """The default of every JSON endpoint: one that is to open says so itself."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Refuse."""
        return False
