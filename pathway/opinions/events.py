"""What happens to requests for an opinion."""

from accounts.outbox.events import Event


class OpinionAsked(Event):
    """A named professional was asked."""

    TYPE = "opinion.asked"


class OpinionEnded(Event):
    """It was answered, declined, withdrawn or stayed without an answer: the file is closed to who was asked."""

    TYPE = "opinion.ended"
