"""JSON endpoints: each names the one right it needs, and is traced like every other door."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from rest_framework.permissions import BasePermission
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access.doors import Door, guard
from accounts.access.gate import current_trail, open_trail
from accounts.access.permissions import Permission
from accounts.access.rules import MATRIX
from accounts.audit.journal import write_alone
from accounts.audit.records import AuditEntry, Outcome
from accounts.kernel.database import told_as
from accounts.kernel.errors import DomainError
from accounts.kernel.wall import seeing_as


class HasRight(BasePermission):
    """The actor's function has the endpoint's right in some case; the query asks for the object itself."""

    message = "Votre fonction ne permet pas cette action."

    def has_permission(self, request: Any, view: Any) -> bool:
        """Tell whether the matrix has a row; a refusal of somebody signed in is noted."""
        actor, permission = request.actor, view.permission
        if not actor.is_signed_in:
            return False
        if (actor.role, permission) in MATRIX:
            return True
        current_trail().note(AuditEntry(actor=actor, action=permission, outcome=Outcome.DENIED, rule="no-row"))
        return False


class GuardedView(APIView):
    """A JSON endpoint with the one right it needs; its decisions are in the audit before it answers."""

    permission: ClassVar[Permission]
    permission_classes = (HasRight,)

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view, marked with its policy."""
        return guard(super().as_view(**initkwargs), Door(cls.permission))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Run the endpoint inside a trail of its own."""
        with open_trail() as trail:
            with seeing_as(request.actor):  # type: ignore[attr-defined]  # (set by ActorMiddleware)
                response = super().dispatch(request, *args, **kwargs)
            try:
                write_alone(trail.take())
            except DomainError as refusal:
                return JsonResponse(told(refusal), status=refusal.status)
        return response

    def handle_exception(self, exc: Exception) -> Response:
        """Answer a refusal of ours with its code and its French text."""
        refusal = told_as(exc, method=self.request.method)
        if isinstance(refusal, DomainError):
            headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else None
            return Response(told(refusal), status=refusal.status, headers=headers, exception=True)
        return super().handle_exception(exc)


def told(refusal: DomainError) -> dict[str, str]:
    """Return a refusal as JSON."""
    return {"code": refusal.code, "detail": refusal.message}
