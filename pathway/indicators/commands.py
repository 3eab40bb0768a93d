"""Publishing the figures of a month: the only reader of live rows, and the only writer of figures."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, time, timedelta
from uuid import UUID

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, command
from accounts.kernel.clock import PARIS
from accounts.kernel.ids import new_id
from accounts.kernel.models import Transition
from accounts.organisations.directory import coordination_territories
from accounts.people.queries import places_of_living
from pathway.indicators.models import PublishedFigure
from pathway.indicators.records import Cell, Place, PublishMonth
from pathway.indicators.rules import hide_small, protect, with_totals
from pathway.indicators.states import COUNTED, Cube, Kind


@command(Permission.STATISTICS_PUBLISH)
def publish_month(record: PublishMonth, act: Act) -> Receipt:
    """Count the persons of a month by territory and kind, and by structure and kind; keep what may be shown."""
    act.ask(Facts(type="statistics"))
    if not PublishedFigure.objects.filter(month=record.month).exists():
        deeds = _deeds(record)
        PublishedFigure.objects.bulk_create(
            [*_figures(Cube.TERRITORY, record, _by_territory(deeds)), *_figures(Cube.ORGANISATION, record, _own(deeds))]
        )
    return Receipt(type="statistics", id=new_id(), version=1)


Deed = tuple[Kind, UUID, UUID | None]


def _deeds(record: PublishMonth) -> list[Deed]:
    """Return (kind, person, organisation) of every counted deed of the month, as it was in Paris."""
    following = (record.month + timedelta(days=32)).replace(day=1)
    start, end = (datetime.combine(day, time(), tzinfo=PARIS) for day in (record.month, following))
    kinds = {counted: kind for kind, counted in COUNTED.items()}
    rows = Transition.objects.filter(
        happened_at__gte=start, happened_at__lt=end, person_id__isnull=False, deed__in={deed for _, deed in kinds}
    ).values_list("aggregate_type", "deed", "person_id", "organisation_id")
    return [
        (kinds[aggregate, deed], person_id, organisation_id)
        for aggregate, deed, person_id, organisation_id in rows.order_by("id").iterator(chunk_size=2000)
        if (aggregate, deed) in kinds and person_id is not None
    ]


def _by_territory(deeds: Collection[Deed]) -> Mapping[Place, Cell]:
    """Count by the DAC territory where each person lives; the whole table is protected, its totals too."""
    territories = coordination_territories()
    homes = places_of_living({person_id for _, person_id, _ in deeds})
    persons: dict[Place, set[UUID]] = defaultdict(set)
    for kind, person_id, _ in deeds:
        commune, departement = homes.get(person_id, ("", ""))
        code = territories.get(commune) or territories.get(departement)
        if code:
            persons[code, kind].add(person_id)
    counts = {place: len(found) for place, found in persons.items()}
    return protect(with_totals(counts, sorted(set(territories.values())), [str(kind) for kind in Kind]))


def _own(deeds: Iterable[Deed]) -> Mapping[Place, Cell]:
    """Count what each organisation did itself; there is no total to compute a hidden figure from."""
    persons: dict[Place, set[UUID]] = defaultdict(set)
    for kind, person_id, organisation_id in deeds:
        if organisation_id is not None:
            persons[str(organisation_id), kind].add(person_id)
    return hide_small({place: len(found) for place, found in persons.items()})


def _figures(cube: Cube, record: PublishMonth, cells: Mapping[Place, Cell]) -> Iterable[PublishedFigure]:
    for (place, kind), cell in sorted(cells.items()):
        yield PublishedFigure(cube=cube, month=record.month, place=place, kind=kind, shown=cell.shown, value=cell.value)
