"""A search as it was asked: parameters read, refused by name when they are not offered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from fhir_bridge.r4 import search_params as values
from fhir_bridge.r4.outcomes import FhirError, bad_request
from fhir_bridge.r4.search_params import SortKey, split_modifier, unknown_parameter
from fhir_bridge.repository.catalogue import CATALOGUE, Kind, Param, reverse_references

NEWEST_FIRST = SortKey(name="_lastUpdated", descending=True)
SORTS = ("_lastUpdated",)
MODIFIERS = {Kind.STRING: ("exact",)}
IN_ADDRESS = ("_format", "_pretty")


@dataclass(frozen=True, slots=True)
class Filter:
    """One parameter as asked; repeats of a name are several filters, which all must hold."""

    name: str
    param: Param
    value: str
    exact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Include:
    """One `_include` (follow `param` of the matches) or `_revinclude` (those of `rtype` that point to the matches)."""

    rtype: str
    param: str
    targets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search of one type, ready to run. `after` is the (instant, key) of the last match of the page before."""

    rtype: str
    given: tuple[tuple[str, str], ...] = ()
    filters: tuple[Filter, ...] = ()
    ids: tuple[str, ...] = ()
    updated: tuple[values.DateValue, ...] = ()
    count: int = values.DEFAULT_COUNT
    sort: SortKey = NEWEST_FIRST
    wants_total: bool = False
    only_total: bool = False
    includes: tuple[Include, ...] = ()
    reverse_includes: tuple[Include, ...] = ()
    after: tuple[int, int] | None = None


@dataclass(slots=True)
class _Reading:
    rtype: str
    in_body: bool
    query: Query
    seen: set[str] = field(default_factory=set)


def read_query(rtype: str, given: Iterable[tuple[str, str]], *, in_body: bool) -> Query:
    """Return a search from the parameters given; raises `FhirError` 400 naming the first that is not offered.

    `in_body`: the parameters came in the body of a POST, the only place for the number of a person.
    """
    pairs = tuple((name, value) for name, value in given if name not in IN_ADDRESS)
    reading = _Reading(rtype, in_body, Query(rtype=rtype, given=pairs))
    for name, value in pairs:
        if name in _CONTROLS:
            _refuse_repeat(reading, name)
            reading.query = _CONTROLS[name](reading.query, value)
        elif name in _REPEATED:
            reading.query = _REPEATED[name](reading.query, value)
        else:
            reading.query = _with_filter(reading, name, value)
    return reading.query


def _refuse_repeat(reading: _Reading, name: str) -> None:
    if name in reading.seen:
        raise bad_request(f"{name} is given twice.", code="invalid")
    reading.seen.add(name)


def _with_filter(reading: _Reading, name: str, value: str) -> Query:
    base, modifier = split_modifier(name)
    params = CATALOGUE[reading.rtype].params
    param = params.get(base)
    if param is None or (modifier is not None and modifier not in MODIFIERS.get(param.kind, ())):
        raise unknown_parameter(name, known=params)
    if param.kind == Kind.NUMBER_OF_PERSON and not reading.in_body:
        raise bad_request(
            f"{base} identifies a person: send it in the body of POST {reading.rtype}/_search.", code="security"
        )
    made = Filter(base, param, value, exact=modifier == "exact")
    return replace(reading.query, filters=(*reading.query.filters, made))


def _with_total(query: Query, value: str) -> Query:
    if value not in ("none", "accurate"):
        raise bad_request("The value of _total cannot be read.", code="value")
    return replace(query, wants_total=value == "accurate")


def _with_summary(query: Query, value: str) -> Query:
    if value not in ("false", "count"):
        raise bad_request("Of _summary, only count is offered.", code="not-supported")
    return replace(query, only_total=query.only_total or value == "count")


def _with_count(query: Query, value: str) -> Query:
    count = values.count(value)
    return replace(query, count=count, only_total=query.only_total or count == 0)


def _with_sort(query: Query, value: str) -> Query:
    keys: Sequence[SortKey] = values.sort(value, allowed=SORTS)
    return replace(query, sort=keys[0])


def _with_ids(query: Query, value: str) -> Query:
    return replace(query, ids=tuple(values.ids(value)))


def _with_updated(query: Query, value: str) -> Query:
    return replace(query, updated=(*query.updated, *values.last_updated([value])))


def _with_include(query: Query, value: str) -> Query:
    source, _, name = value.partition(":")
    name, _, target = name.partition(":")
    param = CATALOGUE[query.rtype].references().get(name) if source == query.rtype else None
    if param is None or (target and target not in param.targets):
        raise _not_included("_include")
    targets = frozenset({target}) if target else param.targets
    return replace(query, includes=(*query.includes, Include(rtype=source, param=name, targets=targets)))


def _with_reverse_include(query: Query, value: str) -> Query:
    source, _, name = value.partition(":")
    name, _, target = name.partition(":")
    if (source, name) not in reverse_references(query.rtype) or target not in ("", query.rtype):
        raise _not_included("_revinclude")
    return replace(query, reverse_includes=(*query.reverse_includes, Include(rtype=source, param=name)))


def _not_included(name: str) -> FhirError:
    return bad_request(f"This {name} is not offered here.", code="not-supported")


_CONTROLS = {
    "_count": _with_count,
    "_sort": _with_sort,
    "_total": _with_total,
    "_summary": _with_summary,
    "_id": _with_ids,
}
_REPEATED = {"_lastUpdated": _with_updated, "_include": _with_include, "_revinclude": _with_reverse_include}
COMMON = ("_id", "_lastUpdated")
