"""What happens to stays."""

from accounts.outbox.events import Event


class StayPlanned(Event):
    """A structure expects somebody."""

    TYPE = "stay.planned"


class StayStarted(Event):
    """Somebody has come."""

    TYPE = "stay.started"


class StayPaused(Event):
    """Somebody left for some days, or came back."""

    TYPE = "stay.paused"


class StayFinished(Event):
    """A stay is over."""

    TYPE = "stay.finished"


class StayCancelled(Event):
    """A planned stay will not take place."""

    TYPE = "stay.cancelled"
