"""The same figures as JSON, for a monitoring tool."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoints import GuardedView
from accounts.access.permissions import Permission
from accounts.kernel.actor import Actor
from accounts.operations.queries import queues
from accounts.outbox.queries import QueueState


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
