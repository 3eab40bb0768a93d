"""Reading published figures: this module reads no other table than theirs and the public names of territories."""

from collections import defaultdict
from datetime import date

from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.organisations.directory import territory_names, territory_of
from pathway.indicators.models import PublishedFigure
from pathway.indicators.records import TOTAL, Cell, Published
from pathway.indicators.rules import csv_safe
from pathway.indicators.states import KIND_LABELS, Cube, Kind, Shown

WHOLE_REGION = "Ensemble"
NOTHING = Cell(0, Shown.VALUE)


def published_months() -> list[date]:
    """Return the months that have figures, newest first."""
    return list(PublishedFigure.objects.order_by("-month").values_list("month", flat=True).distinct())


def tables_for(month: date, *, actor: Actor) -> list[Published]:
    """Return what an actor may read of a month: the whole region, or his own territory and his own structure."""
    if is_permitted(actor, Permission.STATISTICS_READ_AGGREGATE_REGION, Facts(type="statistics", is_published=True)):
        permit(actor, Permission.STATISTICS_READ_AGGREGATE_REGION, Facts(type="statistics", is_published=True))
        return [_region(month)]
    own = Facts(type="statistics", is_published=True, organisation_id=actor.organisation_id)
    permit(actor, Permission.STATISTICS_READ_AGGREGATE_OWN_ORG, own)
    assert actor.organisation_id is not None  # noqa: S101 (the gate just compared it)
    territory = territory_of(actor.organisation_id)
    tables = [_table(Cube.ORGANISATION, month, {str(actor.organisation_id): "Votre structure"})]
    return [_table(Cube.TERRITORY, month, {territory[0]: territory[1]}), *tables] if territory else tables


def csv_rows(month: date, *, actor: Actor) -> list[list[str]]:
    """Return the same figures as lines of a file, no text of which a spreadsheet takes for a formula."""
    facts = Facts(type="statistics", is_published=True, organisation_id=actor.organisation_id)
    permit(actor, Permission.STATISTICS_EXPORT_CSV_AGGREGATE, facts)
    lines = [["mois", "lieu", "situation", "personnes"]]
    for table in tables_for(month, actor=actor):
        for name, cells in table.rows:
            lines += [[f"{month:%Y-%m}", csv_safe(name), label, cells[code].text] for code, label in table.columns]
    return lines


def _region(month: date) -> Published:
    codes = PublishedFigure.objects.filter(cube=Cube.TERRITORY, month=month).exclude(place=TOTAL)
    named = territory_names(list(codes.order_by("place").values_list("place", flat=True).distinct()))
    ordered = dict(sorted(named.items(), key=lambda pair: pair[1]))
    return _table(Cube.TERRITORY, month, {**ordered, TOTAL: WHOLE_REGION})


def _table(cube: Cube, month: date, places: dict[str, str]) -> Published:
    cells: dict[str, dict[str, Cell]] = defaultdict(dict)
    for row in PublishedFigure.objects.filter(cube=cube, month=month, place__in=places).order_by("id"):
        cells[row.place][row.kind] = Cell(row.value, Shown(row.shown))
    columns = tuple((str(kind), KIND_LABELS[kind]) for kind in Kind)
    if cube == Cube.TERRITORY:
        columns = (*columns, (TOTAL, "Toutes situations"))
    rows = tuple(
        (name, {code: cells[place].get(code, NOTHING) for code, _ in columns}) for place, name in places.items()
    )
    return Published(cube=cube, month=month, columns=columns, rows=rows)
