"""Reading what the person wishes for her relatives, and the contacts with them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet

from accounts.access.gate import permit, scope, unopposed
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows
from accounts.access.states import Category
from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from accounts.kernel.errors import NotFound
from accounts.people.queries import people_lines, relatives_snapshot
from accounts.people.records import FoundPerson, RelativeSnapshot
from ppa.after_death.models import BereavementContact, TellingWish
from ppa.after_death.reading import contact_rows, facts_of, snapshot_of
from ppa.after_death.records import ContactSnapshot, TellingWishSnapshot
from ppa.after_death.states import OPEN

AHEAD = timedelta(days=7)
MOST_CALLS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeFollowed:
    """A relative with the contacts planned and noted, in the order of their days."""

    relative: RelativeSnapshot
    contacts: tuple[ContactSnapshot, ...]

    @property
    def is_to_stop(self) -> bool:
        """Tell whether something is still planned."""
        return any(one.is_open for one in self.contacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A line of the worklist: whom to call, about whom, since when."""

    contact: ContactSnapshot
    person: FoundPerson
    relative_name: str
    is_late: bool


def wishes_of(person_id: UUID, *, actor: Actor) -> list[TellingWishSnapshot]:
    """Return what the person said of how her relatives are to be told: the one that stands first."""
    permit(actor, Permission.BEREAVEMENT_READ, facts_of(person_id))
    return [
        TellingWishSnapshot(
            by_whom=row.by_whom,
            words=row.words,
            not_so=row.not_so,
            stated_on=row.stated_on,
            noted_by=row.noted_by.display_name if row.noted_by else "",
        )
        for row in wish_rows(person_id)
    ]


@Rows
def wish_rows() -> QuerySet[TellingWish]:
    """Read what a person said of how her relatives are to be told, the latest first."""
    rows = TellingWish.objects.filter(person_id=ASKED).select_related("noted_by")
    return rows.order_by("-stated_on", "-created_at", "-id")


def relatives_followed(person_id: UUID, *, actor: Actor) -> list[RelativeFollowed]:
    """Return the relatives of a person with their contacts, those of whom something is due first coming first."""
    permit(actor, Permission.BEREAVEMENT_READ, facts_of(person_id))
    contacts = defaultdict(list)
    for row in sorted(contact_rows(person_id), key=lambda row: (row.due_on, row.created_at, row.id)):
        contacts[row.relative_id].append(snapshot_of(row))
    found = [
        RelativeFollowed(relative=one, contacts=tuple(contacts[one.id]))
        for one in relatives_snapshot(person_id)
        if one.active or contacts[one.id]
    ]
    return sorted(found, key=lambda one: min((c.due_on for c in one.contacts if c.is_open), default=date.max))


def contact_for(contact_id: UUID, *, actor: Actor) -> ContactSnapshot:
    """Return one contact to an actor who may read it; raises `NotFound` otherwise."""
    row = BereavementContact.objects.filter(pk=contact_id).first()
    if row is None:
        raise NotFound
    permit(actor, Permission.BEREAVEMENT_READ, row.facts())
    return snapshot_of(row)


def calls_due(*, actor: Actor, ahead: timedelta = AHEAD) -> list[Call]:
    """Return the contacts that the actor's organisation has to make in the days to come, the earliest first."""
    seen = scope(actor, Permission.BEREAVEMENT_READ) & unopposed(actor, Category.PLAN)
    rows = BereavementContact.objects.filter(
        seen, organisation_id__in=actor.organisations, state__in=OPEN, due_on__lte=today() + ahead
    ).select_related("relative")
    found = list(rows.order_by("due_on", "id")[:MOST_CALLS])
    people = people_lines(row.person_id for row in found)
    return [
        Call(
            contact=snapshot_of(row),
            person=people[row.person_id],
            relative_name=f"{row.relative.given} {row.relative.family}",
            is_late=row.due_on < today(),
        )
        for row in found
    ]
