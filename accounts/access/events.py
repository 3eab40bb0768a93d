"""What happens to rights."""

from accounts.outbox.events import Event


class CircleChanged(Event):
    """Somebody entered or left a person's circle."""

    TYPE = "access.circle_changed"


class ConsentChanged(Event):
    """A sharing consent or an opposition was recorded or taken back."""

    TYPE = "access.consent_changed"
