"""The same figures as JSON, for a monitoring tool."""

from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoints import GuardedView
from accounts.access.permissions import Permission
from accounts.kernel.actor import Actor
from accounts.operations.queries import queues
from accounts.outbox.queries import QueueState


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # (its base is untyped)
    """Describes the session cookie to readers of the schema."""

    target_class = "accounts.authentication.rest.SessionActor"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the cookie, as OpenAPI names it."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class QueueSerializer(serializers.Serializer[QueueState]):
    """One queue. Times are in UTC, waits in seconds."""

    consumer = serializers.CharField()
    pending = serializers.IntegerField()
    dead = serializers.IntegerField()
    oldest_due = serializers.DateTimeField(allow_null=True)
    lag_seconds = serializers.SerializerMethodField()

    def get_lag_seconds(self, state: QueueState) -> float:
        """Return how long the oldest due piece of work has waited."""
        return state.lag.total_seconds()


class QueuesView(GuardedView):
    """How much work waits, since when, and how much was given up."""

    permission: ClassVar[Permission] = Permission.OUTBOX_QUEUE_READ

    @extend_schema(responses=QueueSerializer(many=True), summary="Files d’attente des traitements")
    def get(self, request: Request) -> Response:
        """Answer every queue, by name."""
        actor: Actor = request.actor  # type: ignore[attr-defined]  # (set by ActorMiddleware)
        return Response([QueueSerializer(state).data for state in queues(actor)])
