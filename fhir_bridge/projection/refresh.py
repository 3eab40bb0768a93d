"""Bringing the store to what the domain says: after each event, and as a whole."""

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from django.db import transaction

from accounts.kernel.errors import NotFound
from fhir_bridge.projection.registry import projections
from fhir_bridge.r4.references import iter_references
from fhir_bridge.r4.validation import validate
from fhir_bridge.repository.models import Resource
from fhir_bridge.repository.records import Projected, Source
from fhir_bridge.repository.store import is_as_stored, known, made_from, put, retire, rows_at

DIRECTORY = {"Organization": "organisation", "Practitioner": "professional"}


def refresh(*sources: Source) -> int:
    """Make the resources of aggregates again, in one transaction, and store what changed; return how many did.

    Organisations and professionals that a resource names and the store lacks come along.
    """
    changed = 0
    with transaction.atomic():
        while sources:
            shown: list[Projected] = []
            for source in sorted(sources, key=lambda one: (one.type, one.id)):
                held = made_from(source)  # locked before the domain is read: a later state is never written over
                wanted = _built(source)
                changed += _store(wanted, held, source)
                shown += wanted
            sources = tuple(_missing_directory(shown))
    return changed


def _store(wanted: Collection[Projected], held: dict[str, Resource], source: Source) -> int:
    for made in wanted:
        validate(made.resource)
    rows = held | rows_at({made.address for made in wanted} - held.keys())
    gone = held.keys() - {made.address for made in wanted}
    for address in gone:
        retire(held[address])
    return len(gone) + sum(put(made, source, rows.get(made.address)) for made in wanted)


def refresh_all() -> Iterator[tuple[Source, int]]:
    """Refresh every aggregate, yielding each with how many of its resources changed."""
    for source in _every_source():
        yield source, refresh(source)


def differences() -> Iterator[str]:
    """Yield the address of each resource that the domain and the store do not show alike."""
    seen: set[str] = set()
    absent: set[str] = set()
    for source in _every_source():
        built = _built(source)
        absent.update(_missing_addresses(built))
        for made in built:
            seen.add(made.address)
            rtype, _, fid = made.address.partition("/")
            row = Resource.objects.filter(rtype=rtype, fid=fid).first()
            if row is None or not is_as_stored(row, made, source):
                yield made.address
    yield from sorted(absent - seen)
    rows = Resource.objects.filter(deleted=False).order_by("id").values_list("rtype", "fid")
    for rtype, fid in rows.iterator(chunk_size=2000):
        if f"{rtype}/{fid}" not in seen:
            yield f"{rtype}/{fid}"


def _every_source() -> Iterator[Source]:
    for name, projection in projections.items():
        for aggregate_id in projection.every():
            yield Source(type=name, id=aggregate_id)


def _built(source: Source) -> list[Projected]:
    try:
        return list(projections[source.type].build(source.id))
    except NotFound:
        return []


def _missing_directory(made: Iterable[Projected]) -> list[Source]:
    parts = (address.partition("/") for address in sorted(_missing_addresses(made)))
    return [Source(type=DIRECTORY[kind], id=UUID(fid)) for kind, _, fid in parts]


def _missing_addresses(made: Iterable[Projected]) -> set[str]:
    shown = {kind for kind, aggregate in DIRECTORY.items() if aggregate in projections}
    named = {text for one in made for _, text in iter_references(one.resource) if text.partition("/")[0] in shown}
    return named - known(named) if named else set()
