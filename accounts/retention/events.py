"""What happens to orders to erase and to holds."""

from accounts.outbox.events import Event


class PurgeMoved(Event):
    """An order to erase was asked, confirmed, cancelled, begun or finished."""

    TYPE = "retention.purge_moved"
