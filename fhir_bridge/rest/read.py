"""Reading one resource: now, one of its versions, all of them."""

from typing import Final

from accounts.kernel.errors import NotFound
from fhir_bridge.r4 import outcomes
from fhir_bridge.r4.gate import serialise
from fhir_bridge.repository import store
from fhir_bridge.repository.catalogue import CATALOGUE
from fhir_bridge.repository.records import Stored
from fhir_bridge.rest.bodies import bodies_for, etag, persons_of, updated_text, version_headers
from fhir_bridge.rest.door import Answer, Call, base_url, interaction
from fhir_bridge.rest.negotiation import matches_etag

POLICY: Final = "the right that guards each resource, asked when it is found"
_LONGEST_VERSION: Final = 9


@interaction("read", letter="r", types=CATALOGUE, policy=POLICY)
def read(call: Call) -> Answer:
    """Answer the present version, 304 when the caller has it, 410 when it was deleted."""
    found = store.read(call.rtype, call.fid, actor=call.actor)
    if not found.deleted and matches_etag(call.request, found.version):
        return Answer(status=304, headers=version_headers(found), persons=persons_of([found]))
    return _answer(call, found)


@interaction("vread", letter="r", types=CATALOGUE, policy=POLICY)
def vread(call: Call) -> Answer:
    """Answer one version, under the rights of the present one."""
    if not call.version.isascii() or not call.version.isdigit() or len(call.version) > _LONGEST_VERSION:
        raise NotFound
    return _answer(call, store.vread(call.rtype, call.fid, int(call.version), actor=call.actor))


@interaction("history-instance", letter="r", types=CATALOGUE, policy=POLICY)
def history(call: Call) -> Answer:
    """Answer every version, newest first."""
    versions = store.history(call.rtype, call.fid, actor=call.actor)
    bodies = bodies_for(call.actor, versions)
    entries = [_entry(one, body) for one, body in zip(versions, bodies, strict=True)]
    head = serialise({"resourceType": "Bundle", "type": "history", "total": len(versions)})
    return Answer(body=head[:-1] + b',"entry":[' + b",".join(entries) + b"]}", persons=persons_of(versions))


def _answer(call: Call, found: Stored) -> Answer:
    if found.deleted:
        raise outcomes.gone()
    return Answer(body=bodies_for(call.actor, [found])[0], headers=version_headers(found), persons=persons_of([found]))


def _entry(one: Stored, body: bytes) -> bytes:
    method = "DELETE" if one.deleted else "POST" if one.version == 1 else "PUT"
    url = one.type if method == "POST" else one.address
    status = {"DELETE": "204", "POST": "201", "PUT": "200"}[method]
    about = serialise(
        {
            "fullUrl": f"{base_url()}/{one.address}",
            "request": {"method": method, "url": url},
            "response": {"status": status, "etag": etag(one), "lastModified": updated_text(one)},
        }
    )
    return about if one.deleted else about[:-1] + b',"resource":' + body + b"}"
