"""Until when a file is kept. Source: R.1112-7 CSP; security.md §5.9. A DAC may have other periods: the rules are data."""

from collections.abc import Mapping
from datetime import date

from accounts.kernel.errors import DomainError
from accounts.retention.records import Kept, Rule, SetPeriod
from accounts.retention.states import Trigger

LAW = {Trigger.LAST_ACTIVITY: 20, Trigger.BIRTH: 28, Trigger.DEATH: 10}
SHORTEST, LONGEST, LONG_ENOUGH = 5, 100, 20
SOON_AFTER = 10
"""Years between the last visit and a death within which the death sets the period."""


class NothingDue(DomainError):
    """No period is over."""

    code = "purge-nothing-due"
    text = "Aucun dossier n’a atteint la fin de sa durée de conservation. Rien n’est à effacer."


class NoOldRow(DomainError):
    """No row of the access log is old enough."""

    code = "purge-no-old-row"
    text = "Aucune ligne du journal des accès n’a atteint la fin de sa durée de conservation. Rien n’est à effacer."


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


class PeriodUnreasonable(DomainError):
    """A period is neither a few days nor for ever."""

    code = "retention-period-unreasonable"
    text = "Indiquez une durée de 5 à 100 ans."


class PeriodWithoutText(DomainError):
    """A period rests on a text."""

    code = "retention-period-without-text"
    text = "Citez le texte ou la décision qui fixe cette durée (au moins 20 caractères)."


class PeriodUnchanged(DomainError):
    """Nothing to decide."""

    code = "retention-period-unchanged"
    text = "C’est déjà la durée en vigueur, avec ce texte."


def check_period(record: SetPeriod, *, present: Rule) -> None:
    """Raise the first rule that a new period breaks."""
    if not SHORTEST <= record.years <= LONGEST:
        raise PeriodUnreasonable(field="years")
    if len(record.basis.strip()) < LONG_ENOUGH:
        raise PeriodWithoutText(field="basis")
    if (record.years, record.basis.strip()) == (present.years, present.basis):
        raise PeriodUnchanged


def is_shorter_than_law(trigger: Trigger, years: int) -> bool:
    """Tell whether a period is shorter than a hospital's. Source: R.1112-7 CSP; a DAC may have another text."""
    return years < LAW[trigger]


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
