"""Questionnaire: the scales by which assessments are made, and what is asked on admission. They are nobody's data: the scope of the caller is the whole right."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

from accounts.kernel.errors import NotFound
from fhir_bridge.mappers import admission_talk
from fhir_bridge.mappers.questionnaire import id_of, to_resource
from fhir_bridge.r4 import outcomes, search_params
from fhir_bridge.r4.datatypes import Json, compact
from fhir_bridge.r4.gate import serialise
from fhir_bridge.r4.search_params import unknown_parameter
from fhir_bridge.repository.catalogue import READ_ELSEWHERE
from fhir_bridge.repository.query import IN_ADDRESS
from fhir_bridge.rest.door import Answer, Call, base_url, interaction
from fhir_bridge.rest.search import PAGE, Pairs, opened_page, pairs_of_address, pairs_of_body, sealed_page
from fhir_bridge.rest.trace import traced_query
from ppa.assessments.scale import present_scales, scales

TYPE: Final = "Questionnaire"
COUNT: Final = "_count"
POLICY: Final = "a questionnaire is nobody's data: the scope alone"


@interaction("read", letter="r", types=[TYPE], policy=POLICY)
def read_questionnaire(call: Call) -> Answer:
    """Answer one version of a scale."""
    for found in _every():
        if found["id"] == call.fid:
            return Answer(body=serialise(found))
    raise NotFound


@interaction("search-type", letter="s", types=[TYPE], policy=POLICY)
def search_questionnaires(call: Call) -> Answer:
    """Answer the scales that were asked for in the address; all fit one page."""
    return _answer(call, pairs_of_address(call))


@interaction("search-type", letter="s", types=[TYPE], policy=POLICY)
def search_questionnaires_by_post(call: Call) -> Answer:
    """Answer the same, asked in a body."""
    return _answer(call, pairs_of_body(call))


def _every() -> Iterator[Json]:
    present = {id_of(one) for one in present_scales()}
    yield from (to_resource(one, is_present=id_of(one) in present) for one in scales())
    yield admission_talk.questionnaire()


def _answer(call: Call, pairs: Pairs) -> Answer:
    asked, start = _asked(call, [pair for pair in pairs if pair[0] not in IN_ADDRESS])
    count = search_params.count(dict(asked).get(COUNT))
    found = [one for one in _every() if all(_matches(one, *pair) for pair in asked if pair[0] != COUNT)]
    page = found[start : start + count]
    links = [_link("self", asked)]
    if count and len(found) > start + count:
        links.append(_link("next", [(PAGE, sealed_page(call, {"given": asked, "start": start + count}))]))
    bundle = compact(
        resourceType="Bundle",
        type_="searchset",
        total=len(found),
        link=links,
        entry=[
            {"fullUrl": f"{base_url()}/{TYPE}/{one['id']}", "resource": one, "search": {"mode": "match"}}
            for one in page
        ],
    )
    return Answer(body=serialise(bundle), query=traced_query(TYPE, asked))


def _asked(call: Call, pairs: Pairs) -> tuple[Pairs, int]:
    """Return what is searched for and from which place on; raises 400."""
    pages = [value for name, value in pairs if name == PAGE]
    if pages:
        if len(pairs) > 1:
            raise outcomes.bad_request(f"{PAGE} stands alone.", code="invalid")
        kept = opened_page(call, pages[0])
        return [(name, value) for name, value in kept["given"]], kept["start"]
    for name, _ in pairs:
        if name not in ("_id", COUNT, *READ_ELSEWHERE[TYPE].params):
            raise unknown_parameter(name, known=READ_ELSEWHERE[TYPE].params)
    return pairs, 0


def _link(relation: str, pairs: Pairs) -> Json:
    query = f"?{urlencode(pairs)}" if pairs else ""
    return {"relation": relation, "url": f"{base_url()}/{TYPE}{query}"}


def _matches(one: Json, name: str, value: str) -> bool:
    if name == "_id":
        return one["id"] in search_params.ids(value)
    if name == "url":
        return one["url"] in search_params.alternatives(name, value)
    return any(token.code == one[name] for token in search_params.tokens(name, value))
