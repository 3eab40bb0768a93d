"""The search rows of a resource: what its catalogue's paths hold, as keyed tokens, references and intervals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from accounts.kernel.keyring import blind_token
from accounts.people.rules import LONGEST_PREFIX, SHORTEST_PREFIX, fold, prefixes
from accounts.people.search import e164
from fhir_bridge.r4.datatypes import Json
from fhir_bridge.r4.outcomes import FhirError
from fhir_bridge.r4.search_params import DateRange, Token, date_range
from fhir_bridge.repository.catalogue import CATALOGUE, Kind

_NO_START = 0
_NO_END = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp() * 1000)


@dataclass(slots=True)
class Rows:
    """The search rows that a resource must have: (parameter, value) pairs of each table."""

    tokens: set[tuple[str, int]] = field(default_factory=set)
    refs: set[tuple[str, str]] = field(default_factory=set)
    dates: set[tuple[str, int, int]] = field(default_factory=set)


def rows_of(resource: Json) -> Rows:
    """Return the search rows of a resource; none for a type that cannot be searched."""
    rows = Rows()
    rtype = resource["resourceType"]
    served = CATALOGUE.get(rtype)
    for name, param in served.params.items() if served else ():
        for path in param.paths:
            for value in values_at(resource, path):
                _add(rows, rtype, name, param.kind, value)
    return rows


def values_at(element: Any, path: str) -> Iterator[Any]:
    """Yield what a dotted path leads to, through every repetition."""
    head, _, rest = path.partition(".")
    found = element.get(head) if isinstance(element, Mapping) else None
    for value in found if isinstance(found, list) else [] if found is None else [found]:
        if rest:
            yield from values_at(value, rest)
        else:
            yield value


def _add(rows: Rows, rtype: str, name: str, kind: Kind, value: Any) -> None:
    if kind == Kind.REFERENCE:
        if isinstance(value.get("reference"), str):
            rows.refs.add((name, value["reference"]))
    elif kind == Kind.DATE:
        interval = _interval(value)
        if interval:
            rows.dates.add((name, interval.low, interval.high))
    else:
        rows.tokens.update((name, token) for token in _tokens(rtype, name, kind, value))


def _tokens(rtype: str, name: str, kind: Kind, value: Any) -> Iterator[int]:
    if kind == Kind.STRING:
        yield from (prefix_token(rtype, name, prefix) for prefix in prefixes(value))
        yield exact_token(rtype, name, value)
    elif kind == Kind.BIRTH:
        yield from (birth_token(value[:length]) for length in (4, 7, 10))
    elif kind == Kind.PHONE:
        if value.get("system") == "phone" and value.get("value"):
            yield phone_token(value["value"])
    else:
        for system, code in _codes(value):
            yield from code_tokens(rtype, name, system, code)


def _codes(value: Any) -> Iterator[tuple[str, str]]:
    """Yield the (system, code) pairs of a code, a boolean, a Coding, a CodeableConcept or an Identifier."""
    if isinstance(value, bool):
        yield "", "true" if value else "false"
    elif isinstance(value, str):
        yield "", value
    elif "coding" in value or ("text" in value and "value" not in value):
        for coding in value.get("coding", []):
            yield coding.get("system", ""), coding.get("code", "")
    else:
        yield value.get("system", ""), value.get("code") or value.get("value") or ""


def code_tokens(rtype: str, name: str, system: str, code: str) -> Iterator[int]:
    """Yield the three tokens a coded value is found by: whole, by its code alone, by its system alone."""
    for wanted in (Token(system=system, code=code), Token(system=None, code=code), Token(system=system, code=None)):
        yield code_token(rtype, name, wanted)


def code_token(rtype: str, name: str, wanted: Token) -> int:
    """Return the token of `system|code`, of `code` in any system, or of any code of a system."""
    system = "*" if wanted.system is None else f"={wanted.system}"
    code = "*" if wanted.code is None else f"={wanted.code}"
    return blind_token(f"fhir.{rtype}.{name}", f"{system}|{code}")


def prefix_token(rtype: str, name: str, text: str) -> int:
    """Return the token of the folded beginning of a name; letters after the eighth are checked on the body."""
    return blind_token(f"fhir.{rtype}.{name}", fold(text)[:LONGEST_PREFIX])


def is_searchable(text: str) -> bool:
    """Tell whether a text is long enough, once folded, to be looked for."""
    return len(fold(text)) >= SHORTEST_PREFIX


def begins(text: str, *, within: str) -> bool:
    """Tell whether a name, or one of its words, begins with a text, both folded."""
    wanted = fold(text)
    words = [within, *within.replace("-", " ").replace("'", " ").replace("’", " ").split()]
    return any(fold(word).startswith(wanted) for word in words)


def exact_token(rtype: str, name: str, text: str) -> int:
    """Return the token of a whole name, accents and case kept."""
    return blind_token(f"fhir.{rtype}.{name}:exact", text)


def birth_token(iso: str) -> int:
    """Return the token of a birth date, of its month or of its year."""
    return blind_token("fhir.Patient.birthdate", iso)


def phone_token(phone: str) -> int:
    """Return the token of a whole phone number in international form."""
    return blind_token("fhir.Patient.phone", e164(phone))


def _interval(value: Any) -> DateRange | None:
    """Return the interval of a date, an instant or a Period; an open side reaches to the end of time."""
    try:
        if isinstance(value, str):
            return date_range(value)
        low = date_range(value["start"]).low if value.get("start") else _NO_START
        high = date_range(value["end"]).high if value.get("end") else _NO_END
    except FhirError:
        return None
    return DateRange(low, high)
