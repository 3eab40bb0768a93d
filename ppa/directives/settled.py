"""Which contradictions of a document somebody settled: the feature above that knows registers itself here."""

from collections.abc import Callable
from uuid import UUID

SettledOf = Callable[[UUID], frozenset[str]]

_readers: list[SettledOf] = []


def tells_settled(reader: SettledOf) -> SettledOf:
    """Register a function that gives, for a document, the sentences that were settled."""
    _readers.append(reader)
    return reader


def settled_in(directive_id: UUID) -> frozenset[str]:
    """Return the sentences about one document that somebody settled."""
    return frozenset[str]().union(*(reader(directive_id) for reader in _readers))
