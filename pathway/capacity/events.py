"""What happens to places."""

from accounts.outbox.events import Event


class PlacesChanged(Event):
    """The present figure of an offer changed, or was confirmed."""

    TYPE = "places.changed"


class PlaceHeld(Event):
    """A place is kept for a request line."""

    TYPE = "hold.held"


class HoldEnded(Event):
    """A held place was released, used, or its time was over."""

    TYPE = "hold.ended"
