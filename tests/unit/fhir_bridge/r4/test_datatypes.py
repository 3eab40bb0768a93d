"""The builders: nothing empty, moments in UTC, narratives that cannot carry markup."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_bridge.r4 import datatypes as dt
from fhir_bridge.r4.narrative import check_narrative


def test_empty_members_are_dropped_and_false_and_zero_stay() -> None:
    assert dt.compact(a=None, b="", c=[], d={}, e=False, f=0, class_="x", _birthDate={"id": "1"}) == {
        "e": False,
        "f": 0,
        "class": "x",
        "_birthDate": {"id": "1"},
    }


def test_an_identifier_keeps_the_order_and_names_of_fhir() -> None:
    built = dt.identifier("urn:oid:1.2", "42", use="usual", type_=dt.concept(dt.coding("s", "PI")))
    assert built == {
        "use": "usual",
        "type": {"coding": [{"system": "s", "code": "PI"}]},
        "system": "urn:oid:1.2",
        "value": "42",
    }


def test_instants_are_utc_with_z() -> None:
    paris = timezone(timedelta(hours=2))
    assert dt.instant(datetime(2026, 7, 1, 10, 30, tzinfo=paris)) == "2026-07-01T08:30:00Z"
    assert dt.instant(datetime(2026, 7, 1, 10, 30, 0, 5000, tzinfo=UTC)) == "2026-07-01T10:30:00.005Z"
    with pytest.raises(ValueError, match="time zone"):
        dt.instant(datetime(2026, 7, 1, 10, 30))  # noqa: DTZ001 - the naive moment is what is refused


def test_a_period_takes_days_and_moments() -> None:
    assert dt.period(date(2026, 1, 2)) == {"start": "2026-01-02"}
    assert dt.period(None, datetime(2026, 1, 2, tzinfo=UTC)) == {"end": "2026-01-02T00:00:00Z"}
    assert dt.period() == {}


def test_an_attachment_tells_size_and_digest_of_its_content() -> None:
    built = dt.attachment("application/pdf", title="PPA", data=b"%PDF-1.7", created=date(2026, 5, 1))
    assert built["size"] == 8
    assert built["hash"] == dt.sha1_base64(b"%PDF-1.7")
    assert "size" not in dt.attachment("application/pdf", url="Binary/1")


def test_the_other_builders_leave_out_what_is_unknown() -> None:
    assert dt.human_name(family="INVENTÉ", given=["Zoé"], use="official") == {
        "use": "official",
        "family": "INVENTÉ",
        "given": ["Zoé"],
    }
    assert dt.telecom("phone", "+33199000000", use="home") == {
        "system": "phone",
        "value": "+33199000000",
        "use": "home",
    }
    assert dt.address(city="Dijon", postal_code="21000") == {"city": "Dijon", "postalCode": "21000"}
    assert dt.reference("Patient/1", display="Zoé") == {"reference": "Patient/1", "display": "Zoé"}
    assert dt.extension("u", dt.extension("v", valueCode="x")) == {
        "url": "u",
        "extension": [{"url": "v", "valueCode": "x"}],
    }
    assert dt.meta(version=3, profiles=["p"]) == {"versionId": "3", "profile": ["p"]}


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1))
def test_a_generated_narrative_is_always_clean(text: str) -> None:
    built = dt.narrative(text, [(text, text), ("vide", None)])
    check_narrative(built["div"])
    assert "vide" not in built["div"] or "vide" in text
