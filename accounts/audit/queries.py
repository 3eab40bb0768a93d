"""What an operator sees of the proof: the last checkpoint and its code, and how far each outside place has been told."""

from dataclasses import dataclass
from datetime import datetime

from accounts.audit.checkpoints import checkpoint_of
from accounts.audit.models import AuditCheckpoint, WitnessCursor
from accounts.audit.records import Checkpoint
from accounts.audit.witnesses import witnesses

WANTED_OUTSIDE = 2


@dataclass(frozen=True, slots=True)
class WitnessState:
    """One place that takes checkpoints: how many it still lacks, when it last took some, its last error's class."""

    name: str
    is_outside: bool
    lacks: int
    sent_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class ProofState:
    """Whether the proof leaves the machine. `has_enough` asks for two places outside."""

    last: Checkpoint | None
    places: list[WitnessState]

    @property
    def has_enough(self) -> bool:
        """Tell whether at least two places outside are named."""
        return sum(place.is_outside for place in self.places) >= WANTED_OUTSIDE


def proof_state() -> ProofState:
    """Return the last checkpoint and the state of every place, our own file first."""
    row = AuditCheckpoint.objects.order_by("-serial").first()
    cursors = {cursor.name: cursor for cursor in WitnessCursor.objects.order_by("name")}
    last = row.serial if row else 0
    places = []
    for witness in witnesses():
        cursor = cursors.get(witness.name, WitnessCursor(name=witness.name))
        places.append(
            WitnessState(witness.name, witness.is_outside, last - cursor.serial, cursor.sent_at, cursor.error)
        )
    return ProofState(checkpoint_of(row) if row else None, places)
