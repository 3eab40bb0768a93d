"""What happens to files."""

from accounts.outbox.events import Event


class DocumentKept(Event):
    """A file was checked and kept."""

    TYPE = "document.kept"
