"""What happens to coordination files."""

from accounts.outbox.events import Event


class CaseSignalled(Event):
    """A DAC was asked for its support."""

    TYPE = "case.signalled"


class CaseIncluded(Event):
    """The DAC took the person in."""

    TYPE = "case.included"


class CaseDeclined(Event):
    """The DAC did not take the person in."""

    TYPE = "case.declined"


class CaseChanged(Event):
    """The référent, the level or the next action changed."""

    TYPE = "case.changed"


class CaseClosed(Event):
    """The support of the DAC ended."""

    TYPE = "case.closed"
