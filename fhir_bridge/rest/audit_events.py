"""AuditEvent: each caller reads the rows of its own calls, made when read; nobody writes or deletes one here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.audit.records import Outcome
from accounts.kernel.errors import NotFound
from accounts.trails.queries import hidden, own_rows, trace_of
from accounts.trails.records import Trace
from fhir_bridge.mappers.audit_event import OUTCOMES, Form, read_id, to_resource
from fhir_bridge.r4 import outcomes, search_params
from fhir_bridge.r4.datatypes import Json, compact
from fhir_bridge.r4.gate import serialise
from fhir_bridge.r4.search_params import DateValue, unknown_parameter
from fhir_bridge.r4.systems import BALP, TDE_AUDIT_EVENT
from fhir_bridge.repository.catalogue import READ_ELSEWHERE
from fhir_bridge.repository.query import IN_ADDRESS
from fhir_bridge.rest.door import Answer, Call, base_url, interaction
from fhir_bridge.rest.search import PAGE, Pairs, opened_page, pairs_of_address, pairs_of_body, sealed_page
from fhir_bridge.rest.trace import traced_query

TYPE: Final = "AuditEvent"
POLICY: Final = "the right on one's own accesses, asked by accounts.trails"
NOTHING: Final = Q(pk__in=[])


@dataclass(slots=True)
class Asked:
    """A search over one's own rows: filters, the form of the answer, how many, and the row to go on after."""

    given: Pairs
    kept: Q = field(default_factory=Q)
    form: Form = Form.BALP
    count: int = search_params.DEFAULT_COUNT
    after: int | None = None


@interaction("read", letter="r", types=[TYPE], policy=POLICY)
def read_event(call: Call) -> Answer:
    """Answer one event of the caller's own; anything else is unknown."""
    named = read_id(call.fid)
    if named is None:
        raise NotFound
    chain, number, form = named
    row = own_rows(call.actor).filter(chain=chain, number=number).first()
    if row is None:
        raise NotFound
    return Answer(body=serialise(to_resource(hidden(trace_of(row)), form=form, base_url=base_url())))


@interaction("search-type", letter="s", types=[TYPE], policy=POLICY)
def search_events(call: Call) -> Answer:
    """Answer the caller's own events, newest first."""
    return _answer(call, pairs_of_address(call))


@interaction("search-type", letter="s", types=[TYPE], policy=POLICY)
def search_events_by_post(call: Call) -> Answer:
    """Answer the same, asked in a body."""
    return _answer(call, pairs_of_body(call))


def events_bundle(traces: Iterable[Trace], *, form: Form) -> Json:
    """Return rows as a collection of events: for a file that is taken away."""
    events = [to_resource(trace, form=form, base_url=base_url()) for trace in traces]
    entries = [{"fullUrl": f"{base_url()}/{TYPE}/{event['id']}", "resource": event} for event in events]
    return compact(resourceType="Bundle", type_="collection", entry=entries)


def _answer(call: Call, pairs: Pairs) -> Answer:
    asked = _asked(call, pairs)
    rows = own_rows(call.actor).filter(asked.kept)
    head: Json = {"resourceType": "Bundle", "type": "searchset"}
    if not asked.count:
        head |= {"total": rows.count(), "link": [_link("self", asked.given)]}
        return Answer(body=serialise(head), query=traced_query(TYPE, asked.given))
    page, more = _page(rows, asked)
    head["link"] = [_link("self", asked.given)]
    if more:
        head["link"].append(_link("next", [(PAGE, sealed_page(call, {"given": asked.given, "pk": page[-1].pk}))]))
    head["entry"] = [_entry(hidden(trace_of(row)), asked.form) for row in page]
    if not page:
        del head["entry"]
    return Answer(body=serialise(head), query=traced_query(TYPE, asked.given))


def _page(rows: QuerySet[Any], asked: Asked) -> tuple[list[Any], bool]:
    if asked.after is not None:
        rows = rows.filter(pk__lt=asked.after)
    found = list(rows.order_by("-pk")[: asked.count + 1])
    return found[: asked.count], len(found) > asked.count


