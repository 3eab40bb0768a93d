"""What happens to directives."""

from accounts.outbox.events import Event


class DirectiveRecorded(Event):
    """A document of directives came in."""

    TYPE = "directive.recorded"


class DirectiveConfirmed(Event):
    """A document was verified: it is valid."""

    TYPE = "directive.confirmed"


class DirectiveSetApart(Event):
    """A recording waits for its legal basis."""

    TYPE = "directive.set_apart"


class DirectiveSuperseded(Event):
    """A later document took its place."""

    TYPE = "directive.superseded"


class DirectiveRestored(Event):
    """What had taken its place was a mistake: it is valid again."""

    TYPE = "directive.restored"


class DirectiveRevoked(Event):
    """The person took it back."""

    TYPE = "directive.revoked"


class DirectiveWithdrawn(Event):
    """It had been recorded by mistake."""

    TYPE = "directive.withdrawn"


class DirectiveInherited(Event):
    """What it had taken the place of was a mistake: it now stands after the one before."""

    TYPE = "directive.inherited"


class DirectiveDeposited(Event):
    """A copy was put where it will be found."""

    TYPE = "directive.deposited"
