"""Running a search: the gate, the filters and the limit are all inside the one query that finds the matches."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

import orjson
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access.permissions import Permission
from accounts.access.sight import EVERYTHING, NOTHING, in_circle, sight
from accounts.kernel.actor import Actor
from accounts.people.lineage import standing_records
from accounts.people.queries import person_by_own_number
from accounts.people.rules import LONGEST_PREFIX, fold
from fhir_bridge.r4 import search_params as values
from fhir_bridge.r4.datatypes import Json
from fhir_bridge.r4.outcomes import bad_request, unprocessable
from fhir_bridge.r4.search_params import DateValue, Token
from fhir_bridge.r4.systems import InsSystem
from fhir_bridge.repository import index
from fhir_bridge.repository.catalogue import CATALOGUE, Kind
from fhir_bridge.repository.models import DateRow, Recipient, RefRow, Resource, TokenRow
from fhir_bridge.repository.query import Filter, Include, Query
from fhir_bridge.repository.records import Stored
from fhir_bridge.repository.store import stored

MOST_INCLUDED = 1000
CUT_TYPES = frozenset({"Patient", "ServiceRequest"})
Check = Callable[[Json], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of matches; `last` is the key to go on from, `None` at the end."""

    matches: list[Stored]
    included: list[Stored]
    total: int | None
    last: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class _Compiled:
    rows: QuerySet[Resource]
    checks: list[Check]


def search(query: Query, *, actor: Actor, base_url: str) -> Page:
    """Return the page of what an actor may see and asked for. `base_url` is the address that references may name."""
    compiled = _compile(query, actor, base_url)
    total = _total(compiled) if query.wants_total or query.only_total else None
    if query.only_total:
        return Page(matches=[], included=[], total=total, last=None)
    found = _matches(compiled, query)
    rows, more = found[: query.count], len(found) > query.count
    matches = [stored(row, in_full=_in_full(row)) for row in rows]
    last = (rows[-1].updated, rows[-1].pk) if more else None
    return Page(matches=matches, included=_included(query, rows, actor), total=total, last=last)


def _compile(query: Query, actor: Actor, base_url: str) -> _Compiled:
    rows = Resource.objects.filter(_search_right(query, actor), rtype=query.rtype, deleted=False)
    rows = rows.filter(readable(query.rtype, actor, also=False))
    if query.ids:
        rows = rows.filter(fid__in=query.ids)
    for asked in query.updated:
        rows = rows.filter(_when(asked, low="updated", high=None))
    checks: list[Check] = []
    for asked_filter in query.filters:
        rows = rows.filter(_condition(asked_filter, query.rtype, actor, base_url))
        rows = rows.filter(_followable(query.rtype, asked_filter.name, actor))
        if _is_long(asked_filter):
            checks.append(_check_names(asked_filter))
    return _Compiled(_annotated(rows, query.rtype, actor), checks)


def readable(rtype: str, actor: Actor, *, also: bool = True) -> Q:
    """Return the filter of what an actor may read of a type; `also`: with what is open as a minimum set only."""
    served, recipients = CATALOGUE[rtype], Recipient.objects.filter(resource=OuterRef("pk"))
    kept = NOTHING
    for right in served.rights:
        kept |= Q(right=right) & sight(actor, right, recipients=recipients)
    if also and served.also:
        kept |= sight(actor, served.also, recipients=recipients)
    return kept


def _followable(rtype: str, param: str, actor: Actor) -> Q:
    """Return whose value of a parameter an actor may learn: not that of a resource he reads the minimum set of."""
    return Q(in_circle(actor)) if param in CATALOGUE[rtype].whole_only else EVERYTHING


def _search_right(query: Query, actor: Actor) -> Q:
    """Return what searching itself needs: for persons, the right to list them, or to look for a number."""
    if query.rtype != "Patient":
        return EVERYTHING
    by_number = any(asked.param.kind == Kind.NUMBER_OF_PERSON for asked in query.filters)
    right = Permission.PATIENT_IDENTITY_SEARCH_EXACT_INS if by_number else Permission.PATIENT_IDENTITY_SEARCH_LIST
    return sight(actor, right, recipients=Recipient.objects.filter(resource=OuterRef("pk")))


def _annotated(rows: QuerySet[Resource], rtype: str, actor: Actor) -> QuerySet[Resource]:
    return rows.annotate(whole=in_circle(actor)) if rtype in CUT_TYPES else rows


