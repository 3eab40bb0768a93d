"""Life cycles as frozen tables: the guard, the buttons, the database check, the FHIR status and the diagram derive from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from accounts.kernel.errors import TransitionRefused


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a table: `action` leads from any of `sources` to `target`.

    `deed` is what the timeline says once it is done (« Demande envoyée »); empty: the
    move stays out of the timeline. `label` is the button that does it; empty: no button.
    """

    action: StrEnum
    sources: frozenset[StrEnum]
    target: StrEnum
    deed: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """The whole table of one kind of aggregate.

    `labels` gives the French name of each state; `deeds` the timeline text of what
    happens without a move (creation, amendment), by deed name.
    """

    name: str
    initial: StrEnum
    labels: Mapping[StrEnum, str]
    moves: tuple[Move, ...]
    deeds: Mapping[str, str]

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, as stored."""
        return tuple(str(state) for state in self.labels)

    def target(self, action: StrEnum, source: str) -> StrEnum:
        """Return the state that `action` leads to; raise `TransitionRefused` when the table has no such move."""
        for move in self.moves:
            if move.action == action and source in move.sources:
                return move.target
        raise TransitionRefused(state=self.label(source))

    def moves_from(self, source: str) -> tuple[Move, ...]:
        """Return the moves open from a state, in the order of the table."""
        return tuple(move for move in self.moves if source in move.sources)

    def may(self, action: StrEnum, source: str) -> bool:
        """Tell whether the table has this move."""
        return any(move.action == action for move in self.moves_from(source))

    def is_terminal(self, state: str) -> bool:
        """Tell whether nothing leads out of a state."""
        return not self.moves_from(state)

    def label(self, state: str) -> str:
        """Return the French name of a state."""
        return next((text for value, text in self.labels.items() if value == state), state)

    def deed(self, name: str) -> str:
        """Return the timeline text of a move or of another deed; empty when it stays out of the timeline."""
        for move in self.moves:
            if move.action == name:
                return move.deed
        return self.deeds.get(name, "")

    def diagram(self) -> str:
        """Return the table as a Mermaid state diagram, for the documentation."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        for move in self.moves:
            lines += [f"    {source} --> {move.target}: {move.action}" for source in sorted(move.sources)]
        return "\n".join(lines)


def moves(action: StrEnum, sources: Iterable[StrEnum], target: StrEnum, deed: str = "", label: str = "") -> Move:
    """Return one line of a table, its sources given in any order."""
    return Move(action, frozenset(sources), target, deed, label)
