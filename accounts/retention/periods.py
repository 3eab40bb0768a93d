"""Until when each file is kept: read by commands and pages alike, for who asked the gate."""

from datetime import datetime, time
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Subquery

from accounts.kernel.clock import PARIS, today
from accounts.kernel.models import Transition
from accounts.people.models import Person
from accounts.retention.models import LegalHold, RetentionRule
from accounts.retention.records import Due, Kept, Rule
from accounts.retention.rules import add_years, kept_until
from accounts.retention.states import Trigger

MOST = 500


def rules() -> dict[Trigger, Rule]:
    """Return the rules of this site, by what they run from."""
    rows = RetentionRule.objects.filter(object="person_file").order_by("trigger")
    return {Trigger(row.trigger): Rule(Trigger(row.trigger), row.years, row.basis) for row in rows}


def kept(person_id: UUID) -> Kept:
    """Return until when a person's file is kept, unscoped: for who asked the gate."""
    person = Person.objects.filter(pk=person_id).annotate(last=_last_activity()).get()
    found = _kept(person, rules())
    is_held = LegalHold.objects.filter(person_id=person_id, lifted_at=None).exists()
    return Kept(found.until, found.rule, is_held=is_held)


def due_now() -> list[Due]:
    """Return what is due, unscoped: for a command that asked the gate and sees everything."""
    present, held = rules(), LegalHold.objects.filter(person=OuterRef("pk"), lifted_at=None)
    shortest = min(rule.years for rule in present.values())
    rows = Person.objects.annotate(last=_last_activity()).filter(~Exists(held), last__lt=_years_ago(shortest))
    found = (
        (person.pk, _kept(person, present).until) for person in rows.order_by("last", "pk").iterator(chunk_size=500)
    )
    over = (Due(key, until) for key, until in found if until < today())
    return [one for one, _ in zip(over, range(MOST), strict=False)]


def _last_activity() -> Subquery:
    deeds = Transition.objects.filter(person_id=OuterRef("pk")).order_by().values("person_id")
    return Subquery(deeds.annotate(last=Max("happened_at")).values("last"))


def _kept(person: Person, present: dict[Trigger, Rule]) -> Kept:
    last = person.last.astimezone(PARIS).date()  # type: ignore[attr-defined]  # (annotated)
    return kept_until(last_activity=last, born_on=person.birth_date, died_on=person.died_on, rules=present)


def _years_ago(years: int) -> datetime:
    return datetime.combine(add_years(today(), -years), time(), tzinfo=PARIS)
