"""What happens to care offers and to the directory."""

from accounts.outbox.events import Event


class CareOfferChanged(Event):
    """An offer entered the directory, or what it says changed."""

    TYPE = "care_offer.changed"


class DirectoryImported(Event):
    """A directory file was kept."""

    TYPE = "directory.imported"
