"""Until when a file is kept. Source: R.1112-7 CSP."""

from datetime import date

import pytest

from accounts.retention.records import Rule
from accounts.retention.rules import add_years, kept_until
from accounts.retention.states import Trigger

RULES = {
    Trigger.LAST_ACTIVITY: Rule(Trigger.LAST_ACTIVITY, 20, "visite"),
    Trigger.BIRTH: Rule(Trigger.BIRTH, 28, "naissance"),
    Trigger.DEATH: Rule(Trigger.DEATH, 10, "décès"),
}


@pytest.mark.parametrize(
    ("last", "born", "died", "until", "by"),
    [
        (date(2026, 3, 1), date(1950, 1, 1), None, date(2046, 3, 1), Trigger.LAST_ACTIVITY),
        (date(2026, 3, 1), date(2024, 5, 6), None, date(2052, 5, 6), Trigger.BIRTH),
        (date(2026, 3, 1), date(1950, 1, 1), date(2026, 9, 1), date(2036, 9, 1), Trigger.DEATH),
        (date(2026, 3, 1), date(1950, 1, 1), date(2036, 2, 29 - 1), date(2046, 2, 28), Trigger.DEATH),
        (date(2026, 3, 1), date(1950, 1, 1), date(2036, 3, 1), date(2046, 3, 1), Trigger.LAST_ACTIVITY),
        (date(2026, 3, 1), date(2024, 5, 6), date(2026, 9, 1), date(2036, 9, 1), Trigger.DEATH),
    ],
)
def test_the_period_follows_the_last_visit_the_age_or_the_death(last, born, died, until, by):
    kept = kept_until(last_activity=last, born_on=born, died_on=died, rules=RULES)
    assert (kept.until, kept.rule.trigger) == (until, by)


def test_a_leap_day_comes_to_an_end():
    assert add_years(date(2024, 2, 29), 20) == date(2044, 2, 29)
    assert add_years(date(2024, 2, 29), 1) == date(2025, 3, 1)
