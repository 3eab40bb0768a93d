"""Values of search parameters: tokens, strings, references, dates with their implicit ranges, paging and order.

Pure reading: which parameters exist, and for which type, is told by the caller. An error is a `FhirError` 400 that
names the parameter and never repeats its value, which may be an identity. Source: FHIR R4 search.html.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, get_args

from fhir_bridge.r4.outcomes import FhirError, bad_request
from fhir_bridge.r4.references import ID, parse_reference

Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]
PREFIXES: Final[tuple[Prefix, ...]] = get_args(Prefix)
MAX_COUNT: Final = 200
DEFAULT_COUNT: Final = 50
MAX_ALTERNATIVES: Final = 100
MAX_VALUE: Final = 1_000

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_DATE: Final = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:T(?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,9}))?)?"
    r"(?P<zone>Z|[+\-]\d{2}:\d{2})?)?)?)?",
    re.ASCII,
)
_PREFIXED: Final = re.compile(r"(?:(?P<prefix>eq|ne|gt|lt|ge|le|sa|eb|ap)(?=\d))?(?P<date>.*)", re.DOTALL | re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token value. `system` None: any system; "": no system at all. `code` None: any code of the system."""

    system: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class DateRange:
    """The half-open interval [low, high) that a date stands for, in milliseconds since 1970 UTC."""

    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DateValue:
    """A date with the comparison that was asked."""

    prefix: Prefix
    range: DateRange

    def matches(self, low: int, high: int) -> bool:
        """Tell whether a stored range [low, high) answers this value; an SQL filter must say the same.

        Source: FHIR R4 search.html#prefix.
        """
        mine = self.range
        return {
            "eq": mine.low <= low and high <= mine.high,
            "ne": not (mine.low <= low and high <= mine.high),
            "gt": high > mine.high,
            "lt": low < mine.low,
            "ge": high > mine.high or (mine.low <= low and high <= mine.high),
            "le": low < mine.low or (mine.low <= low and high <= mine.high),
            "sa": low >= mine.high,
            "eb": high <= mine.low,
            "ap": low < mine.high and high > mine.low,
        }[self.prefix]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceValue:
    """A reference value; `type` None when only an id was given."""

    type: str | None
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    """One parameter of `_sort`."""

    name: str
    descending: bool


def alternatives(name: str, value: str) -> list[str]:
    r"""Split a value at its commas (OR); `\,` `\$` `\|` `\\` keep their escape for the reader of the value."""
    if not value or len(value) > MAX_VALUE * MAX_ALTERNATIVES:
        raise _unreadable(name)
    parts = _split(value, ",")
    if len(parts) > MAX_ALTERNATIVES or not all(parts) or any(len(part) > MAX_VALUE for part in parts):
        raise _unreadable(name)
    return parts


def unescape(text: str) -> str:
    r"""Take out the escapes of a search value: `\,` → `,`; a backslash before another character stays."""
    return re.sub(r"\\([,$|\\])", r"\1", text)


def _split(text: str, separator: str) -> list[str]:
    """Split at separators that no backslash escapes, in one pass."""
    parts: list[str] = []
    start = 0
    position = 0
    while position < len(text):
        if text[position] == "\\":
            position += 2
            continue
        if text[position] == separator:
            parts.append(text[start:position])
            start = position + 1
        position += 1
    return [*parts, text[start:]]


def token(name: str, value: str) -> Token:
    """Read `code`, `system|code`, `|code` (no system) or `system|` (any code)."""
    parts = _split(value, "|")
    if len(parts) == 1:
        return Token(system=None, code=_present(name, parts[0]))
    if len(parts) != 2 or not any(parts):  # noqa: PLR2004 - system and code
        raise _unreadable(name)
    system, code = (unescape(part) for part in parts)
    return Token(system=system, code=code or None)


def tokens(name: str, value: str) -> list[Token]:
    """Read the comma-separated alternatives of a token parameter."""
    return [token(name, part) for part in alternatives(name, value)]


def string(name: str, value: str) -> str:
    """Read one alternative of a string parameter; folding and prefix matching belong to the index."""
    return _present(name, value.strip())


def strings(name: str, value: str) -> list[str]:
    """Read the comma-separated alternatives of a string parameter."""
    return [string(name, part) for part in alternatives(name, value)]


def reference(name: str, value: str, *, base_url: str, targets: Collection[str] = ()) -> ReferenceValue:
    """Read `id`, `Type/id` or an address of this server; `targets` are the types the parameter may point to."""
    text = unescape(value)
    if ID.fullmatch(text):
        only = next(iter(targets)) if len(targets) == 1 else None
        return ReferenceValue(type=only, id=text)
    try:
        target = parse_reference(text, base_url=base_url)
    except FhirError:
        raise _unreadable(name) from None
    if target.kind != "literal" or target.id is None or (targets and target.type not in targets):
        raise _unreadable(name)
    return ReferenceValue(type=target.type, id=target.id)


