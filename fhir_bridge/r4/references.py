"""References: reading them, finding them in a resource, and giving new entries of a transaction their real address."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from fhir_bridge.r4.datatypes import Json
from fhir_bridge.r4.outcomes import bad_request
from fhir_bridge.r4.shapes import Element, UnknownTypeError, elements_of

ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_URN_UUID: Final = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LITERAL: Final = re.compile(
    r"(?P<type>[A-Z][A-Za-z]{1,63})/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/(?P<version>[A-Za-z0-9\-.]{1,64}))?"
)
_CONDITIONAL: Final = re.compile(r"(?P<type>[A-Z][A-Za-z]{1,63})\?(?P<query>[^#\s]{1,2048})")
_REWRITTEN: Final = frozenset({"uri", "url", "oid", "uuid"})
_NARRATIVE_LINK: Final = re.compile(r"""((?:href|src)\s*=\s*)(["'])(urn:uuid:[0-9a-fA-F-]{36})\2""")

Kind = Literal["literal", "contained", "urn", "conditional"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a reference points: `type` and `id` of a literal one, `id` of a contained one, `query` of a conditional one."""

    kind: Kind
    type: str | None = None
    id: str | None = None
    version: str | None = None
    query: str | None = None
    urn: str | None = None


def parse_reference(text: str, *, base_url: str) -> Target:
    """Read Reference.reference; raises `FhirError` 400 for what this server does not follow.

    Accepted: relative, contained (`#id`), `urn:uuid:`, conditional (`Patient?identifier=…`) and absolute under
    `base_url`. Any other host is refused: no address that a client chose is ever stored as if it were ours.
    """
    if text.startswith("#"):
        return Target(kind="contained", id=text[1:])
    if _URN_UUID.fullmatch(text):
        return Target(kind="urn", urn=text.lower())
    own = base_url.rstrip("/") + "/"
    literal = _LITERAL.fullmatch(text.removeprefix(own))
    if literal:
        return Target(kind="literal", **literal.groupdict())
    conditional = _CONDITIONAL.fullmatch(text)
    if conditional:
        return Target(kind="conditional", **conditional.groupdict())
    raise bad_request("A reference must be relative, contained, urn:uuid or of this server.", code="value")


def iter_references(value: Any) -> Iterator[tuple[Json, str]]:
    """Yield each Reference object that has a literal `reference`, with that text, in document order."""
    stack = [value]
    while stack:
        current = stack.pop()
        if isinstance(current, list):
            stack.extend(reversed(current))
        elif isinstance(current, dict):
            text = current.get("reference")
            if isinstance(text, str):
                yield current, text
            stack.extend(reversed(current.values()))


def rewrite_urns(resource: Json, addresses: Mapping[str, str]) -> Json:
    """Return a copy in which every known `urn:uuid:` is replaced by its address (`Patient/42`).

    Rewritten: Reference.reference, elements of type uri, url, oid and uuid, links of narratives. Not rewritten:
    canonicals, and strings such as Identifier.value. `addresses` is keyed in lower case; an unknown urn stays.
    Source: FHIR R4 http.html, transaction processing rules.
    """
    return _Rewriting(addresses).resource(resource)


class _Rewriting:
    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = addresses

    def resource(self, resource: Json) -> Json:
        return self._object(str(resource.get("resourceType", "")), resource)

    def _object(self, type_name: str, value: Json) -> Json:
        try:
            elements = elements_of(type_name)
        except UnknownTypeError:
            return value
        rewritten: Json = {}
        for key, child in value.items():
            element = elements.get(key)
            is_address = (type_name, key) == ("Reference", "reference") or (element and element.type in _REWRITTEN)
            rewritten[key] = child if element is None else self._member(element, child, is_address=bool(is_address))
        return rewritten

    def _member(self, element: Element, value: Any, *, is_address: bool) -> Any:
        if isinstance(value, list):
            return [self._member(element, item, is_address=is_address) for item in value]
        if isinstance(value, dict):
            return self.resource(value) if element.type == "Resource" else self._object(element.type, value)
        if not isinstance(value, str):
            return value
        if element.type == "xhtml":
            return _NARRATIVE_LINK.sub(self._link, value)
        return self._addresses.get(value.lower(), value) if is_address else value

    def _link(self, found: re.Match[str]) -> str:
        before, quote, urn = found.groups()
        return f"{before}{quote}{self._addresses.get(urn.lower(), urn)}{quote}"
