"""What happens to requests and to their lines."""

from accounts.outbox.events import Event


class ReferralDrafted(Event):
    """A request is in preparation, or its draft changed."""

    TYPE = "referral.drafted"


class ReferralSent(Event):
    """A request left for the structures chosen, or for further ones."""

    TYPE = "referral.sent"


class ReferralSettled(Event):
    """One of its structures admitted the person."""

    TYPE = "referral.settled"


class ReferralCompleted(Event):
    """What it asked for was done."""

    TYPE = "referral.completed"


class ReferralRevoked(Event):
    """It was taken back, or has no object any more."""

    TYPE = "referral.revoked"


class LineChosen(Event):
    """A structure was chosen for a draft."""

    TYPE = "referral_line.chosen"


class LineSent(Event):
    """A structure has something to answer."""

    TYPE = "referral_line.sent"


class LineReminded(Event):
    """The sender asked a silent structure again."""

    TYPE = "referral_line.reminded"


class LineMoved(Event):
    """A structure opened, studies or asks about its line, or the sender answered it."""

    TYPE = "referral_line.moved"


class LineAnswered(Event):
    """A structure agreed, listed the person or proposed a place."""

    TYPE = "referral_line.answered"


class LineAdmitted(Event):
    """The person has come."""

    TYPE = "referral_line.admitted"


class LineSettledIn(Event):
    """The person is in the care of the structure."""

    TYPE = "referral_line.settled_in"


class LineEnded(Event):
    """The accompaniment by the structure is over."""

    TYPE = "referral_line.ended"


class LineStopped(Event):
    """A line ended without an admission: declined, withdrawn, closed or expired."""

    TYPE = "referral_line.stopped"
