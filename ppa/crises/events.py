"""What happens to anticipated crises."""

from accounts.outbox.events import Event


class CrisisDescribed(Event):
    """What may happen and what to do then was written, or written otherwise."""

    TYPE = "anticipated_crisis.described"


class DrugsPrescribed(Event):
    """A drug was prescribed ahead, changed or stopped."""

    TYPE = "anticipated_crisis.prescribed"


class HomeChecked(Event):
    """Somebody looked whether a drug is really there."""

    TYPE = "anticipated_crisis.home_checked"


class CrisisWithdrawn(Event):
    """It counts no more."""

    TYPE = "anticipated_crisis.withdrawn"
