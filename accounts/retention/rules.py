"""Until when a file is kept. Source: R.1112-7 CSP; security.md §5.9. A DAC may have other periods: the rules are data."""

from collections.abc import Mapping
from datetime import date

from accounts.kernel.errors import DomainError
from accounts.retention.records import Kept, Rule
from accounts.retention.states import Trigger

SOON_AFTER = 10
"""Years between the last visit and a death within which the death sets the period."""


class NothingDue(DomainError):
    """No period is over."""

    code = "purge-nothing-due"
    text = "Aucun dossier n’a atteint la fin de sa durée de conservation. Rien n’est à effacer."


class PurgeAlreadyAsked(DomainError):
    """One order at a time."""

    code = "purge-already-asked"
    text = "Un effacement est déjà demandé. Confirmez-le ou annulez-le d’abord."
    status = 409
    issue = "conflict"


class HoldReasonMissing(DomainError):
    """A claim is named."""

    code = "hold-reason-missing"
    text = "Indiquez la réclamation ou la procédure qui suspend la durée de conservation."


def kept_until(*, last_activity: date, born_on: date, died_on: date | None, rules: Mapping[Trigger, Rule]) -> Kept:
    """Return until when a file is kept, and by which rule."""
    by_death = rules[Trigger.DEATH]
    if died_on is not None and died_on < add_years(last_activity, SOON_AFTER):
        return Kept(add_years(died_on, by_death.years), by_death)
    by_visit, by_age = rules[Trigger.LAST_ACTIVITY], rules[Trigger.BIRTH]
    end, majority = add_years(last_activity, by_visit.years), add_years(born_on, by_age.years)
    return Kept(end, by_visit) if end >= majority else Kept(majority, by_age)


def add_years(day: date, years: int) -> date:
    """Return the same day so many years later; a 29 February without one becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def check_hold(reason: str) -> None:
    """Raise `HoldReasonMissing` unless a hold says why."""
    if not reason.strip():
        raise HoldReasonMissing(field="reason")
