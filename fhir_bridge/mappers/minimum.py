"""The minimum set: what the recipient of a request may read before it accepts, cut from the whole body.

Source: states.md, "One person, many organisations"; rights matrix, referral.read_minimum_dataset.
"""

from collections.abc import Callable
from typing import Final

from fhir_bridge.mappers import patient
from fhir_bridge.r4.datatypes import Json, coding
from fhir_bridge.r4.systems import V3_OBSERVATION_VALUE

SUBSETTED: Final = coding(V3_OBSERVATION_VALUE, "SUBSETTED")
_LEFT_OUT_OF_A_REQUEST: Final = frozenset({"basedOn", "supportingInfo", "note", "performer", "text"})


def cut(resource: Json) -> Json:
    """Return the minimum set of a resource, marked as such; a type without one is returned whole."""
    cutter = CUTTERS.get(resource["resourceType"])
    if cutter is None:
        return resource
    short = cutter(resource)
    meta = {key: value for key, value in short.get("meta", {}).items() if key != "profile"}
    return {**short, "meta": {**meta, "tag": [*meta.get("tag", []), SUBSETTED]}}


def _request(resource: Json) -> Json:
    return {key: value for key, value in resource.items() if key not in _LEFT_OUT_OF_A_REQUEST}


CUTTERS: Final[dict[str, Callable[[Json], Json]]] = {"Patient": patient.minimum, "ServiceRequest": _request}
