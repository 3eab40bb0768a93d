"""What happens to a break-glass and to the notice of it."""

from accounts.outbox.events import Event


class BreakGlassOpened(Event):
    """Somebody opened a file in an emergency."""

    TYPE = "break_glass.opened"


class BreakGlassEnded(Event):
    """It was ended, or its four hours are over."""

    TYPE = "break_glass.ended"


class BreakGlassReviewed(Event):
    """Another person gave a verdict."""

    TYPE = "break_glass.reviewed"


class BreakGlassAlerted(Event):
    """The alert has left for the referent."""

    TYPE = "break_glass.alerted"


class NoticeDue(Event):
    """The person is to be told."""

    TYPE = "emergency_access_notice.due"


class PersonTold(Event):
    """The person knows."""

    TYPE = "emergency_access_notice.told"
