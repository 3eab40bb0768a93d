"""What happens on the way to her answer."""

from accounts.outbox.events import Event


class TrustedPersonInvited(Event):
    """A link waits to be sent."""

    TYPE = "designation.invited"


class TrustedPersonAnswered(Event):
    """She read, accepted, or somebody noted it."""

    TYPE = "designation.answered"
