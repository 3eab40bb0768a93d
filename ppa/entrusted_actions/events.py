"""What happens to actions given to other structures."""

from accounts.outbox.events import Event


class ActionEntrusted(Event):
    """A structure was given an action."""

    TYPE = "entrusted_action.given"


class EntrustedAnswered(Event):
    """The structure took it, did it, or cannot."""

    TYPE = "entrusted_action.answered"


class EntrustedWithdrawn(Event):
    """It came back to who had given it."""

    TYPE = "entrusted_action.withdrawn"


class EntrustedResumed(Event):
    """What a death noted by mistake had taken back is in the hands of the structure again."""

    TYPE = "entrusted_action.resumed"
