"""What happens to the contacts with relatives after a death."""

from accounts.outbox.events import Event


class TellingWishStated(Event):
    """The person said how her relatives are to be told."""

    TYPE = "telling_wish.stated"


class ContactPlanned(Event):
    """A contact with a relative is planned, or has another day."""

    TYPE = "bereavement_contact.planned"


class ContactNoted(Event):
    """Somebody noted how it went."""

    TYPE = "bereavement_contact.noted"


class ContactEnded(Event):
    """It will not take place."""

    TYPE = "bereavement_contact.ended"
