"""What happens to designations."""

from accounts.outbox.events import Event


class TrustedPersonProposed(Event):
    """The person was told that she may designate somebody, or the subject was taken up again."""

    TYPE = "designation.proposed"


class TrustedPersonDeclined(Event):
    """She said « pas maintenant »."""

    TYPE = "designation.declined"


class DesignationPrepared(Event):
    """She chose somebody; a signature is missing."""

    TYPE = "designation.prepared"


class DesignationSigned(Event):
    """Both signed: the trusted person is active."""

    TYPE = "designation.signed"


class DesignationEnded(Event):
    """Revoked, renounced, replaced or suspended, or recorded by mistake."""

    TYPE = "designation.ended"


class DesignationResumed(Event):
    """Active again after a suspension, or back where it stood before the mistake that had replaced it."""

    TYPE = "designation.resumed"
