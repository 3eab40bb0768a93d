"""Creating one resource, and taking a transaction Bundle."""

from typing import Final

from fhir_bridge.intake.answers import answer_line
from fhir_bridge.intake.entries import read_entries, single
from fhir_bridge.intake.transaction import CREATED, FOUND, Placed, Taken, take
from fhir_bridge.r4 import outcomes
from fhir_bridge.r4.datatypes import Json, compact
from fhir_bridge.r4.gate import RESOURCE, TRANSACTION, Limits, admit, check_headers, parse_json, serialise
from fhir_bridge.r4.validation import validate
from fhir_bridge.repository import store
from fhir_bridge.repository.records import Source, Stored
from fhir_bridge.repository.store import made_as, stored
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
    entries = [{"response": _response(one)} for one in taken.placed]
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
    shown = _shown(placed)
    if shown is None:
        return Answer(status=placed.status, headers={"Location": _location(placed, None), **_replayed(taken)})
    headers = {"Location": _location(placed, shown), **version_headers(shown), **_replayed(taken)}
    body = b"" if wants_no_body(call.request) else bodies_for(call.actor, [shown])[0]
    return Answer(status=placed.status, body=body, headers=headers, persons=persons_of([shown]))


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
    written = _shown(Placed(rtype=call.rtype, source_type=receipt.type, source_id=receipt.id, status=FOUND)) or present
    body = b"" if wants_no_body(call.request) else written.body
    return Answer(body=body, headers=version_headers(written), persons=persons_of([written]))


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


def _response(placed: Placed) -> Json:
    shown = _shown(placed)
    return compact(
        status="201 Created" if placed.status == CREATED else "200 OK",
        location=_location(placed, shown),
        etag=etag(shown) if shown else None,
        lastModified=updated_text(shown) if shown else None,
    )


def _shown(placed: Placed) -> Stored | None:
    """Return what was stored of an entry; `None` when the projection has not come to it yet."""
    row = made_as(placed.rtype, Source(type=placed.source_type, id=placed.source_id))
    return stored(row, in_full=True) if row else None


def _location(placed: Placed, shown: Stored | None) -> str:
    if shown is None:
        return f"{base_url()}/{placed.rtype}/{placed.source_id}"
    return f"{base_url()}/{shown.address}/_history/{shown.version}"


def _replayed(taken: Taken) -> dict[str, str]:
    return {"Idempotency-Replayed": "true"} if taken.replayed else {}
