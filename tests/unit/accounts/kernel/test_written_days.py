"""The first of a month is « 1er » on every page and paper."""

from datetime import date, datetime

import pytest
from django.template import engines

from accounts.kernel.written_days import written_day


@pytest.mark.parametrize(
    ("day", "written"),
    [(date(2026, 3, 1), "1er mars 2026"), (date(2026, 3, 11), "11 mars 2026"), (date(2026, 3, 21), "21 mars 2026")],
)
def test_a_day_of_a_letter(day, written):
    assert written_day(day) == written


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("j F Y", "1er août 2026"),
        ("l j F", "samedi 1er août"),
        ("j F Y à H:i", "1er août 2026 à 09:01"),
        ("d/m/Y", "01/08/2026"),
        ("H:i", "09:01"),
    ],
)
def test_a_day_on_a_page(form, shown):
    page = engines["django"].from_string(f"{{{{ day|date:'{form}' }}}}")
    assert page.render({"day": datetime(2026, 8, 1, 9, 1)}) == shown  # noqa: DTZ001 (a local hour)
    assert page.render({"day": None}) == ""