def _in_full(row: Resource) -> bool:
    return bool(getattr(row, "whole", True))


def _matches(compiled: _Compiled, query: Query) -> list[Resource]:
    """Return one row more than a page holds, going on past rows that a check on the body leaves out."""
    found: list[Resource] = []
    after, wanted = query.after, query.count + 1
    while (missing := wanted - len(found)) > 0:
        batch = list(_ordered(compiled.rows, query, after)[:missing])
        found += [row for row in batch if _passes(row, compiled.checks)]
        if len(batch) < missing:
            break
        after = (batch[-1].updated, batch[-1].pk)
    return found


def _ordered(rows: QuerySet[Resource], query: Query, after: tuple[int, int] | None) -> QuerySet[Resource]:
    if query.sort.descending:
        if after:
            rows = rows.filter(Q(updated__lt=after[0]) | Q(updated=after[0], pk__lt=after[1]))
        return rows.order_by("-updated", "-pk")
    if after:
        rows = rows.filter(Q(updated__gt=after[0]) | Q(updated=after[0], pk__gt=after[1]))
    return rows.order_by("updated", "pk")


def _passes(row: Resource, checks: list[Check]) -> bool:
    if not checks:
        return True
    body = orjson.loads(stored(row, in_full=True).body)
    return all(check(body) for check in checks)


def _total(compiled: _Compiled) -> int:
    if not compiled.checks:
        return compiled.rows.order_by().count()
    rows = compiled.rows.order_by("pk").iterator(chunk_size=500)
    return sum(_passes(row, compiled.checks) for row in rows)


def _condition(asked: Filter, rtype: str, actor: Actor, base_url: str) -> Q:
    kind, name = asked.param.kind, asked.name
    if kind == Kind.REFERENCE:
        return _refers(asked, rtype, base_url)
    if kind == Kind.DATE:
        return _dated(asked, rtype)
    if kind == Kind.NUMBER_OF_PERSON:
        return _numbered(asked, rtype, actor)
    return _holding(rtype, name, _tokens(asked, rtype))


def _holding(rtype: str, name: str, tokens: Iterable[int]) -> Q:
    rows = TokenRow.objects.filter(rtype=rtype, param=name, token__in=list(tokens))
    return Q(pk__in=rows.values("resource_id"))


def _tokens(asked: Filter, rtype: str) -> Iterator[int]:
    name = asked.name
    if asked.param.kind == Kind.STRING:
        for text in values.strings(name, asked.value):
            if not index.is_searchable(text):
                raise bad_request(f"{name} needs at least two letters.", code="value")
            yield index.exact_token(rtype, name, text) if asked.exact else index.prefix_token(rtype, name, text)
    elif asked.param.kind == Kind.PHONE:
        yield from (index.phone_token(one.code or "") for one in values.tokens(name, asked.value))
    elif asked.param.kind == Kind.BIRTH:
        yield from (index.birth_token(text) for text in _days(asked))
    else:
        yield from (index.code_token(rtype, name, one) for one in values.tokens(name, asked.value))


def _days(asked: Filter) -> Iterator[str]:
    for text in values.alternatives(asked.name, asked.value):
        day = text.removeprefix("eq")
        if values.date(asked.name, text).prefix != "eq" or len(day) not in (4, 7, 10):
            raise bad_request(f"{asked.name} is a day, a month or a year, without a comparison.", code="not-supported")
        yield day


def _numbered(asked: Filter, rtype: str, actor: Actor) -> Q:
    """A national number is in the store; an organisation's own number is looked for among those of the caller only."""
    kept = NOTHING
    for wanted in values.tokens(asked.name, asked.value):
        if not wanted.system or not wanted.code:
            raise bad_request(f"{asked.name} needs a system and a value.", code="value")
        kept |= _national(wanted, rtype) if wanted.system in set(InsSystem) else _own(wanted, actor)
    return kept


def _national(wanted: Token, rtype: str) -> Q:
    return _holding(rtype, "identifier", [index.code_token(rtype, "identifier", wanted)])


def _own(wanted: Token, actor: Actor) -> Q:
    if actor.organisation_id is None:
        return NOTHING
    found = person_by_own_number(wanted.system or "", wanted.code or "", organisation_id=actor.organisation_id)
    return Q(fid=str(found)) if found else NOTHING


