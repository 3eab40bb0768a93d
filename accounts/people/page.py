"""What each feature shows of a person: chips of the banner, panels of her page, lines of her timeline.

Features register from their `panels.py`; the page that puts them together needs to know none of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from accounts.access.gate import is_permitted, permit, permitted_among
from accounts.access.permissions import Permission
from accounts.access.readings import Rows, read_ahead
from accounts.access.records import Facts, FieldSet
from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from accounts.kernel.states import Lifecycle
from accounts.people.queries import identity_row, people_lines, person_facts, person_snapshot
from accounts.people.states import IDENTITY_LABELS, SEX_LABELS


@dataclass(frozen=True, slots=True)
class Chip:
    """A small fact of the banner. `tone` is one of the look's tones; `url` empty: no link."""

    label: str
    tone: str = "neutral"
    icon: str = ""
    url: str = ""

    @property
    def warns(self) -> bool:
        """Whether it may never be out of sight."""
        return self.tone in ("crit", "warn")


@dataclass(frozen=True, slots=True)
class Panel:
    """A block of the person's page: `template` is drawn with `context` under `title`.

    `actions` are (label, url) of what can be read; `offers` those of what can be begun for
    her, which nobody shows once she has died.
    """

    title: str
    template: str
    context: Mapping[str, Any]
    icon: str = ""
    actions: tuple[tuple[str, str], ...] = ()
    offers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineKind:
    """How the transitions of one kind of aggregate are told on the timeline, and who may read them.

    `lifecycle` gives the words; `url` makes a link from an aggregate's id and the person's,
    and `opens` tells of one whether it opens to an actor, where it takes more than to be told.
    """

    aggregate_type: str
    lifecycle: Lifecycle
    permission: Permission
    icon: str
    lane: str
    tone: str = "neutral"
    url: Callable[[UUID, UUID], str] | None = None
    opens: Callable[[UUID, Actor], bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """Who the page is about, as the banner shows it. `partial`: only the minimum set may be shown."""

    person_id: UUID
    name: str
    birth_name: str
    first_name: str
    usual_name: str
    birth_date: date
    age: int
    sex: str
    identity: str
    identity_is_qualified: bool
    city: str
    phones: tuple[str, ...]
    died_on: date | None
    partial: bool
    chips: tuple[Chip, ...] = field(default=())

    @property
    def alerts(self) -> tuple[Chip, ...]:
        """The chips that warn: no screen is too small for them."""
        return tuple(chip for chip in self.chips if chip.warns)

    @property
    def reminders(self) -> tuple[Chip, ...]:
        """The other chips."""
        return tuple(chip for chip in self.chips if not chip.warns)


ChipOf = Callable[[UUID, Actor], Chip | None]
PanelOf = Callable[[UUID, Actor], Panel | None]

_chips: list[tuple[int, Permission, ChipOf]] = []
_read_for: dict[ChipOf | PanelOf, tuple[Rows[Any], ...]] = {}
_of_the_living: set[ChipOf] = set()
_panels: list[tuple[int, Permission, PanelOf]] = []
timeline_kinds: dict[str, TimelineKind] = {}


def chip(
    order: int, permission: Permission, *, reads: tuple[Rows[Any], ...] = (), until_death: bool = False
) -> Callable[[ChipOf], ChipOf]:
    """Register a chip, shown to those who have a right on the person; `until_death`: of no one who died.

    `reads`: what it asks of the person, so that one statement brings it for every chip that is shown.
    """

    def register(made: ChipOf) -> ChipOf:
        _chips.append((order, permission, made))
        _read_for[made] = reads
        if until_death:
            _of_the_living.add(made)
        return made

    return register


def panel(order: int, permission: Permission, *, reads: tuple[Rows[Any], ...] = ()) -> Callable[[PanelOf], PanelOf]:
    """Register a panel, shown to those who have a right on the person. Orders go by tens; `reads` as for a chip."""

    def register(made: PanelOf) -> PanelOf:
        _panels.append((order, permission, made))
        _read_for[made] = reads
        return made

    return register


def on_timeline(kind: TimelineKind) -> None:
    """Register how one kind of aggregate appears on the timeline."""
    timeline_kinds[kind.aggregate_type] = kind


def banner_of(person_id: UUID, *, actor: Actor) -> Banner:
    """Return the banner of a person whom the actor may see; raises `NotFound` otherwise."""
    decision = permit(actor, Permission.PATIENT_IDENTITY_READ, person_facts(person_id))
    chips = _open_to(_chips, person_id, actor)
    _read_ahead(person_id, chips, identity_row)
    person = person_snapshot(person_id)
    until = person.died_on or today()
    born = person.traits.birth_date
    return Banner(
        person_id=person.id,
        name=person.display_name,
        birth_name=person.traits.birth_name.upper(),
        first_name=person.usual_given_name or person.traits.birth_given_names[0],
        usual_name=person.usual_name.upper(),
        birth_date=born,
        age=until.year - born.year - ((until.month, until.day) < (born.month, born.day)),
        sex=SEX_LABELS[person.traits.sex],
        identity=IDENTITY_LABELS[person.status],
        identity_is_qualified=person.ins is not None,
        city=person.contact.city,
        phones=person.contact.phones if decision.fields != FieldSet.MINIMUM else (),
        died_on=person.died_on,
        partial=decision.fields == FieldSet.MINIMUM,
        chips=tuple(
            found
            for made in chips
            if not (person.died_on and made in _of_the_living) and (found := made(person_id, actor))
        ),
    )


def frame_of(person_id: UUID, *, actor: Actor) -> dict[str, Any]:
    """Return the layout and the heading of a page about a person whom the actor may know of by another right.

    `layout` is the template to extend; `banner` the whole banner, or `None` with the
    minimum set in `known_as` (name, birth year, city). The caller has asked the gate.
    """
    if is_permitted(actor, Permission.PATIENT_IDENTITY_READ, person_facts(person_id)):
        return {"layout": "layout/person.html", "banner": banner_of(person_id, actor=actor), "known_as": None}
    person = people_lines([person_id])[person_id]
    return {"layout": "layout/person_minimum.html", "banner": None, "known_as": person}


def panels_of(person_id: UUID, *, actor: Actor) -> list[Panel]:
    """Return the panels of a person's page that are open to the actor, in order."""
    panels = _open_to(_panels, person_id, actor)
    _read_ahead(person_id, panels)
    return [found for made in panels if (found := made(person_id, actor))]


def _read_ahead(person_id: UUID, parts: list[Any], *others: Rows[Any]) -> None:
    asked = dict.fromkeys([*others, *(reading for made in parts for reading in _read_for[made])])
    read_ahead(*((reading, person_id) for reading in asked))


def _open_to(registered: list[tuple[int, Permission, Any]], person_id: UUID, actor: Actor) -> list[Any]:
    rows = sorted(registered, key=lambda row: row[0])
    given = permitted_among(actor, {row[1] for row in rows}, Facts(type="person", person_id=person_id))
    return [made for _, permission, made in rows if permission in given]
