"""What other features show of an offer in the directory: the places, registered by `pathway.capacity`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from accounts.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class PlacesLine:
    """The places of one offer in words: « 2 places libres », how old the figure is, a tone of the look."""

    offer_id: UUID
    text: str
    age: str
    tone: str


PlacesSource = Callable[[Collection[UUID], Actor], Mapping[UUID, PlacesLine]]
_sources: list[PlacesSource] = []


def shows_places(source: PlacesSource) -> PlacesSource:
    """Register who knows the places of offers."""
    _sources.append(source)
    return source


def places_lines(offer_ids: Collection[UUID], *, actor: Actor) -> dict[UUID, PlacesLine]:
    """Return the places of offers in words, by id; an offer that counts none is left out."""
    found: dict[UUID, PlacesLine] = {}
    for source in _sources:
        found.update(source(offer_ids, actor))
    return found
