"""The input gate: bytes from outside become a dict that the rest may trust in size, form and character.

It runs before any FHIR model, in linear time, and refuses at the first fault. Numbers stay exact: a decimal is read
as `Decimal` and written back with the digits it came with. Source: security reference §5.5; limits: states.md.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NoReturn

import orjson

from fhir_bridge.r4.datatypes import Json
from fhir_bridge.r4.narrative import MAX_WEIGHT, check_narrative, weight
from fhir_bridge.r4.outcomes import FhirError, bad_request, not_found, too_large, unprocessable, unsupported_media_type
from fhir_bridge.r4.references import ID, Target, parse_reference
from fhir_bridge.r4.systems import EMBEDDED_TYPES, SERVED_TYPES

MIB: Final = 1024 * 1024
MAX_DEPTH: Final = 32
MAX_NODES: Final = 20_000
MAX_STRING: Final = MIB
MAX_INTEGER_DIGITS: Final = 10
MAX_DECIMAL_DIGITS: Final = 18
MAX_EXPONENT: Final = 99
MAX_ENTRIES: Final = 200
DOCUMENT_SIZE: Final = 30 * MIB
"""A 20 MiB file in base64, with its resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes in bytes: of the whole body, and of the body without its base64 `data` strings."""

    body: int
    without_data: int


RESOURCE: Final = Limits(body=MIB, without_data=MIB)
DOCUMENT: Final = Limits(body=DOCUMENT_SIZE, without_data=MIB)
"""For Binary and DocumentReference."""
TRANSACTION: Final = Limits(body=DOCUMENT_SIZE, without_data=5 * MIB)
"""For a Bundle; one over 5 MiB must publish a document (ITI-65)."""

_INTEGER: Final = re.compile(r"-?\d{1,10}")
_BAD_CHARACTER: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DATA_MEMBER: Final = re.compile(rb'"data"[ \t\r\n]{0,8}:[ \t\r\n]{0,8}"')
_STRING: Final = re.compile(rb'"[^"]*+"?')
_DECIMAL_ELEMENTS: Final = frozenset({"valueDecimal", "latitude", "longitude", "altitude", "factor"})
_JSON_TYPES: Final = frozenset({"application/fhir+json", "application/json"})
_PARAMETERS: Final = re.compile(r"(?:;\s*(?:charset=\"?utf-8\"?|fhirversion=4\.0)\s*)*", re.IGNORECASE)
_BODY_TYPES: Final = frozenset(SERVED_TYPES)
_INNER_TYPES: Final = _BODY_TYPES.union(EMBEDDED_TYPES)


def check_headers(*, content_type: str | None, content_encoding: str | None) -> None:
    """Refuse with 415 any body but uncompressed FHIR JSON in UTF-8, FHIR version 4.0 when it is told."""
    media_type, separator, parameters = (content_type or "").partition(";")
    known = media_type.strip().lower() in _JSON_TYPES
    if not known or not _PARAMETERS.fullmatch((separator + parameters).strip()):
        raise unsupported_media_type()
    if content_encoding not in {None, "", "identity"}:
        raise unsupported_media_type()


def admit(body: bytes, *, base_url: str, limits: Limits = RESOURCE) -> Json:
    """Return the resource that a body holds, safe to hand to `validation.validate`; raises `FhirError` otherwise.

    `base_url` is the address of this FHIR server, the only host that references may name.
    """
    resource = parse_json(body, limits=limits)
    if not isinstance(resource, dict):
        raise bad_request("The body must be one JSON object.", code="structure")
    _check_root_type(resource)
    urns = _check_bundle(resource, size=len(body)) if resource["resourceType"] == "Bundle" else frozenset()
    _check_members(resource, base_url=base_url, urns=urns)
    return resource


def parse_json(body: bytes, *, limits: Limits = RESOURCE) -> Any:
    """Return the JSON value of a body, with every limit of size, depth, number and character held.

    Decimals come as `Decimal`. For bodies that are JSON but no resource, such as a JSON Patch; raises `FhirError`.
    """
    _check_size(body, limits)
    _check_node_count(body)
    try:
        value = _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise bad_request("The body is not UTF-8.", code="structure") from None
    except json.JSONDecodeError:
        raise bad_request("The body is not well-formed JSON.", code="structure") from None
    except RecursionError:
        raise _too_deep() from None
    _check_tree(value, has_escapes=b"\\u" in body)
    return value


def holds_bad_character(text: str) -> bool:
    """Tell whether a text holds what no FHIR string may: a control character, a lone surrogate."""
    return _BAD_CHARACTER.search(text) is not None


def serialise(value: Any) -> bytes:
    """Return the JSON bytes of a resource; a `Decimal` keeps its digits, nothing passes through a float."""
    return orjson.dumps(value, default=_exact_number)


def _exact_number(value: Any) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(type(value).__name__)


def _check_size(body: bytes, limits: Limits) -> None:
    if len(body) > limits.body:
        raise too_large()
    if len(body) > limits.without_data and len(body) - _data_size(body) > limits.without_data:
        raise too_large()


def _data_size(body: bytes) -> int:
    """Sum the lengths of `data` strings. Each counted stretch has no quote in it, so it can hide no other value."""
    total = 0
    position = 0
    for _ in range(MAX_ENTRIES):
        member = _DATA_MEMBER.search(body, position)
        if member is None:
            break
        position = body.find(b'"', member.end())
        if position < 0:
            break
        total += position - member.end()
    return total


def _check_node_count(body: bytes) -> None:
    """Refuse, before anything is built, a body that surely has too many values; the exact count follows the parse.

    Commas and brackets inside strings do not count; strings are only taken out when the plain count is over.
    """
    if body.count(b'"') - body.count(b'\\"') > 4 * MAX_NODES:
        raise _too_many_nodes()
    if _structure(body) <= MAX_NODES:
        return
    bare = _STRING.sub(b"", body.replace(b"\\\\", b"").replace(b'\\"', b""))
    if _structure(bare) > MAX_NODES:
        raise _too_many_nodes()


def _structure(text: bytes) -> int:
    """Return a lower bound of the values in JSON text without strings."""
    return max(text.count(b","), text.count(b"[") + text.count(b"{"))


def _read_integer(text: str) -> int:
    if not _INTEGER.fullmatch(text):
        raise bad_request(f"An integer has more than {MAX_INTEGER_DIGITS} digits.", code="value")
    return int(text)


def _read_decimal(text: str) -> Decimal:
    mantissa, _, exponent = text.lower().partition("e")
    if len(exponent.lstrip("+-")) > len(str(MAX_EXPONENT)):
        raise bad_request("A decimal has an exponent of more than 2 digits.", code="value")
    if sum(character.isdigit() for character in mantissa[: 2 * MAX_DECIMAL_DIGITS]) > MAX_DECIMAL_DIGITS:
        raise bad_request(f"A decimal has more than {MAX_DECIMAL_DIGITS} digits.", code="value")
    number = Decimal(text)
    if abs(number.adjusted()) > MAX_EXPONENT:
        raise bad_request("A decimal is out of range.", code="value")
    return number


def _refuse_constant(_: str) -> NoReturn:
    raise bad_request("NaN and Infinity are not JSON.", code="structure")


def _unique_members(pairs: list[tuple[str, Any]]) -> Json:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise bad_request("An object has the same member twice.", code="structure")
    return members


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique_members,
    parse_float=_read_decimal,
    parse_int=_read_integer,
    parse_constant=_refuse_constant,
)


def _check_tree(root: Any, *, has_escapes: bool) -> None:
    """Hold depth, number of nodes, length and characters of strings; `has_escapes`: only then can bad ones exist.

    The parser has already refused raw control characters, and UTF-8 holds no surrogates.
    """
    for nodes, (key, value, depth) in enumerate(_walk(root), start=1):
        if nodes > MAX_NODES:
            raise _too_many_nodes()
        if depth > MAX_DEPTH:
            raise _too_deep()
        if isinstance(value, str):
            _check_string(value, is_data=key == "data", has_escapes=has_escapes)
        elif isinstance(value, dict) and has_escapes:
            for name in value:
                _check_string(name, is_data=False, has_escapes=True)


def _walk(root: Any) -> Iterator[tuple[str | None, Any, int]]:
    """Yield (member name, value, depth) of a JSON tree without recursion; items of a list have the list's name.

    Depth counts the objects and arrays around and including the value.
    """
    stack: list[Iterator[tuple[str | None, Any]]] = [iter([(None, root)])]
    while stack:
        for key, value in stack[-1]:
            if isinstance(value, dict):
                yield key, value, len(stack)
                stack.append(iter(value.items()))
                break
            if isinstance(value, list):
                yield key, value, len(stack)
                stack.append(_named(key, value))
                break
            yield key, value, len(stack) - 1
        else:
            stack.pop()


def _named(key: str | None, items: Iterable[Any]) -> Iterator[tuple[str | None, Any]]:
    return ((key, item) for item in items)


def _check_string(text: str, *, is_data: bool, has_escapes: bool) -> None:
    if len(text) > MAX_STRING and not is_data:
        raise bad_request("A string is longer than 1 MiB.", code="too-long")
    if has_escapes and holds_bad_character(text):
        raise bad_request("A string holds a control character or a lone surrogate.", code="value")


def _check_root_type(resource: Json) -> None:
    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        raise bad_request("resourceType is missing.", code="structure", expression=["resourceType"])
    if kind not in _BODY_TYPES:
        raise not_found("This resource type is not served here.")


def _check_bundle(bundle: Json, *, size: int) -> frozenset[str]:
    """Hold the limits of a Bundle and return the `urn:uuid:` addresses that its entries give themselves."""
    entries = bundle.get("entry", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise bad_request("Bundle.entry must be a list of objects.", code="structure", expression=["Bundle.entry"])
    if len(entries) > MAX_ENTRIES:
        raise unprocessable(f"A Bundle has at most {MAX_ENTRIES} entries.", code="too-costly")
    if size > TRANSACTION.without_data and not any(_type_of(entry) == "DocumentReference" for entry in entries):
        raise too_large()
    full_urls = (entry.get("fullUrl") for entry in entries)
    return frozenset(url.lower() for url in full_urls if isinstance(url, str) and url.lower().startswith("urn:uuid:"))


def _type_of(entry: Json) -> object:
    resource = entry.get("resource")
    return resource.get("resourceType") if isinstance(resource, dict) else None


def _check_members(resource: Json, *, base_url: str, urns: frozenset[str]) -> None:
    """Check what has one meaning everywhere in FHIR JSON: types, ids, narratives, references, decimals."""
    may_be_conditional = resource.get("type") == "transaction"
    narratives = 0
    for _, value, _depth in _walk(resource):
        if not isinstance(value, dict):
            continue
        if "resourceType" in value:
            _check_resource_head(value)
        reference = value.get("reference")
        if isinstance(reference, str):
            target = parse_reference(reference, base_url=base_url)
            _check_target(target, urns=urns, may_be_conditional=may_be_conditional)
        div = value.get("div")
        if isinstance(div, str):
            narratives += weight(div)
            if narratives > MAX_WEIGHT:
                raise bad_request("The narratives have too many elements.", code="too-costly")
            check_narrative(div)
        if any(isinstance(value.get(name), str) for name in _DECIMAL_ELEMENTS & value.keys()):
            raise bad_request("A decimal is given as a string.", code="value")


def _check_resource_head(value: Json) -> None:
    kind = value["resourceType"]
    if not isinstance(kind, str) or kind not in _INNER_TYPES:
        raise unprocessable("A resource inside the body is of a type that is not accepted here.", code="not-supported")
    identity = value.get("id")
    if identity is not None and not (isinstance(identity, str) and ID.fullmatch(identity)):
        raise bad_request(
            "An id has 1 to 64 letters, digits, hyphens or dots.", code="value", expression=[f"{kind}.id"]
        )


def _check_target(target: Target, *, urns: frozenset[str], may_be_conditional: bool) -> None:
    if target.kind == "urn" and target.urn not in urns:
        raise bad_request("A urn:uuid reference matches no fullUrl of the Bundle.", code="value")
    if target.kind == "conditional" and not may_be_conditional:
        raise bad_request("A conditional reference is only read in a transaction.", code="value")


def _too_many_nodes() -> FhirError:
    return bad_request("The body has too many elements.", code="too-costly")


def _too_deep() -> FhirError:
    return bad_request(f"The body is nested deeper than {MAX_DEPTH} levels.", code="too-costly")
