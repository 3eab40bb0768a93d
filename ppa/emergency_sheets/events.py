"""What happens to emergency sheets."""

from accounts.outbox.events import Event


class SheetWritten(Event):
    """The next version is being written."""

    TYPE = "emergency_sheet.written"


class SheetSigned(Event):
    """A physician signed a version: it replaces the one before."""

    TYPE = "emergency_sheet.signed"


class SheetDrifted(Event):
    """What a signed version rests on changed, or stands again as it was."""

    TYPE = "emergency_sheet.drifted"


class SheetCirculated(Event):
    """Somebody noted who holds a version, or holds it no more."""

    TYPE = "emergency_sheet.circulated"


class SheetResumed(Event):
    """What had withdrawn it was a mistake: it speaks again."""

    TYPE = "emergency_sheet.resumed"


class SheetWithdrawn(Event):
    """The sheet speaks no more."""

    TYPE = "emergency_sheet.withdrawn"
