"""The table of shapes: what R4 has, without what only R4B has."""

import pytest

from fhir_bridge.r4.codes import required_codes
from fhir_bridge.r4.shapes import UnknownTypeError, elements_of
from fhir_bridge.r4.systems import EMBEDDED_TYPES, SERVED_TYPES


@pytest.mark.parametrize("type_name", [*SERVED_TYPES, *EMBEDDED_TYPES])
def test_every_accepted_type_has_a_table(type_name: str) -> None:
    assert {"id", "meta", "language", "implicitRules"} <= set(elements_of(type_name))


def test_elements_know_type_repetition_and_targets() -> None:
    task = elements_of("Task")
    assert (task["status"].type, task["status"].is_primitive, task["status"].repeats) == ("code", True, False)
    assert (task["for"].type, task["partOf"].repeats) == ("Reference", True)
    assert task["encounter"].targets == {"Encounter"}
    assert task["restriction"].type == "TaskRestriction"
    assert elements_of("HumanName")["_given"].repeats
    assert elements_of("HumanName")["_given"].extends
    assert elements_of("Binary")["data"].type == "base64Binary"
    assert elements_of("Location")["position"].type == "LocationPosition"


def test_what_only_r4b_has_is_absent() -> None:
    extension = elements_of("Extension")
    assert "valueCodeableReference" not in extension
    assert "valueRatioRange" not in extension
    assert {"valueMeta", "_valueString", "valueReference"} <= set(extension)


def test_an_unknown_type_is_an_error() -> None:
    with pytest.raises(UnknownTypeError):
        elements_of("Grille")


def test_every_required_binding_names_an_element_that_exists() -> None:
    for path in required_codes():
        type_name, _, name = path.partition(".")
        element = elements_of(type_name)[name]
        assert element.type in {"code", "CodeableConcept"}, path
