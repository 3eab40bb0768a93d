"""What a received narrative may hold: the elements and attributes of FHIR XHTML, and nothing that runs or calls out.

A clean narrative is stored as it came; a hostile one is refused whole, never repaired.
Source: FHIR R4 narrative, invariants txt-1 and txt-2; security reference §5.5.
"""

import re
from html.entities import name2codepoint
from typing import Final
from xml.parsers import expat

from fhir_bridge.r4.datatypes import XHTML
from fhir_bridge.r4.outcomes import FhirError, bad_request

MAX_WEIGHT: Final = 30_000
"""Marks of all narratives of one body: what a parser pays for is counted before it starts."""
MAX_STYLE: Final = 1_000
MAX_LINK: Final = 4_000

_ELEMENT: Final = re.compile(
    "a|abbr|acronym|address|b|bdo|big|blockquote|br|caption|cite|code|col|colgroup|dd|del|dfn|div|dl|dt|em|h[1-6]|hr|"
    "i|img|ins|kbd|li|ol|p|pre|q|samp|small|span|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|ul|var"
)
_ATTRIBUTE: Final = re.compile(
    "abbr|align|alt|axis|bgcolor|border|cellpadding|cellspacing|char|charoff|class|colspan|dir|frame|headers|height|"
    "hreflang|id|lang|name|nowrap|rel|rowspan|rules|scope|span|start|style|summary|title|type|valign|value|width"
)
_XML_ATTRIBUTES: Final = frozenset(f"http://www.w3.org/XML/1998/namespace {name}" for name in ("lang", "space", "id"))
_LINKS: Final = frozenset({"href", "cite", "longdesc"})
_SAFE_SCHEMES: Final = ("http:", "https:", "mailto:", "tel:", "urn:uuid:", "urn:oid:")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.\-]*:")
_IMAGE_DATA: Final = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*\Z")
_HOSTILE_STYLE: Final = re.compile(r"url\s*\(|expression|import|behaviou?r|binding|javascript|position|[\\<@]|/\*")
_NAMED_ENTITY: Final = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_XML_ENTITIES: Final = frozenset({"lt", "gt", "amp", "quot", "apos"})
_IGNORED_IN_URLS: Final = dict.fromkeys(range(0x21))


def weight(div: str) -> int:
    """Return what a narrative costs to read: its tags, attributes and entities, at most."""
    return div.count("<") + div.count("=") + div.count("&")


def check_narrative(div: str, *, expression: str = "text.div") -> None:
    """Raise `FhirError` 400 for a narrative that is not clean FHIR XHTML, or that weighs more than MAX_WEIGHT."""
    if weight(div) > MAX_WEIGHT:
        raise bad_request("The narrative has too many elements.", code="too-costly", expression=[expression])
    _Reader(expression).read(div)


class _Reader:
    """One pass of expat over one div: no DTD, no entity of its own, no instruction, only listed markup."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._is_inside = False
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._refuse_declaration
        self._parser.EntityDeclHandler = self._refuse_declaration
        self._parser.ProcessingInstructionHandler = self._refuse_declaration

    def read(self, div: str) -> None:
        try:
            self._parser.Parse(_NAMED_ENTITY.sub(_character, div).encode("utf-8"), True)
        except (expat.ExpatError, UnicodeEncodeError):
            raise self._refusal("The narrative is not well-formed XHTML.") from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition(" ")
        if not self._is_inside and tag != "div":
            raise self._refusal("The narrative is not an XHTML div.")
        self._is_inside = True
        if namespace != XHTML or not _ELEMENT.fullmatch(tag):
            raise self._refusal("The narrative holds an element that FHIR does not allow.")
        for attribute, value in attributes.items():
            self._check_attribute(attribute, value)

    def _check_attribute(self, attribute: str, value: str) -> None:
        if attribute in _LINKS:
            allowed = len(value) <= MAX_LINK and _is_safe_link(value)
        elif attribute == "src":
            allowed = _is_local_image(value)
        elif attribute == "style":
            allowed = len(value) <= MAX_STYLE and not _HOSTILE_STYLE.search(value.lower())
        else:
            allowed = bool(_ATTRIBUTE.fullmatch(attribute)) or attribute in _XML_ATTRIBUTES
        if not allowed:
            raise self._refusal("The narrative holds an attribute or address that FHIR does not allow.")

    def _refuse_declaration(self, *_: object) -> None:
        raise self._refusal("The narrative holds a declaration or a processing instruction.")

    def _refusal(self, diagnostics: str) -> FhirError:
        return bad_request(diagnostics, expression=[self._expression])


def _character(entity: re.Match[str]) -> str:
    """Replace an HTML entity by its character, as expat knows only those of XML."""
    name = entity[1]
    if name in _XML_ENTITIES or name not in name2codepoint:
        return entity[0]
    return chr(name2codepoint[name])


def _is_safe_link(value: str) -> bool:
    link = value.translate(_IGNORED_IN_URLS).lower()
    if link.startswith(("//", "\\", "/\\")):
        return False
    return link.startswith(_SAFE_SCHEMES) or not _SCHEME.match(link)


def _is_local_image(value: str) -> bool:
    """Tell whether an image comes with the resource: an address elsewhere would tell its owner who reads."""
    link = value.translate(_IGNORED_IN_URLS)
    if _IMAGE_DATA.match(link):
        return True
    return _is_safe_link(link) and not link.lower().startswith(("http:", "https:", "mailto:", "tel:"))
