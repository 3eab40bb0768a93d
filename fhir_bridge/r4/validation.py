"""Is this dict a valid FHIR R4 resource that we may accept? Shape, codes, targets; nothing is changed.

Two passes. Ours walks the dict along the tables of `shapes` and `codes`: JSON types, empty elements, unknown
elements, required bindings, targets of references, base64, modifier extensions. Then the model of
fhir.resources.R4B checks cardinalities, choices and the forms of dates and other primitives. The dict stays the
truth: the model is never dumped. Source: FHIR R4 json.html, datatypes.html; interop reference D2.
"""

import binascii
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from fhir_bridge.r4.codes import required_codes, required_systems
from fhir_bridge.r4.datatypes import Json
from fhir_bridge.r4.outcomes import FhirError, bad_request, unprocessable
from fhir_bridge.r4.references import ID
from fhir_bridge.r4.search_params import date_range
from fhir_bridge.r4.shapes import ANY_TARGET, Element, elements_of
from fhir_bridge.r4.systems import EMBEDDED_TYPES, SERVED_TYPES

_ACCEPTED_TYPES: Final = frozenset(SERVED_TYPES).union(EMBEDDED_TYPES)
_INTEGERS: Final = frozenset({"integer", "unsignedInt", "positiveInt"})
_REFERENCE_TYPE: Final = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)(?:/[A-Za-z0-9\-.]{1,64}(?:/_history/[^/]+)?$|\?)")
_MIME_TYPE: Final = re.compile(r"[\w!#$&^.+\-]+/[\w!#$&^.+\-]+(?:\s*;.*)?", re.ASCII)
_UUID: Final = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SOME_UUID: Final = "urn:uuid:00000000-0000-4000-8000-000000000000"
_MODEL_DATA: Final = "AAAA"
_MESSAGES: Final = {
    "missing": ("required", "A required element is missing."),
    "extra_forbidden": ("structure", "An element is not defined here."),
    "model_field_validation.missing": ("required", "A required element is missing."),
}


def validate(resource: Json) -> None:
    """Raise `FhirError` for the first fault: 400 for invalid FHIR R4, 422 for what this server must not ignore."""
    try:
        _Walk().resource(resource, "")
        _check_with_model(resource)
    except RecursionError:
        raise bad_request("The resource is nested too deeply.", code="too-costly") from None


def preload() -> None:
    """Load and build every model used, so that the first request of a process is as fast as the next ones."""
    for type_name in sorted(_ACCEPTED_TYPES):
        elements_of(type_name)
        try:
            get_fhir_model_class(type_name).model_validate({"resourceType": type_name})
        except ValidationError:
            continue


class _Walk:
    """One pass over a resource; `path` is the FHIRPath of the element looked at."""

    def __init__(self) -> None:
        self._required = required_codes()
        self._systems = required_systems()

    def resource(self, resource: Any, path: str) -> None:
        if not isinstance(resource, dict):
            raise _structure("A resource must be an object.", path)
        kind = resource.get("resourceType")
        if not isinstance(kind, str) or kind not in _ACCEPTED_TYPES:
            raise unprocessable("This resource type is not accepted here.", code="not-supported", expression=_at(path))
        here = path or kind
        if resource.get("implicitRules"):
            raise unprocessable("implicitRules are not understood here.", code="extension", expression=_at(here))
        members = {key: value for key, value in resource.items() if key != "resourceType"}
        self._members(kind, members, here)

    def _members(self, type_name: str, members: Json, path: str) -> None:
        elements = elements_of(type_name)
        for key, value in members.items():
            element = elements.get(key)
            if element is None:
                raise _structure("An element is not defined in FHIR R4.", path)
            if key == "modifierExtension":
                raise unprocessable("A modifier extension is not understood.", code="extension", expression=_at(path))
            self._element(type_name, key, element, value, f"{path}.{key}")
            _check_nulls(members, key, value, path)
        _check_invariants(type_name, members, path)

    def _element(self, type_name: str, key: str, element: Element, value: Any, path: str) -> None:
        if not element.repeats:
            self._value(type_name, key, element, value, path)
            return
        if not isinstance(value, list) or not value:
            raise _structure("A repeating element must be a list with at least one item.", path)
        for index, item in enumerate(value):
            if item is None and (element.is_primitive or element.extends):
                continue
            self._value(type_name, key, element, item, f"{path}[{index}]")

    def _value(self, type_name: str, key: str, element: Element, value: Any, path: str) -> None:
        if element.is_primitive:
            _check_primitive(element.type, value, path)
            self._check_code(f"{type_name}.{key}", value, path)
            return
        if not isinstance(value, dict) or not value:
            raise _structure("An element must be an object with at least one member.", path)
        if element.type == "Resource":
            self.resource(value, path)
            return
        self._members(element.type, value, path)
        if element.type == "Reference":
            _check_target(element, value, path)
        if element.type == "CodeableConcept":
            self._check_concept(f"{type_name}.{key}", value, path)

    def _check_code(self, element: str, value: Any, path: str) -> None:
        allowed = self._required.get(element)
        if allowed is not None and value not in allowed:
            raise bad_request("The code is not in the required value set.", code="code-invalid", expression=_at(path))

    def _check_concept(self, element: str, concept: Json, path: str) -> None:
        """A concept with a required binding has at least one coding of the value set. Source: FHIR R4 §4.1.4."""
        allowed = self._required.get(element)
        if allowed is None:
            return
        system = self._systems[element]
        codings = concept.get("coding", [])
        if not any(coding.get("system") == system and coding.get("code") in allowed for coding in codings):
            raise bad_request("No coding is of the required value set.", code="code-invalid", expression=_at(path))


