"""What a request says about formats, versions and wishes, read strictly."""

import re
from typing import Final

from django.http import HttpRequest

from fhir_bridge.r4.outcomes import bad_request, not_acceptable, precondition_failed

_JSON: Final = frozenset({"json", "text/json", "application/json", "application/fhir+json"})
_ANY: Final = frozenset({"", "*/*", "application/*"})
_VERSIONS: Final = frozenset({"4.0", "4.0.1"})
_ETAG: Final = re.compile(r'(?:W/)?"(\d{1,9})"')


def check_accept(request: HttpRequest) -> None:
    """Raise 406 unless FHIR JSON of version 4.0 answers the request; `_format` wins over Accept."""
    check_format(request.GET.get("_format") or request.headers.get("Accept", ""))


def check_format(asked: str) -> None:
    """Raise 406 unless one of the media types of a text, separated by commas, is answered here."""
    if not any(_is_answered(one) for one in asked.split(",")):
        raise not_acceptable()


def wants_native(request: HttpRequest, content_type: str) -> bool:
    """Tell whether a Binary is asked for as the file itself."""
    if request.GET.get("_format"):
        return False
    asked = [one.partition(";")[0].strip().lower() for one in request.headers.get("Accept", "").split(",")]
    return content_type in asked or any(one.endswith("/*") and content_type.startswith(one[:-1]) for one in asked)


def matches_etag(request: HttpRequest, version: int) -> bool:
    """Tell whether `If-None-Match` names the present version."""
    asked = request.headers.get("If-None-Match", "")
    return asked.strip() == "*" or str(version) in _ETAG.findall(asked)


def version_expected(request: HttpRequest) -> int | None:
    """Return the version that `If-Match` names; `None` without the header, 400 when it cannot be read."""
    asked = request.headers.get("If-Match")
    if asked is None:
        return None
    found = _ETAG.fullmatch(asked.strip())
    if found is None:
        raise bad_request("If-Match cannot be read.", code="value")
    return int(found[1])


def check_version(request: HttpRequest, present: int) -> None:
    """Raise 400 when `If-Match` is missing, 412 when it names another version than the present one."""
    expected = version_expected(request)
    if expected is None:
        raise bad_request("If-Match is required here.", code="required")
    if expected != present:
        raise precondition_failed()


def wants_no_body(request: HttpRequest) -> bool:
    """Tell whether `Prefer: return=minimal` is asked."""
    return "return=minimal" in request.headers.get("Prefer", "").replace(" ", "").lower()


def _is_answered(asked: str) -> bool:
    media_type, *parameters = (part.strip().lower() for part in asked.split(";"))
    named = dict(part.partition("=")[::2] for part in parameters)
    if named.get("fhirversion", "4.0").strip('"') not in _VERSIONS or named.get("q") in {"0", "0.0"}:
        return False
    return media_type in _JSON or media_type in _ANY
