"""What happens to collegial decisions."""

from accounts.outbox.events import Event


class DecisionOpened(Event):
    """A procedure was opened."""

    TYPE = "collegial_decision.opened"


class DecisionCompleted(Event):
    """A search or an opinion was noted."""

    TYPE = "collegial_decision.completed"


class DecisionTaken(Event):
    """The decision was taken."""

    TYPE = "collegial_decision.taken"


class DecisionClosed(Event):
    """It ended, or the procedure was given up."""

    TYPE = "collegial_decision.closed"
