"""What happens to contradictions."""

from accounts.outbox.events import Event


class ContradictionSettled(Event):
    """Somebody said what holds."""

    TYPE = "contradiction.settled"


class ContradictionReopened(Event):
    """The question is open again."""

    TYPE = "contradiction.reopened"