def _refers(asked: Filter, rtype: str, base_url: str) -> Q:
    wanted = values.references(asked.name, asked.value, base_url=base_url, targets=asked.param.targets)
    if asked.param.targets == {"Patient"}:
        persons = [person for one in wanted if (person := _uuid(one.id))]
        return Q(person_id__in=standing_records(persons))
    targets = [f"{kind}/{one.id}" for one in wanted for kind in ([one.type] if one.type else asked.param.targets)]
    rows = RefRow.objects.filter(rtype=rtype, param=asked.name, target__in=targets)
    return Q(pk__in=rows.values("resource_id"))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _dated(asked: Filter, rtype: str) -> Q:
    wanted = values.dates(asked.name, asked.value)
    either = NOTHING
    for one in wanted:
        either |= _when(one, low="low", high="high")
    rows = DateRow.objects.filter(either, resource=OuterRef("pk"), rtype=rtype, param=asked.name)
    return Q(Exists(rows))


def _when(asked: DateValue, *, low: str, high: str | None) -> Q:
    """Return `DateValue.matches` as a filter; without `high`, the stored value is one millisecond long."""
    start, end = asked.range.low, asked.range.high
    step = 0 if high else 1
    upper = high or low
    within = Q(**{f"{low}__gte": start, f"{upper}__lte": end - step})
    over, under = Q(**{f"{upper}__gt": end - step}), Q(**{f"{low}__lt": start})
    return {
        "eq": within,
        "ne": ~within,
        "gt": over,
        "lt": under,
        "ge": over | within,
        "le": under | within,
        "sa": Q(**{f"{low}__gte": end}),
        "eb": Q(**{f"{upper}__lte": start - step}),
        "ap": Q(**{f"{low}__lt": end, f"{upper}__gt": start - step}),
    }[asked.prefix]


def _is_long(asked: Filter) -> bool:
    """Tell whether a name is longer than what the index holds, so that the body must be looked at."""
    if asked.param.kind != Kind.STRING or asked.exact:
        return False
    return any(len(fold(text)) > LONGEST_PREFIX for text in values.strings(asked.name, asked.value))


def _check_names(asked: Filter) -> Check:
    wanted = values.strings(asked.name, asked.value)

    def holds(body: Json) -> bool:
        names = [name for path in asked.param.paths for name in index.values_at(body, path)]
        return any(index.begins(text, within=name) for text in wanted for name in names)

    return holds


def _included(query: Query, rows: list[Resource], actor: Actor) -> list[Stored]:
    """Return what the matches bring along, each asked for by itself, once, and no match again."""
    seen = {row.pk for row in rows}
    brought: list[Stored] = []
    for candidates, rtype in _candidates(query, rows, actor):
        reader = actor.for_interaction(f"{rtype}.r")
        visible = candidates.filter(readable(rtype, reader), rtype=rtype, deleted=False)
        for row in _annotated(visible, rtype, reader).order_by("pk")[: MOST_INCLUDED + 1]:
            if row.pk not in seen:
                seen.add(row.pk)
                brought.append(stored(row, in_full=_in_full(row)))
        if len(brought) > MOST_INCLUDED:
            raise unprocessable("The includes bring too many resources: ask for fewer matches.", code="too-costly")
    return brought


def _candidates(query: Query, rows: list[Resource], actor: Actor) -> Iterator[tuple[QuerySet[Resource], str]]:
    if not rows:
        return
    for include in query.includes:
        yield from _followed(include, rows, actor)
    addresses = [f"{row.rtype}/{row.fid}" for row in rows]
    for include in query.reverse_includes:
        pointing = RefRow.objects.filter(target__in=addresses, rtype=include.rtype, param=include.param)
        followable = _followable(include.rtype, include.param, actor)
        yield Resource.objects.filter(followable, pk__in=pointing.values("resource_id")), include.rtype


def _followed(include: Include, rows: list[Resource], actor: Actor) -> Iterator[tuple[QuerySet[Resource], str]]:
    matches = Resource.objects.filter(_followable(include.rtype, include.param, actor), pk__in=[row.pk for row in rows])
    pointed = RefRow.objects.filter(resource__in=matches, param=include.param)
    by_type: dict[str, list[str]] = {}
    for target in pointed.order_by("target").values_list("target", flat=True).distinct():
        kind, _, fid = target.partition("/")
        if kind in include.targets and kind in CATALOGUE:
            by_type.setdefault(kind, []).append(fid)
    for kind, ids in by_type.items():
        yield Resource.objects.filter(fid__in=ids), kind
