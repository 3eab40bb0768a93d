"""What happens to visits."""

from accounts.outbox.events import Event


class VisitRecorded(Event):
    """A volunteer wrote down a visit."""

    TYPE = "volunteer_visit.recorded"
