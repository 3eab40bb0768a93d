"""What happens to alerts."""

from accounts.outbox.events import Event


class AlertRaised(Event):
    """A rapid team was called."""

    TYPE = "eri_sp_alert.raised"


class AlertMoved(Event):
    """An alert went one step on."""

    TYPE = "eri_sp_alert.moved"


class AlertAmended(Event):
    """A relay was planned, or the clock paused or resumed."""

    TYPE = "eri_sp_alert.amended"
