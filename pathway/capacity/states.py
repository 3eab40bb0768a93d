"""The life of one held place, and the codes of a capacity figure."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class HoldState(StrEnum):
    """Where a held place stands."""

    HELD = "held"
    RELEASED = "released"
    USED = "used"
    LAPSED = "lapsed"


class HoldAction(StrEnum):
    """What happens to a held place."""

    RELEASE = "release"
    USE = "use"
    LAPSE = "lapse"


HOLD_LIFECYCLE = Lifecycle(
    name="hold",
    initial=HoldState.HELD,
    labels={
        HoldState.HELD: "Réservée",
        HoldState.RELEASED: "Libérée",
        HoldState.USED: "Occupée",
        HoldState.LAPSED: "Réservation échue",
    },
    moves=(
        moves(HoldAction.RELEASE, [HoldState.HELD], HoldState.RELEASED, label="Libérer la place"),
        moves(HoldAction.USE, [HoldState.HELD], HoldState.USED),
        moves(HoldAction.LAPSE, [HoldState.HELD], HoldState.LAPSED),
    ),
    deeds={},
)


class CapacityStatus(StrEnum):
    """What is said of the counted places. Values are R330 codes."""

    INSTALLED = "01"
    AVAILABLE = "02"
    OCCUPIED = "03"
    RESERVED = "04"
    CLOSED = "05"
    EXTRA = "06"


class Horizon(StrEnum):
    """When the figure is true. Values are R331 codes."""

    NOW = "01"
    ONE_HOUR = "02"
    ONE_DAY = "03"
    TWO_DAYS = "04"
    ONE_WEEK = "05"


class CapacityGender(StrEnum):
    """Whom the place is for. Values are R332 codes."""

    WOMEN = "01"
    ANY = "02"


class Source(StrEnum):
    """Where a figure comes from."""

    DECLARED = "declared"
    ADMISSION = "admission"
    SYSTEM = "system"
