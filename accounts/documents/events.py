"""What happens to files."""

from accounts.outbox.events import Event


class DocumentKept(Event):
    """A file was checked and kept."""

    TYPE = "document.kept"


class DocumentWithheld(Event):
    """The antivirus found something dangerous in a kept file."""

    TYPE = "document.withheld"
