"""What happens to an invitation."""

from accounts.outbox.events import Event


class GuestInvited(Event):
    """Somebody was invited: the link is to leave."""

    TYPE = "guest_access.invited"
