"""What happens to rights."""

from accounts.outbox.events import Event


class CircleChanged(Event):
    """Somebody entered or left a person's circle."""

    TYPE = "access.circle_changed"


class TreatingDeclared(Event):
    """A professional declared that he takes care of a person."""

    TYPE = "access.treating_declared"


class TreatingReviewed(Event):
    """A declared relation was confirmed or refused."""

    TYPE = "access.treating_reviewed"


class ConsentChanged(Event):
    """A sharing consent or an opposition was recorded or taken back."""

    TYPE = "access.consent_changed"
