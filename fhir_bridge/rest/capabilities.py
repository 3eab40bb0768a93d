"""The CapabilityStatement, derived from what is registered: it tells nothing that does not work."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.access.doors import public
from fhir_bridge.r4.datatypes import Json, coding, compact, concept
from fhir_bridge.r4.gate import serialise
from fhir_bridge.r4.outcomes import FhirError
from fhir_bridge.r4.systems import FHIR_VERSION
from fhir_bridge.repository.catalogue import (
    CATALOGUE,
    FHIR_TYPES,
    READ_ELSEWHERE,
    Kind,
    Param,
    Served,
    reverse_references,
)
from fhir_bridge.rest.door import CONTENT_TYPE, SYSTEM_LEVEL, answer_of, base_url, interactions
from fhir_bridge.rest.negotiation import check_accept

PUBLISHED = "2026-11-22"
SECURITY = "http://terminology.hl7.org/CodeSystem/restful-security-service"


@public("the CapabilityStatement holds no health data")
@require_safe
def metadata(request: HttpRequest) -> HttpResponse:
    """Answer the CapabilityStatement; no token is needed."""
    try:
        check_accept(request)
    except FhirError as refusal:
        refused = answer_of(refusal)
        return HttpResponse(refused.body, status=refused.status, content_type=CONTENT_TYPE)
    return HttpResponse(serialise(statement(base_url())), content_type=CONTENT_TYPE)


@cache
def statement(address: str) -> Json:
    """Return the CapabilityStatement of the server at an address."""
    types = sorted({rtype for one in interactions for rtype in one.types} - {SYSTEM_LEVEL})
    system = [{"code": one.code} for one in interactions if SYSTEM_LEVEL in one.types]
    return compact(
        resourceType="CapabilityStatement",
        status="active",
        date=PUBLISHED,
        kind="instance",
        software={"name": "Coordination PPA", "version": _software_version()},
        implementation={"description": "Coordination des soins palliatifs", "url": address},
        fhirVersion=FHIR_VERSION,
        format=["application/fhir+json", "json"],
        rest=[
            compact(
                mode="server",
                security={"service": [concept(coding(SECURITY, "SMART-on-FHIR"))]},
                resource=[_resource(rtype) for rtype in types],
                interaction=system,
            )
        ],
    )


def _resource(rtype: str) -> Json:
    served = CATALOGUE.get(rtype)
    codes = dict.fromkeys(one.code for one in interactions if rtype in one.types)
    searched = served or READ_ELSEWHERE.get(rtype)
    params = searched.params if searched else {}
    return compact(
        type=rtype,
        interaction=[{"code": code} for code in codes],
        versioning="versioned" if "vread" in codes else "no-version",
        readHistory=True if "vread" in codes else None,
        updateCreate=False if "update" in codes else None,
        conditionalCreate=True if "create" in codes else None,
        conditionalRead="not-match" if "vread" in codes else None,
        referencePolicy=["literal"] if served else [],
        searchInclude=[f"{rtype}:{name}" for name in served.references()] if served else [],
        searchRevInclude=[f"{source}:{name}" for source, name in reverse_references(rtype)],
        searchParam=[*_common(searched), *(_param(name, param) for name, param in params.items())],
    )


def _common(searched: Served | None) -> list[Json]:
    if searched is None:
        return []
    dated = [{"name": "_lastUpdated", "type": "date"}] if searched.is_dated else []
    return [{"name": "_id", "type": "token"}, *dated]


def _param(name: str, param: Param) -> Json:
    kind = Kind(param.kind)
    return compact(name=name, type=FHIR_TYPES[kind], documentation=param.note)


def _software_version() -> str:
    try:
        return version("ppa-coordination")
    except PackageNotFoundError:
        return "0.1.0"
