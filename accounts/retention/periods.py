"""Until when each file is kept: read by commands and pages alike, for who asked the gate."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import islice
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Subquery

from accounts.kernel.clock import PARIS, now, today
from accounts.kernel.errors import NotFound
from accounts.kernel.models import Transition
from accounts.people.models import Person
from accounts.retention.models import LegalHold, RetentionRule
from accounts.retention.records import Due, Kept, Rule, ShortPeriod
from accounts.retention.rules import add_years, kept_until
from accounts.retention.states import SHORT_LABELS, Trigger

MOST = 500
MOST_COUNTED = 10_000


def rules() -> dict[Trigger, Rule]:
    """Return the rules in force on this site, by what they run from."""
    return {trigger: every[0] for trigger, every in history().items()}


def history() -> dict[Trigger, list[Rule]]:
    """Return every rule that this site ever had, by what it runs from, the one in force first."""
    found: dict[Trigger, list[Rule]] = {}
    for row in RetentionRule.objects.filter(object="person_file").order_by("trigger", "-number"):
        trigger = Trigger(row.trigger)
        found.setdefault(trigger, []).append(Rule(trigger, row.years, row.basis, row.number, row.created_at))
    return found


def shortest() -> list[ShortPeriod]:
    """Return what is kept for some days only, by name."""
    rows = RetentionRule.objects.exclude(object="person_file").order_by("object", "trigger", "number")
    latest = {row.object: ShortPeriod(SHORT_LABELS[row.object], row.days or 0, row.basis) for row in rows}
    return list(latest.values())


def kept_since(object: str) -> datetime:
    """Return since when an object that is kept for some days only is kept: what is older goes."""
    rows = RetentionRule.objects.filter(object=object).order_by("-number")
    return now() - timedelta(days=rows.values_list("days", flat=True)[0] or 0)


def kept(person_id: UUID) -> Kept:
    """Return until when a person's file is kept, unscoped: for who asked the gate.

    Raises `NotFound` for one that is not there, or whose deeds have passed to another record.
    """
    person = Person.objects.annotate(last=_last_activity()).filter(pk=person_id, last__isnull=False).first()
    if person is None:
        raise NotFound
    found = _kept(person, rules())
    is_held = LegalHold.objects.filter(person_id=person_id, lifted_at=None).exists()
    return Kept(found.until, found.rule, is_held=is_held)


def due_now() -> list[Due]:
    """Return what is due, unscoped: for a command that asked the gate and sees everything."""
    over = (Due(person_id, found.until) for person_id, found in _ending_before(today(), rules()))
    return list(islice(over, MOST))


def ending_within_a_year(present: Mapping[Trigger, Rule]) -> Counter[Trigger]:
    """Return how many files come to their end within a year under some rules, those due today included, by the rule.

    Unscoped, for who asked the gate; at most `MOST_COUNTED` are counted.
    """
    ends = (found.rule.trigger for _, found in _ending_before(add_years(today(), 1), present))
    return Counter(islice(ends, MOST_COUNTED))


def _ending_before(day: date, present: Mapping[Trigger, Rule]) -> Iterator[tuple[UUID, Kept]]:
    held = LegalHold.objects.filter(person=OuterRef("pk"), lifted_at=None)
    oldest = add_years(day, -min(rule.years for rule in present.values()))
    long_ago = datetime.combine(oldest, time(), tzinfo=PARIS)
    rows = Person.objects.annotate(last=_last_activity()).filter(~Exists(held), last__lt=long_ago, merged_into=None)
    for person in rows.order_by("last", "pk").iterator(chunk_size=500):
        found = _kept(person, present)
        if found.until < day:
            yield person.pk, found


def _last_activity() -> Subquery:
    deeds = Transition.objects.filter(person_id=OuterRef("pk")).order_by().values("person_id")
    return Subquery(deeds.annotate(last=Max("happened_at")).values("last"))


def _kept(person: Person, present: Mapping[Trigger, Rule]) -> Kept:
    last = person.last.astimezone(PARIS).date()  # type: ignore[attr-defined]  # (annotated)
    return kept_until(last_activity=last, born_on=person.birth_date, died_on=person.died_on, rules=present)
