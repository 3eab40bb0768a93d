"""What a record holds: found by following the keys of the tables, counted, moved to another record and back.

Features register what each kind is called and what there is one of (`held`); a table that names a person and that
nobody registered moves with the others all the same.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q

from accounts.access.models import SharingConsent
from accounts.kernel.clock import now
from accounts.people.models import Person
from accounts.vigilance.models import IdentityMerge, IdentityMove

APPS = ("accounts", "ppa", "pathway", "fhir_bridge")
STAYS: Final[Mapping[str, str]] = {
    "accounts.Person": "the record itself; it points to the one that goes on",
    "accounts.PersonToken": "made again from both identities",
    "accounts.AuditRow": "the chain is never touched; who reads it looks under both records",
    "accounts.StoredEvent": "consumers read what stands now",
    "accounts.AccessReview": "beside rows of the audit, which stay",
    "accounts.IdentityAlert": "about both records",
    "accounts.IdentityMerge": "about both records",
    "fhir_bridge.Resource": "made again from what moved",
}
"""Tables that name a person and do not move, with the reason."""
TWINS_STAY: Final[Mapping[str, str]] = {
    "link_open_once": "the organisation has two numbers of her: both lead to the record that goes on",
    "hold_once": "the file that goes on is held already",
    "ppa_planproposal.person": "one proposal is enough: the announcements come along",
}
"""What there is one of, of which the other record's stays where it was, with the reason."""
TWINS_END: Final[Mapping[str, str]] = {"membership_open_once": "ends_at"}
"""What there is one open of: the other record's ends, in this column, as it moves."""
Row = tuple[type[models.Model], str]
Check = Callable[[UUID, UUID], str | None]


@dataclass(slots=True)
class _Names:
    kinds: dict[str, str] = field(default_factory=dict)
    single: dict[str, str] = field(default_factory=dict)


_names = _Names()
_checks: list[Check] = []


def held(table: str, label: str, single: Mapping[str, str] | None = None) -> None:
    """Register a table that is counted when records are compared, by its French plural.

    `single`: for each unique constraint of it that names the person, what somebody has to
    settle before two records that break it together are merged, in French.
    """
    _names.kinds[table] = label
    _names.single.update(single or {})


def settled_first(check: Check) -> Check:
    """Register what tells, of the record to keep and the other, what somebody has to settle first, in French; `None`: nothing."""
    _checks.append(check)
    return check


def person_columns() -> Iterator[Row]:
    """Yield each table that moves, with its column that names the person."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label not in APPS or model._meta.label in STAYS:
            continue
        for column in model._meta.concrete_fields:
            if column.related_model is Person or column.name == "person_id":
                yield model, column.attname


@dataclass(frozen=True, slots=True)
class Single:
    """Something a person has one of: the columns beside her, among the rows of a condition."""

    name: str
    model: type[models.Model]
    person: str
    beside: tuple[str, ...]
    among: Q

    def twins(self, kept_id: UUID, merged_id: UUID) -> list[Any]:
        """Return the keys of the merged record's rows of which the kept one has the like."""
        rows = self.model._default_manager.filter(self.among)
        there = {row[1:] for row in rows.filter(**{self.person: kept_id}).values_list("pk", *self.beside)}
        mine = rows.filter(**{self.person: merged_id}).order_by("pk").values_list("pk", *self.beside)
        return [row[0] for row in mine if row[1:] in there]


def singles() -> Iterator[Single]:
    """Yield everything of which the tables let a person have one."""
    for model, column in person_columns():
        name = _field(model, column).name
        if _field(model, column).unique:
            yield Single(f"{model._meta.label_lower.replace('.', '_')}.{name}", model, column, (), Q())
        for rule in model._meta.constraints:
            if isinstance(rule, models.UniqueConstraint) and {name, column} & set(rule.fields):
                beside = tuple(one for one in rule.fields if one not in {name, column})
                yield Single(rule.name, model, column, beside, rule.condition or Q())


def to_settle(kept_id: UUID, merged_id: UUID) -> list[str]:
    """Return what somebody has to settle before two records can be one, in French."""
    double = [one.name for one in singles() if one.name in _names.single and one.twins(kept_id, merged_id)]
    told = [check(kept_id, merged_id) for check in _checks]
    return [*(_names.single[name] for name in double), *(one for one in told if one)]


def is_agreement_taken_back(kept_id: UUID, merged_id: UUID) -> bool:
    """Tell whether an agreement to sharing stands on one record and was taken back, for the same structure, on the other.

    One that was given after that is the person's latest word, and stands.
    """
    return any(
        SharingConsent.objects.filter(
            person_id=stands,
            withdrawn_on=None,
            organisations__in=row.organisations.all(),
            given_on__lte=row.withdrawn_on,
        ).exists()
        for stands, taken_back in ((kept_id, merged_id), (merged_id, kept_id))
        for row in SharingConsent.objects.filter(person_id=taken_back, withdrawn_on__isnull=False).order_by("pk")
    )


def counts_of(person_id: UUID) -> list[tuple[str, int]]:
    """Return how many rows of each registered kind a record holds, nothing of their content; kinds without any are left out."""
    found = [
        (_names.kinds[model._meta.label], model._default_manager.filter(**{column: person_id}).count())
        for model, column in person_columns()
        if model._meta.label in _names.kinds
    ]
    return [(label, number) for label, number in found if number]


def moved_by(merge: IdentityMerge) -> list[tuple[str, int]]:
    """Return how many rows of each registered kind a merge moved."""
    tables = Counter(merge.moves.exclude(column__in=TWINS_END.values()).values_list("table", flat=True))
    return [(_names.kinds[table], number) for table, number in sorted(tables.items()) if table in _names.kinds]


