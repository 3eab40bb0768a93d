"""Places on the pages of the directory."""

from collections.abc import Collection, Mapping
from uuid import UUID

from accounts.kernel.actor import Actor
from pathway.capacity.queries import places_for
from pathway.capacity.records import PlacesSnapshot
from pathway.structures.page import PlacesLine, shows_places


@shows_places
def lines(offer_ids: Collection[UUID], actor: Actor) -> Mapping[UUID, PlacesLine]:
    """Say in words how many places are free and how old the figure is."""
    found = places_for(offer_ids, actor=actor)
    return {
        offer_id: PlacesLine(offer_id, free_words(places), _age(places), _tone(places))
        for offer_id, places in found.items()
        if places.nature is not None
    }


def free_words(places: PlacesSnapshot) -> str:
    """Return « 2 places libres », « Aucune place libre » or « Places non déclarées »."""
    if places.free is None:
        return "Places non déclarées"
    if places.free == 0:
        return "Aucune place libre"
    return "1 place libre" if places.free == 1 else f"{places.free} places libres"


def _age(places: PlacesSnapshot) -> str:
    return f"déclaré {places.age}" if places.observed_at else ""


def _tone(places: PlacesSnapshot) -> str:
    if not places.free:
        return "neutral"
    return "warn" if places.is_stale else "ok"
