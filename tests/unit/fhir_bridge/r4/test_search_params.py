"""Search values: tokens, strings, references, dates with implicit ranges; errors name the parameter only."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_bridge.r4 import search_params as search
from fhir_bridge.r4.datatypes import instant
from fhir_bridge.r4.outcomes import FhirError
from fhir_bridge.r4.search_params import DateRange, ReferenceValue, SortKey, Token

BASE = "https://territoire.example/fhir"
DAY = 86_400_000


def ms(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("male", Token(system=None, code="male")),
        ("http://loinc.org|18776-5", Token(system="http://loinc.org", code="18776-5")),
        ("|PI", Token(system="", code="PI")),
        ("http://loinc.org|", Token(system="http://loinc.org", code=None)),
        (r"s|a\,b\|c", Token(system="s", code="a,b|c")),
    ],
)
def test_tokens(value: str, expected: Token) -> None:
    assert search.token("code", value) == expected


@pytest.mark.parametrize("value", ["", "|", "a|b|c", ","])
def test_unreadable_tokens_are_refused_by_name(value: str) -> None:
    with pytest.raises(FhirError, match="The value of code cannot be read") as caught:
        search.tokens("code", value)
    assert caught.value.status == 400


def test_commas_are_alternatives_unless_escaped() -> None:
    assert search.strings("family", r"Du\,Pont,Zoé") == ["Du,Pont", "Zoé"]
    assert search.strings("family", r"a\\,b") == ["a\\", "b"]
    assert [each.code for each in search.tokens("status", "active,draft")] == ["active", "draft"]


def test_more_than_a_hundred_alternatives_are_refused() -> None:
    assert len(search.tokens("code", ",".join("a" * 100))) == 100
    with pytest.raises(FhirError):
        search.tokens("code", ",".join("a" * 101))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Patient/1", ReferenceValue(type="Patient", id="1")),
        (f"{BASE}/Patient/1", ReferenceValue(type="Patient", id="1")),
        ("1", ReferenceValue(type="Patient", id="1")),
    ],
)
def test_references(value: str, expected: ReferenceValue) -> None:
    assert search.reference("patient", value, base_url=BASE, targets={"Patient"}) == expected


def test_an_id_alone_has_no_type_when_several_are_possible() -> None:
    assert search.reference("subject", "1", base_url=BASE, targets=("Patient", "Group")).type is None


@pytest.mark.parametrize("value", ["Group/1", "https://ailleurs.example/Patient/1", "#a", "urn:uuid:1", "Patient?x=1"])
def test_references_elsewhere_or_of_another_type_are_refused(value: str) -> None:
    with pytest.raises(FhirError, match="patient"):
        search.reference("patient", value, base_url=BASE, targets={"Patient"})


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2026", ms(2026, 1, 1), ms(2027, 1, 1)),
        ("2026-02", ms(2026, 2, 1), ms(2026, 3, 1)),
        ("2026-12", ms(2026, 12, 1), ms(2027, 1, 1)),
        ("2024-02-29", ms(2024, 2, 29), ms(2024, 3, 1)),
        ("2026-07-01T10:30", ms(2026, 7, 1, 10, 30), ms(2026, 7, 1, 10, 31)),
        ("2026-07-01T10:30:05Z", ms(2026, 7, 1, 10, 30, 5), ms(2026, 7, 1, 10, 30, 6)),
        ("2026-07-01T10:30:05+02:00", ms(2026, 7, 1, 8, 30, 5), ms(2026, 7, 1, 8, 30, 6)),
        ("2026-07-01T00:30:05-09:30", ms(2026, 7, 1, 10, 0, 5), ms(2026, 7, 1, 10, 0, 6)),
        ("2026-07-01T10:30:05.250Z", ms(2026, 7, 1, 10, 30, 5) + 250, ms(2026, 7, 1, 10, 30, 5) + 251),
        ("9999-12-31", ms(9999, 12, 31), ms(9999, 12, 31) + DAY - 1),
        ("1940-05-03", ms(1940, 5, 3), ms(1940, 5, 4)),
    ],
)
def test_dates_stand_for_their_whole_interval(text: str, low: int, high: int) -> None:
    assert search.date_range(text) == DateRange(low, high)


@pytest.mark.parametrize(
    "text",
    ["", "26", "2026-13", "2026-02-30", "2025-02-29", "2026-1-1", "2026-07-01T25:00", "2026-07-01T10", "0000",
     "2026-07-01T10:30+15:00", "2026-07-01T10:30:05.", "demain", "2026-07-01Z", "٢٠٢٦"],
)  # fmt: skip
def test_impossible_dates_are_refused_by_name(text: str) -> None:
    with pytest.raises(FhirError, match="birthdate") as caught:
        search.date("birthdate", text)
    assert caught.value.status == 400


# What is stored, and the values that find it. Source: the table of prefixes in FHIR R4 search.html.
STORED = (ms(2026, 7, 1, 10), ms(2026, 7, 1, 10) + 1)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2026-07-01", True), ("eq2026-07-01", True), ("eq2026-07-02", False), ("2026", True),
        ("ne2026-07-01", False), ("ne2026-07-02", True),
        ("gt2026-06-30", True), ("gt2026-07-01", False), ("lt2026-07-02", True), ("lt2026-07-01", False),
        ("ge2026-07-01", True), ("ge2026-07-02", False), ("le2026-07-01", True), ("le2026-06-30", False),
        ("sa2026-06-30", True), ("sa2026-07-01", False), ("eb2026-07-02", True), ("eb2026-07-01", False),
        ("ap2026-07-01", True), ("ap2026-07-02", False),
    ],
)  # fmt: skip
def test_prefixes_compare_with_the_whole_day(value: str, found: bool) -> None:
    assert search.date("date", value).matches(*STORED) is found


def test_a_period_that_spans_the_day_is_greater_and_less_but_not_equal() -> None:
    spanning = (ms(2026, 6, 30), ms(2026, 7, 3))
    answers = {prefix: search.date("date", f"{prefix}2026-07-01").matches(*spanning) for prefix in search.PREFIXES}
    assert answers == {
        "eq": False, "ne": True, "gt": True, "lt": True, "ge": True, "le": True, "sa": False, "eb": False, "ap": True,
    }  # fmt: skip


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds are naive by contract
def test_every_instant_lies_in_its_day_and_in_its_own_interval(moment: datetime) -> None:
    own = search.date_range(instant(moment))
    day = search.date_range(moment.date().isoformat())
    at = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert own.low <= at < own.high
    assert day.low <= at < day.high
    assert day.high - day.low == DAY


@given(st.text(max_size=40), st.sampled_from([search.tokens, search.strings, search.dates]))
def test_any_value_is_read_or_refused_without_being_repeated(value: str, read: Callable[[str, str], object]) -> None:
    assert outcome_of(read, value) in {"read", "The value of x cannot be read."}


def outcome_of(read: Callable[[str, str], object], value: str) -> str:
    try:
        read("x", value)
    except FhirError as refusal:
        return refusal.diagnostics
    return "read"


def test_count_is_a_ceiling() -> None:
    assert search.count(None) == search.DEFAULT_COUNT
    assert search.count("0") == 0
    assert search.count("999999") == search.MAX_COUNT
    for bad in ("-1", "1.0", "", "a", "1" * 10):
        with pytest.raises(FhirError, match="_count"):
            search.count(bad)


def test_sort_takes_only_offered_keys() -> None:
    assert search.sort("-_lastUpdated,status", allowed={"_lastUpdated", "status"}) == [
        SortKey(name="_lastUpdated", descending=True),
        SortKey(name="status", descending=False),
    ]
    assert search.sort(None, allowed=()) == []
    for bad in ("family", "status,status", "status;drop", "--status", ""):
        with pytest.raises(FhirError, match="_sort"):
            search.sort(bad, allowed={"status"})


def test_ids_and_last_updated() -> None:
    assert search.ids("a,b-1") == ["a", "b-1"]
    with pytest.raises(FhirError, match="_id"):
        search.ids("a/b")
    bounds = search.last_updated(["ge2026-01-01", "lt2026-02-01"])
    assert [bound.prefix for bound in bounds] == ["ge", "lt"]


def test_an_unknown_parameter_is_refused_by_name_and_a_strange_name_is_not_repeated() -> None:
    assert search.split_modifier("family:exact") == ("family", "exact")
    assert search.split_modifier("family") == ("family", None)
    assert "colour" in search.unknown_parameter("colour", known={"family"}).diagnostics
    assert "modifier of family" in search.unknown_parameter("family:contains", known={"family"}).diagnostics
    assert "<" not in search.unknown_parameter("<script>", known=()).diagnostics