def _check_primitive(kind: str, value: Any, path: str) -> None:
    if kind == "boolean":
        fits = isinstance(value, bool)
    elif kind in _INTEGERS:
        fits = isinstance(value, int) and not isinstance(value, bool)
    elif kind == "decimal":
        fits = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    else:
        fits = isinstance(value, str) and bool(value)
    if not fits:
        raise _structure(f"The value is not a JSON {_json_type(kind)}.", path)
    if not _has_form(kind, value):
        raise bad_request(f"The value is not a valid {kind}.", code="value", expression=_at(path))


def _json_type(kind: str) -> str:
    if kind == "boolean":
        return "boolean"
    return "number" if kind == "decimal" or kind in _INTEGERS else "string that is not empty"


def _has_form(kind: str, value: Any) -> bool:
    """Check the forms that the model does not: it empties bad base64, allows long ids and only version 4 uuids."""
    if kind == "id":
        return ID.fullmatch(value) is not None
    if kind == "uuid":
        return _UUID.fullmatch(value) is not None
    if kind == "base64Binary":
        return _is_base64(value)
    return True


def _is_base64(value: str) -> bool:
    compact = value if value.isalnum() else "".join(value.split())
    try:
        binascii.a2b_base64(compact, strict_mode=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _check_nulls(members: Json, key: str, value: Any, path: str) -> None:
    """A null in a list stands for a primitive whose other half, `_name` or `name`, is there. Source: json.html."""
    if not isinstance(value, list) or None not in value:
        return
    other = members.get(key[1:] if key.startswith("_") else f"_{key}")
    paired = isinstance(other, list) and len(other) == len(value)
    if not paired or any(mine is None and theirs is None for mine, theirs in zip(value, other or [], strict=False)):
        raise _structure("A null stands without its companion.", f"{path}.{key}")


def _check_target(element: Element, reference: Json, path: str) -> None:
    if not reference.keys() & {"reference", "identifier", "display", "extension"}:
        raise bad_request(
            "A reference holds no reference, identifier or display.", code="invariant", expression=_at(path)
        )
    if not element.targets or element.targets & ANY_TARGET:
        return
    named = {reference.get("type"), _type_in(reference.get("reference"))} - {None}
    if not named <= element.targets:
        raise bad_request("The reference is to a type that is not allowed here.", code="value", expression=_at(path))


def _type_in(text: Any) -> str | None:
    """Return the resource type that a literal or conditional reference names; None for a fragment or a urn."""
    if not isinstance(text, str) or text.startswith(("#", "urn:")):
        return None
    found = _REFERENCE_TYPE.search(text)
    return found[1] if found else None


def _check_invariants(type_name: str, members: Json, path: str) -> None:
    """Check the invariants that data from outside is seen to break, by type."""
    check = _INVARIANTS.get(type_name)
    if check is None:
        return
    fault = check(members)
    if fault:
        raise bad_request(fault, code="invariant", expression=_at(path))


def _period_runs_forward(period: Json) -> str | None:
    start, end = period.get("start"), period.get("end")
    if not isinstance(start, str) or not isinstance(end, str):
        return None
    try:
        starts, ends = date_range(start), date_range(end)
    except FhirError:
        return None
    return "per-1: the start is after the end." if starts.low >= ends.high else None


def _extension_has_one_content(extension: Json) -> str | None:
    has_value = any(key.lstrip("_").startswith("value") for key in extension)
    return None if has_value != ("extension" in extension) else "ext-1: either a value or extensions, not both."


def _contact_has_details(contact: Json) -> str | None:
    return None if contact.keys() & {"name", "telecom", "address", "organization"} else "pat-1: the contact is empty."


def _consent_has_policy(consent: Json) -> str | None:
    return None if consent.keys() & {"policy", "policyRule"} else "ppc-1: a policy or a policyRule is needed."


def _telecom_has_system(contact_point: Json) -> str | None:
    has_value = "value" in contact_point and not contact_point.keys() & {"system", "_system"}
    return "cpt-2: a value needs a system." if has_value else None


def _media_type_has_form(content: Json) -> str | None:
    media_type = content.get("contentType")
    is_bad = isinstance(media_type, str) and not _MIME_TYPE.fullmatch(media_type)
    return "contentType is not a media type." if is_bad else None


def _attachment_has_type(attachment: Json) -> str | None:
    if "data" in attachment and "contentType" not in attachment:
        return "att-1: data needs a contentType."
    return _media_type_has_form(attachment)


_INVARIANTS: Final = {
    "Period": _period_runs_forward,
    "Extension": _extension_has_one_content,
    "PatientContact": _contact_has_details,
    "Consent": _consent_has_policy,
    "ContactPoint": _telecom_has_system,
    "Attachment": _attachment_has_type,
    "Binary": _media_type_has_form,
}


def _check_with_model(resource: Json) -> None:
    """Let the R4B model judge; entries of a Bundle are judged one by one, which is twice as fast."""
    whole = dict(resource)
    for index, entry in enumerate(resource.get("entry", []) if resource["resourceType"] == "Bundle" else []):
        if "resource" in entry:
            _judge(entry["resource"], f"Bundle.entry[{index}].resource")
    if resource["resourceType"] == "Bundle" and "entry" in resource:
        whole["entry"] = [
            {key: value for key, value in entry.items() if key != "resource"} for entry in resource["entry"]
        ]
        whole["entry"] = [entry or {"fullUrl": _SOME_UUID} for entry in whole["entry"]]
    _judge(whole, resource["resourceType"])


def _judge(resource: Json, path: str) -> None:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(_for_model(resource))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        code, diagnostics = _MESSAGES.get(first["type"], ("value", "The value or its form is not valid."))
        raise bad_request(diagnostics, code=code, expression=_at(_path(path, first["loc"]))) from None
    except (KeyError, TypeError, ValueError, ArithmeticError):
        raise bad_request("The resource is not valid FHIR R4.", code="structure", expression=_at(path)) from None


def _path(root: str, location: Iterable[int | str]) -> str:
    """Write a pydantic location as FHIRPath; only names of the specification are in it."""
    path = root
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step.lstrip("_").isalnum():
            path += f".{step}"
    return path


def _for_model(value: Any) -> Any:
    """Return a copy without the valid R4 that the library refuses, and without the weight of `data`.

    Each part replaced here was checked by the walk: `_value[x]` standing alone, uuids of other versions than 4,
    valueMeta, base64.
    """
    if isinstance(value, list):
        return [_for_model(item) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {key: _for_model(child) for key, child in value.items() if key != "valueMeta"}
    for key in [key for key in copy if key.startswith("_value")]:
        del copy[key]
        if key[1:] not in copy and "url" not in copy:
            copy["valueBoolean"] = True
    if "valueUuid" in copy:
        copy["valueUuid"] = _SOME_UUID
    if isinstance(copy.get("data"), str):
        copy["data"] = _MODEL_DATA
    return copy


def _structure(diagnostics: str, path: str) -> FhirError:
    return bad_request(diagnostics, code="structure", expression=_at(path))


def _at(path: str) -> list[str]:
    return [path] if path else []
