"""The JSON endpoints start closed."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView


class DenyAll(BasePermission):
    """The default of every JSON endpoint: one that is to open says so itself."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Refuse."""
        return False
