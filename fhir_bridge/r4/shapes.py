"""The shape of every FHIR R4 type, as a table: element → type, repetition, targets of references.

Derived from the models of fhir.resources.R4B, which equal R4 for these types but for what is corrected here:
R4B adds CodeableReference and RatioRange to choices, and lacks Extension.valueMeta and Extension._value[x].
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from fhir.resources.R4B import get_fhir_model_class

ANY_TARGET: Final = frozenset({"Resource"})
_ONLY_IN_R4B: Final = frozenset({"CodeableReference", "RatioRange"})
_COMPLEX: Final = re.compile(r"\babc\.(\w+)Type\b")
_PRIMITIVES: Final = (
    ("Base64Binary", "base64Binary"),
    ("PositiveInt(", "positiveInt"),
    ("UnsignedInt(", "unsignedInt"),
    ("Integer(", "integer"),
    ("Canonical(", "canonical"),
    ("DateTime(", "dateTime"),
    ("Instant(", "instant"),
    ("Decimal(", "decimal"),
    ("Markdown(", "markdown"),
    ("UuidVersion", "uuid"),
    ("Xhtml", "xhtml"),
    ("String(", "string"),
    ("Code(", "code"),
    ("Date(", "date"),
    ("Time(", "time"),
    ("Oid(", "oid"),
    ("Url(", "url"),
    ("Uri(", "uri"),
    ("Id(", "id"),
    ("bool", "boolean"),
)


class UnknownTypeError(LookupError):
    """There is no such type in FHIR R4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element: `type` is a primitive (`code`) or the name of a complex type (`TaskRestriction`).

    `targets` are the types a Reference may point to; `{"Resource"}` means any. `extends` tells a primitive's
    companion (`_birthDate`).
    """

    type: str
    is_primitive: bool
    repeats: bool
    extends: bool = False
    targets: frozenset[str] = frozenset()


@cache
def elements_of(type_name: str) -> Mapping[str, Element]:
    """Return the elements of a resource, datatype or backbone type by JSON name; raises `UnknownTypeError`."""
    try:
        model = get_fhir_model_class(type_name)
    except (KeyError, LookupError, ValueError, AttributeError):
        raise UnknownTypeError from None
    table: dict[str, Element] = {}
    for name, field in model.model_fields.items():
        if name in {"fhir_comments", "resource_type"}:
            continue
        element = _element(str(field.annotation), field.json_schema_extra)
        if element.type not in _ONLY_IN_R4B:
            table[field.alias or name] = element
    if type_name == "Extension":
        _complete_extension(table)
    return table


def _complete_extension(table: dict[str, Element]) -> None:
    """Add what R4 allows in an Extension and the model lacks: valueMeta, and the companions of primitive values."""
    table["valueMeta"] = Element(type="Meta", is_primitive=False, repeats=False)
    values = [name for name, element in table.items() if element.is_primitive and name.startswith("value")]
    for name in values:
        table[f"_{name}"] = Element(type="Element", is_primitive=False, repeats=False, extends=True)


def _element(annotation: str, extra: Any) -> Element:
    repeats = "List[" in annotation or "list[" in annotation
    complex_type = _COMPLEX.search(annotation)
    if complex_type is None:
        return Element(type=_primitive(annotation), is_primitive=True, repeats=repeats)
    if complex_type[1] == "FHIRPrimitiveExtension":
        return Element(type="Element", is_primitive=False, repeats=repeats, extends=True)
    targets = frozenset(extra.get("enum_reference_types", ())) if isinstance(extra, dict) else frozenset()
    return Element(type=complex_type[1], is_primitive=False, repeats=repeats, targets=targets)


def _primitive(annotation: str) -> str:
    for mark, name in _PRIMITIVES:
        if mark in annotation:
            return name
    raise UnknownTypeError(annotation)
