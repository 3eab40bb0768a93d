"""What happens to rights of persons."""

from accounts.outbox.events import Event


class ExportMoved(Event):
    """A copy of a file was asked, approved, made, handed over, or came to its end."""

    TYPE = "rights.export_moved"


class AddendumAdded(Event):
    """A rectification stands beside what was written."""

    TYPE = "rights.addendum_added"


class ErasureAnswered(Event):
    """A wish to erase was answered."""

    TYPE = "rights.erasure_answered"