def references(name: str, value: str, *, base_url: str, targets: Collection[str] = ()) -> list[ReferenceValue]:
    """Read the comma-separated alternatives of a reference parameter."""
    return [reference(name, part, base_url=base_url, targets=targets) for part in alternatives(name, value)]


def date(name: str, value: str) -> DateValue:
    """Read a date with an optional prefix; without one, `eq`."""
    found = _PREFIXED.fullmatch(value)
    if found is None:
        raise _unreadable(name)
    try:
        asked = date_range(found["date"])
    except FhirError:
        raise _unreadable(name) from None
    prefix: Prefix = next((known for known in PREFIXES if known == found["prefix"]), "eq")
    return DateValue(prefix=prefix, range=asked)


def dates(name: str, value: str) -> list[DateValue]:
    """Read the comma-separated alternatives of a date parameter."""
    return [date(name, part) for part in alternatives(name, value)]


def date_range(text: str) -> DateRange:
    """Return the interval that a FHIR date, dateTime or instant stands for: a year, a month, a whole day, a second…

    Without a zone the moment is read in UTC, the same for what is stored and for what is asked. Raises `FhirError`.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        raise bad_request("The date is not valid.", code="value")
    parts = found.groupdict()
    try:
        low = _lowest(parts)
    except (ValueError, OverflowError):
        raise bad_request("The date is not valid.", code="value") from None
    return DateRange(_milliseconds(low), _milliseconds(_highest(parts, low)))


def _lowest(parts: dict[str, str | None]) -> datetime:
    year, month, day, hour, minute, second = (
        int(parts[name] or default)
        for name, default in (("year", 1), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0))
    )
    micro = int((parts["fraction"] or "").ljust(6, "0")[:6])
    local = datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
    return local - _offset(parts["zone"])


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone == "Z":
        return timedelta(0)
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if hours > 14 or minutes > 59:  # noqa: PLR2004 - the furthest zone is +14:00
        raise ValueError(zone)
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if zone[0] == "-" else offset


def _width(parts: dict[str, str | None], low: datetime) -> timedelta:
    if parts["fraction"]:
        return _MILLISECOND
    if parts["second"]:
        return timedelta(seconds=1)
    if parts["minute"]:
        return timedelta(minutes=1)
    if parts["day"]:
        return timedelta(days=1)
    if parts["month"]:
        return (low.replace(day=1) + timedelta(days=32)).replace(day=1) - low
    return low.replace(year=low.year + 1) - low


def _highest(parts: dict[str, str | None], low: datetime) -> datetime:
    """Return the end of the interval; 9999-12-31, written for "no end", stops at the end of the calendar."""
    try:
        return low + _width(parts, low)
    except (ValueError, OverflowError):
        return datetime.max.replace(tzinfo=UTC)


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def count(value: str | None) -> int:
    """Read `_count`: how many matches a page holds at most, never over MAX_COUNT; 0 asks for the total only."""
    if value is None:
        return DEFAULT_COUNT
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise _unreadable("_count")
    return min(int(value), MAX_COUNT)


def sort(value: str | None, *, allowed: Iterable[str]) -> list[SortKey]:
    """Read `_sort`; a key that is not in `allowed` is refused: a name from outside never reaches a query."""
    if value is None:
        return []
    known = set(allowed)
    keys = [SortKey(name=part.removeprefix("-"), descending=part.startswith("-")) for part in value.split(",", 20)]
    names = [key.name for key in keys]
    if not known.issuperset(names) or len(names) != len(set(names)):
        raise _unreadable("_sort")
    return keys


def ids(value: str) -> list[str]:
    """Read `_id`: one id, or several with commas."""
    parts = alternatives("_id", value)
    if not all(ID.fullmatch(part) for part in parts):
        raise _unreadable("_id")
    return parts


def last_updated(values: Iterable[str]) -> list[DateValue]:
    """Read the repeats of `_lastUpdated`, which all must hold; alternatives with commas are not offered."""
    return [date("_lastUpdated", value) for value in values]


def split_modifier(name: str) -> tuple[str, str | None]:
    """Split `family:exact` into name and modifier."""
    base, separator, modifier = name.partition(":")
    return base, modifier if separator else None


def unknown_parameter(name: str, *, known: Collection[str]) -> FhirError:
    """Return the 400 for a parameter that is not offered; its name is repeated only when it is harmless text."""
    base, modifier = split_modifier(name)
    shown = base if re.fullmatch(r"[A-Za-z_][A-Za-z0-9._\-]{0,63}", base) else "a parameter"
    if base in known and modifier is not None:
        return bad_request(f"This modifier of {shown} is not supported.", code="not-supported")
    return bad_request(f"{shown} is not a supported search parameter here.", code="not-supported")


def _present(name: str, text: str) -> str:
    plain = unescape(text)
    if not plain or "\x00" in plain:
        raise _unreadable(name)
    return plain


def _unreadable(name: str) -> FhirError:
    return bad_request(f"The value of {name} cannot be read.", code="value")
