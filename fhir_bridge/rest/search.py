"""Searching one type, by GET or by POST `_search`; what identifies a person comes in a body only."""

import base64
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlencode

import orjson

from accounts.kernel.crypto import Unreadable
from accounts.kernel.keyring import seal, unseal
from fhir_bridge.r4 import outcomes
from fhir_bridge.r4.datatypes import Json
from fhir_bridge.r4.gate import holds_bad_character, serialise
from fhir_bridge.repository.catalogue import CATALOGUE
from fhir_bridge.repository.query import IN_ADDRESS, Query, read_query
from fhir_bridge.repository.records import Stored
from fhir_bridge.repository.search import Page
from fhir_bridge.repository.search import search as run_search
from fhir_bridge.rest.bodies import bodies_for, persons_of
from fhir_bridge.rest.door import Answer, Call, base_url, interaction
from fhir_bridge.rest.negotiation import check_format
from fhir_bridge.rest.trace import traced_query

PAGE: Final = "_page"
POLICY: Final = "the right that guards each resource, inside the query that finds it"
_FORM: Final = "application/x-www-form-urlencoded"
_MOST_BYTES: Final = 64 * 1024
_MOST_PARAMETERS: Final = 100
Pairs = list[tuple[str, str]]


@interaction("search-type", letter="s", types=CATALOGUE, policy=POLICY)
def search(call: Call) -> Answer:
    """Answer a searchset of what was asked in the address."""
    return _answer(call, pairs_of_address(call), in_body=False)


@interaction("search-type", letter="s", types=CATALOGUE, policy=POLICY)
def search_by_post(call: Call) -> Answer:
    """Answer a searchset of what was asked in the body; the address may hold no parameter but a format."""
    return _answer(call, pairs_of_body(call), in_body=True)


def pairs_of_address(call: Call) -> Pairs:
    """Return the parameters of a search by GET; raises 400."""
    return _parsed(call.request.META.get("QUERY_STRING", "").encode())


def pairs_of_body(call: Call) -> Pairs:
    """Return the parameters of a search by POST; raises 400, 413 or 415."""
    request = call.request
    if (request.content_type or "").lower() != _FORM:
        raise outcomes.unsupported_media_type("A search is posted as application/x-www-form-urlencoded.")
    if set(request.GET) - set(IN_ADDRESS):
        raise outcomes.bad_request("The parameters of a posted search go into its body.", code="invalid")
    body = request.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise outcomes.too_large()
    pairs = _parsed(body)
    for name, value in pairs:
        if name == "_format":
            check_format(value)
    return pairs


def _parsed(text: bytes) -> Pairs:
    try:
        pairs = parse_qsl(
            text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except (UnicodeDecodeError, ValueError):
        raise outcomes.bad_request("The search parameters cannot be read.", code="invalid") from None
    if any(holds_bad_character(part) for pair in pairs for part in pair):
        raise outcomes.bad_request("A search parameter holds a control character.", code="value")
    return pairs


def _answer(call: Call, pairs: Pairs, *, in_body: bool) -> Answer:
    query, in_body = _query(call, pairs, in_body=in_body)
    page = run_search(query, actor=call.actor, base_url=base_url())
    return Answer(
        body=_bundle(call, query, page, in_body=in_body),
        persons=persons_of([*page.matches, *page.included]),
        query=traced_query(call.rtype, query.given),
    )


def _query(call: Call, pairs: Pairs, *, in_body: bool) -> tuple[Query, bool]:
    pages = [value for name, value in pairs if name == PAGE]
    if not pages:
        return read_query(call.rtype, pairs, in_body=in_body), in_body
    if len(pairs) > len(pages) + sum(name in IN_ADDRESS for name, _ in pairs) or len(pages) > 1:
        raise outcomes.bad_request(f"{PAGE} stands alone.", code="invalid")
    kept = opened_page(call, pages[0])
    query = read_query(call.rtype, [(name, value) for name, value in kept["given"]], in_body=kept["in_body"])
    return replace(query, after=(kept["updated"], kept["pk"])), kept["in_body"]


def _bundle(call: Call, query: Query, page: Page, *, in_body: bool) -> bytes:
    shown = [*page.matches, *page.included]
    bodies = bodies_for(call.actor, shown)
    modes = ["match"] * len(page.matches) + ["include"] * len(page.included)
    entries = [_entry(one, body, mode) for one, body, mode in zip(shown, bodies, modes, strict=True)]
    head: Json = {"resourceType": "Bundle", "type": "searchset"}
    if page.total is not None:
        head["total"] = page.total
    head["link"] = _links(call, query, page, in_body=in_body)
    whole = serialise(head)
    return whole if not entries else whole[:-1] + b',"entry":[' + b",".join(entries) + b"]}"


def _entry(one: Stored, body: bytes, mode: str) -> bytes:
    full_url = f"{base_url()}/{one.address}".encode()
    return b'{"fullUrl":"' + full_url + b'","resource":' + body + b',"search":{"mode":"' + mode.encode() + b'"}}'


def _links(call: Call, query: Query, page: Page, *, in_body: bool) -> list[Json]:
    """Return self and next. What came in a body is not repeated in an address: the next page is a sealed key."""
    address = f"{base_url()}/{call.rtype}"
    asked = "" if in_body or not query.given else f"?{urlencode(query.given)}"
    links = [{"relation": "self", "url": f"{address}/_search" if in_body else address + asked}]
    if page.last is not None:
        links.append(
            {"relation": "next", "url": f"{address}?{PAGE}={_sealed(call, query, page.last, in_body=in_body)}"}
        )
    return links


def _sealed(call: Call, query: Query, last: tuple[int, int], *, in_body: bool) -> str:
    return sealed_page(call, {"given": query.given, "in_body": in_body, "updated": last[0], "pk": last[1]})


def sealed_page(call: Call, kept: Json) -> str:
    """Return what the next page must know, sealed for this caller and type."""
    return base64.urlsafe_b64encode(seal(orjson.dumps(kept), bound_to=_place(call))).decode().rstrip("=")


def opened_page(call: Call, key: str) -> Json:
    """Return what `sealed_page` was given; raises 400."""
    try:
        sealed = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
        kept: Json = orjson.loads(unseal(sealed, bound_to=_place(call)))
    except (ValueError, Unreadable):
        raise outcomes.bad_request(f"{PAGE} is not a page of this search.", code="value") from None
    return kept


def _place(call: Call) -> bytes:
    return f"fhir.page|{call.rtype}|{call.actor.id}".encode()