def note(merge: IdentityMerge, row: models.Model, column: str, value: Any) -> None:
    """Change one column of one row, with its line in the manifest."""
    _set(type(row), [row.pk], column, value, merge)


def has_strays(merge: IdentityMerge) -> bool:
    """Tell whether the merged record holds something that should have moved: it was written while the merge ran."""
    return any(
        model._default_manager.filter(**{column: merge.merged_id}).exclude(pk__in=_twins_of(model, merge)[0]).exists()
        for model, column in person_columns()
    )


def move(merge: IdentityMerge) -> None:
    """File everything of the merged record under the one that goes on, and note each row in the manifest."""
    for model, column in person_columns():
        staying, ending = _twins_of(model, merge)
        rows = model._default_manager.filter(**{column: merge.merged_id}).exclude(pk__in=staying)
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        for ends, key in ending:
            _set(model, [key], ends, now(), merge)
        _set(model, keys, column, merge.survivor_id, merge)


def move_back(merge: IdentityMerge) -> None:
    """Put back what the manifest says, where it is still as the merge left it, and what was begun since from what goes back.

    What ended because there were two of it opens again last, once each is where it was.
    """
    moved: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for one in merge.moves.order_by("pk"):
        moved[one.table, one.column, one.before, one.after].append(one.row)
    back: dict[type[models.Model], set[Any]] = defaultdict(set)
    for (table, column, _, _), keys in moved.items():
        model = apps.get_model(table)
        if column == dict(person_columns()).get(model):
            back[model] |= {model._meta.pk.to_python(key) for key in keys}
    for model, column, begun in _begun_since(merge, back):
        model._default_manager.filter(pk__in=begun).update(**{column: merge.merged_id})
    for (table, column, before, after), keys in sorted(moved.items(), key=lambda one: one[0][1] in TWINS_END.values()):
        model = apps.get_model(table)
        still = {column: _read(model, column, after)}
        model._default_manager.filter(pk__in=keys, **still).update(**{column: _read(model, column, before)})


def _begun_since(merge: IdentityMerge, back: Mapping[type[models.Model], set[Any]]) -> list[tuple[Any, str, set[Any]]]:
    """Return the rows written since the merge that hang on rows that go back: parts, history, files, circle."""
    columns = dict(person_columns())
    found: dict[type[models.Model], set[Any]] = {model: set(keys) for model, keys in back.items()}
    begun: dict[type[models.Model], set[Any]] = defaultdict(set)
    grown = True
    while grown:
        grown = False
        ids = {key for keys in found.values() for key in keys if isinstance(key, UUID)}
        for model in apps.get_models(include_auto_created=True):
            if model._meta.app_label not in APPS or model._meta.label in STAYS or model is IdentityMove:
                continue
            ties = _ties(model, columns.get(model, ""), found, ids)
            if ties is None:
                continue
            rows = model._default_manager.filter(ties)
            if model in columns:
                rows = rows.filter(**{columns[model]: merge.survivor_id, f"{_written(model)}__gt": merge.merged_at})
            new = set(rows.order_by().values_list("pk", flat=True)) - found.get(model, set())
            if new:
                grown = True
                found.setdefault(model, set()).update(new)
                if model in columns:
                    begun[model] |= new
    return [(model, columns[model], keys) for model, keys in begun.items()]


def _ties(
    model: type[models.Model], person: str, found: Mapping[type[models.Model], set[Any]], ids: set[UUID]
) -> Q | None:
    """Return what ties rows of a table to the rows found: their keys and, where a person is named, ids without a key."""
    ties = Q()
    for one in model._meta.concrete_fields:
        if one.attname == person or one.primary_key:
            continue
        if isinstance(one, models.ForeignKey):
            if one.related_model in found:
                ties |= Q(**{f"{one.name}__in": found[one.related_model]})
        elif person and isinstance(one, models.UUIDField):
            ties |= Q(**{f"{one.name}__in": ids})
    return ties or None


def _written(model: type[models.Model]) -> str:
    names = {one.name for one in model._meta.concrete_fields}
    return next(name for name in ("recorded_at", "created_at") if name in names)


def _twins_of(model: type[models.Model], merge: IdentityMerge) -> tuple[list[Any], list[tuple[str, Any]]]:
    staying: list[Any] = []
    ending: list[tuple[str, Any]] = []
    for one in singles():
        if one.model is not model:
            continue
        twins = one.twins(merge.survivor_id, merge.merged_id)
        if one.name in TWINS_END:
            ending += [(TWINS_END[one.name], key) for key in twins]
        else:
            staying += twins
    return staying, ending


def _set(model: type[models.Model], keys: Sequence[Any], column: str, value: Any, merge: IdentityMerge) -> None:
    before = dict(model._default_manager.filter(pk__in=keys).order_by("pk").values_list("pk", column))
    model._default_manager.filter(pk__in=keys).update(**{column: value})
    IdentityMove.objects.bulk_create(
        IdentityMove(
            merge=merge, table=model._meta.label, row=str(key), column=column, before=_text(before[key]),
            after=_text(value),
        )
        for key in keys
    )  # fmt: skip


def _field(model: type[models.Model], column: str) -> Any:
    return next(one for one in model._meta.concrete_fields if one.attname == column)


def _text(value: Any) -> str:
    return "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)


def _read(model: type[models.Model], column: str, text: str) -> Any:
    target = _field(model, column)
    target = target.target_field if target.is_relation else target
    return target.to_python(text) if text else None
