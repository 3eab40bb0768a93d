"""Creating one resource, and taking a transaction Bundle."""

from typing import Final
from uuid import UUID

from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound
from fhir_bridge.intake.answers import answer_line
from fhir_bridge.intake.entries import read_entries, single
from fhir_bridge.intake.transaction import CREATED, FOUND, Placed, Taken, take
from fhir_bridge.r4 import outcomes
from fhir_bridge.r4.datatypes import Json, compact
from fhir_bridge.r4.gate import RESOURCE, TRANSACTION, Limits, admit, check_headers, parse_json, serialise
from fhir_bridge.r4.validation import validate
from fhir_bridge.repository import store
from fhir_bridge.repository.records import Source, Stored
from fhir_bridge.repository.store import made_as
from fhir_bridge.rest.bodies import bodies_for, etag, persons_of, updated_text, version_headers
from fhir_bridge.rest.door import SYSTEM_LEVEL, Answer, Call, base_url, interaction
from fhir_bridge.rest.negotiation import check_version, wants_no_body

POLICY: Final = "the command that each entry runs"


@interaction("transaction", letter="c", types=[SYSTEM_LEVEL], policy=POLICY)
def transaction(call: Call) -> Answer:
    """Do all of a Bundle or nothing; answer what each entry became, in the same order."""
    raw, bundle = body_of(call, limits=TRANSACTION)
    if bundle["resourceType"] != "Bundle":
        raise outcomes.bad_request("A Bundle is posted here.", code="structure")
    taken = take(read_entries(bundle), body=raw, by=call.actor, base_url=base_url())
    entries = [{"response": _response(one, call.actor)} for one in taken.placed]
    answer = {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}
    return Answer(body=serialise(answer), headers=_replayed(taken))


@interaction("create", letter="c", types=["Patient"], policy=POLICY)
def create(call: Call) -> Answer:
    """Register what is posted; `If-None-Exist` gives the one that matches instead."""
    raw, resource = body_of(call, limits=RESOURCE)
    if resource["resourceType"] != call.rtype:
        raise outcomes.bad_request("The resource is of another type than the address.", code="invalid")
    entry = single(resource, if_none_exist=call.request.headers.get("If-None-Exist", ""))
    taken = take([entry], body=raw, by=call.actor, base_url=base_url())
    placed = taken.placed[0]
    shown = _as_read(placed, call.actor)
    headers = {"Location": _location(placed, shown), **_replayed(taken)}
    return _answer(call, shown, status=placed.status, headers=headers, about=frozenset({placed.source_id}))


@interaction("update", letter="u", types=["Task"], policy="the command of the step that the Task asks for")
def update(call: Call) -> Answer:
    """Move a request line where its Task says; `If-Match` is required."""
    _, sent = body_of(call, limits=RESOURCE)
    if sent["resourceType"] != call.rtype or sent.get("id") != call.fid:
        raise outcomes.bad_request("The resource has another type or id than the address.", code="invalid")
    present = store.read(call.rtype, call.fid, actor=call.actor)
    if present.deleted:
        raise outcomes.gone()
    check_version(call.request, present.version)
    shown = store.row_of(call.rtype, call.fid)
    if shown is None or shown.version != present.version:
        raise outcomes.precondition_failed()
    receipt = answer_line(sent, shown, parse_json(present.body), by=call.actor)
    written = Placed(rtype=call.rtype, source_type=receipt.type, source_id=receipt.id, status=FOUND)
    return _answer(call, _as_read(written, call.actor), status=FOUND, headers={}, about=persons_of([present]))


def body_of(call: Call, *, limits: Limits) -> tuple[bytes, Json]:
    """Return the body as it came and the valid resource that it holds; raises `FhirError`."""
    request = call.request
    check_headers(
        content_type=request.headers.get("Content-Type"), content_encoding=request.headers.get("Content-Encoding")
    )
    raw = request.read(limits.body + 1)
    resource = admit(raw, base_url=base_url(), limits=limits)
    validate(resource)
    return raw, resource


def _answer(
    call: Call, shown: Stored | None, *, status: int, headers: dict[str, str], about: frozenset[UUID]
) -> Answer:
    """Return the answer to a write about some persons: with the body of a read, unless none may be shown or is wanted."""
    if shown is None:
        return Answer(status=status, headers=headers, persons=about)
    body = b"" if wants_no_body(call.request) else bodies_for(call.actor, [shown])[0]
    return Answer(status=status, body=body, headers={**headers, **version_headers(shown)}, persons=about)


def _response(placed: Placed, by: Actor) -> Json:
    shown = _as_read(placed, by)
    return compact(
        status="201 Created" if placed.status == CREATED else "200 OK",
        location=_location(placed, shown),
        etag=etag(shown) if shown else None,
        lastModified=updated_text(shown) if shown else None,
    )


def _as_read(placed: Placed, by: Actor) -> Stored | None:
    """Return what a read by the same caller shows of an entry; `None` when it shows nothing, or nothing yet."""
    row = made_as(placed.rtype, Source(type=placed.source_type, id=placed.source_id))
    if row is None:
        return None
    try:
        return store.read(placed.rtype, row.fid, actor=by.for_interaction(f"{placed.rtype}.r"))
    except NotFound:
        return None


def _location(placed: Placed, shown: Stored | None) -> str:
    if shown is None:
        return f"{base_url()}/{placed.rtype}/{placed.source_id}"
    return f"{base_url()}/{shown.address}/_history/{shown.version}"


def _replayed(taken: Taken) -> dict[str, str]:
    return {"Idempotency-Replayed": "true"} if taken.replayed else {}
