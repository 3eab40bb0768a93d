"""Where a request for scopes stands: one person asks, another one answers."""

from enum import StrEnum


class AskState(StrEnum):
    """What became of a request for scopes."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"


ASK_LABELS = {
    AskState.PENDING: "À confirmer",
    AskState.GRANTED: "Accordée",
    AskState.REFUSED: "Refusée",
}