def _entry(trace: Trace, form: Form) -> Json:
    event = to_resource(trace, form=form, base_url=base_url())
    return {"fullUrl": f"{base_url()}/{TYPE}/{event['id']}", "resource": event, "search": {"mode": "match"}}


def _link(relation: str, pairs: Pairs) -> Json:
    query = f"?{urlencode(pairs)}" if pairs else ""
    return {"relation": relation, "url": f"{base_url()}/{TYPE}{query}"}


def _asked(call: Call, pairs: Pairs) -> Asked:
    pages = [value for name, value in pairs if name == PAGE]
    if pages:
        if len(pairs) > 1 + sum(name in IN_ADDRESS for name, _ in pairs):
            raise outcomes.bad_request(f"{PAGE} stands alone.", code="invalid")
        kept = opened_page(call, pages[0])
        asked = _read([(name, value) for name, value in kept["given"]])
        asked.after = kept["pk"]
        return asked
    return _read([(name, value) for name, value in pairs if name not in IN_ADDRESS])


def _read(pairs: Pairs) -> Asked:
    asked = Asked(given=pairs)
    for name, value in pairs:
        if name == "_count":
            asked.count = search_params.count(value)
        elif name == "_profile":
            asked.form = _form(value)
        elif name in _FILTERS:
            asked.kept &= _FILTERS[name](name, value)
        else:
            raise unknown_parameter(name, known=READ_ELSEWHERE[TYPE].params)
    return asked


def _form(value: str) -> Form:
    if value == TDE_AUDIT_EVENT:
        return Form.TDE
    if value.startswith(f"{BALP}/"):
        return Form.BALP
    raise outcomes.bad_request("_profile names the IHE BALP or the French TDE form.", code="value")


def _ids(name: str, value: str) -> Q:
    kept = NOTHING
    for text in search_params.ids(value):
        if named := read_id(text):
            kept |= Q(chain=named[0], number=named[1])
    return kept


def _dates(name: str, value: str) -> Q:
    kept = NOTHING
    for one in search_params.dates(name, value):
        kept |= _when(one)
    return kept


def _when(asked: DateValue) -> Q:
    start, end = _moment(asked.range.low), _moment(asked.range.high)
    within = Q(at__gte=start, at__lt=end)
    return {
        "eq": within,
        "ap": within,
        "ne": ~within,
        "gt": Q(at__gte=end),
        "sa": Q(at__gte=end),
        "lt": Q(at__lt=start),
        "eb": Q(at__lt=start),
        "ge": Q(at__gte=start),
        "le": Q(at__lt=end),
    }[asked.prefix]


def _moment(milliseconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise outcomes.bad_request("The date is not valid.", code="value") from None


def _patients(name: str, value: str) -> Q:
    return Q(person_id__in=_uuids(name, value, "Patient"), outcome=Outcome.ALLOWED)


def _agents(name: str, value: str) -> Q:
    wanted = _uuids(name, value, *READ_ELSEWHERE[TYPE].params[name].targets)
    return Q(actor_id__in=wanted) | Q(professional_id__in=wanted)


def _things(name: str, value: str) -> Q:
    kept = NOTHING
    for one in search_params.references(name, value, base_url=base_url()):
        found = _as_uuid(one.id)
        if found is None:
            continue
        if one.type in (None, "Patient"):
            kept |= Q(person_id=found, outcome=Outcome.ALLOWED)
        kept |= Q(object_id=found, object_type=one.type) if one.type else Q(object_id=found)
    return kept


def _outcomes(name: str, value: str) -> Q:
    codes = {one.code for one in search_params.tokens(name, value)}
    return Q(outcome__in=[outcome for outcome, code in OUTCOMES.items() if code in codes])


def _uuids(name: str, value: str, *targets: str) -> list[UUID]:
    found = (_as_uuid(one.id) for one in search_params.references(name, value, base_url=base_url(), targets=targets))
    return [one for one in found if one]


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


_FILTERS: Final[Mapping[str, Callable[[str, str], Q]]] = {
    "_id": _ids,
    "_lastUpdated": _dates,
    "date": _dates,
    "patient": _patients,
    "agent": _agents,
    "entity": _things,
    "outcome": _outcomes,
}
