"""What happens to a stay when its question is put."""

from accounts.outbox.events import Event


class StayTalked(Event):
    """The person was asked about directives and a trusted person."""

    TYPE = "stay.talked"
