"""When a figure may be given and a place held, and how old a figure is."""

from datetime import datetime, timedelta

from accounts.kernel.errors import DomainError

STALE_AFTER = timedelta(hours=24)
LONGEST_HOLD = timedelta(days=7)
_HOUR = 60
_DAY = 24 * _HOUR
_HOURS_SHOWN = 48


class CapacityUnknown(DomainError):
    """Nobody of the structure has said how many places are available."""

    code = "capacity-unknown"
    text = "Aucune place n’est déclarée pour cette offre. Déclarez d’abord vos places, puis recommencez."
    status = 409


class NoPlaceFree(DomainError):
    """Every available place is already held."""

    code = "capacity-no-place-free"
    text = "Il ne reste aucune place libre : toutes sont occupées ou déjà réservées. Mettez vos places à jour, ou libérez une réservation."
    status = 409


class LineAlreadyHolds(DomainError):
    """One request line holds one place at most."""

    code = "capacity-already-held"
    text = "Une place est déjà réservée pour cette demande."
    status = 409


class HoldTooLong(DomainError):
    """A hold ends in the future, within a week."""

    code = "capacity-hold-until"
    text = "Une place se réserve pour sept jours au plus. Choisissez une date plus proche, dans le futur."


class FewerThanHeld(DomainError):
    """The new figure is below what is held."""

    code = "capacity-fewer-than-held"
    text = "Places réservées : {held}. Libérez d’abord une réservation, ou indiquez au moins ce nombre."


class MoreThanInstalled(DomainError):
    """The new figure is above what the offer has."""

    code = "capacity-more-than-installed"
    text = "Places installées : {installed}. Indiquez un nombre entre 0 et {installed}."


class FigureOutOfTime(DomainError):
    """A figure is of the past or of now, and newer than the one already known."""

    code = "capacity-figure-time"
    text = "Une déclaration plus récente existe déjà, ou cette heure est dans le futur. Rechargez la page, puis recommencez."
    status = 409


def check_figure_time(observed_at: datetime, *, last: datetime | None, now: datetime) -> None:
    """Raise `FigureOutOfTime` when a figure is of tomorrow, or older than what is known."""
    if observed_at > now or (last is not None and observed_at < last):
        raise FigureOutOfTime


def check_declaration(*, available: int, held: int, installed: int) -> None:
    """Raise when a declared figure cannot be. `installed` 0 means unknown."""
    if available < held:
        raise FewerThanHeld(field="available", held=held)
    if available < 0 or (installed and available > installed):
        raise MoreThanInstalled(field="available", installed=installed)


def check_hold(*, available: int | None, held: int, until: datetime, now: datetime) -> None:
    """Raise when no place can be held until then: a hold never makes availability negative."""
    if available is None:
        raise CapacityUnknown
    if held >= available:
        raise NoPlaceFree
    if not now < until <= now + LONGEST_HOLD:
        raise HoldTooLong(field="until")


def is_stale(observed_at: datetime | None, now: datetime) -> bool:
    """Tell whether a figure is too old to be relied on without a call."""
    return observed_at is None or now - observed_at > STALE_AFTER


def age_words(observed_at: datetime | None, now: datetime) -> str:
    """Return how old a figure is: « il y a 26 h »; « jamais déclarées » when there is none."""
    if observed_at is None:
        return "jamais déclarées"
    minutes = max(0, int((now - observed_at).total_seconds() // 60))
    if minutes < 1:
        return "à l’instant"
    if minutes < _HOUR:
        return f"il y a {minutes} min"
    if minutes < _HOURS_SHOWN * _HOUR:
        return f"il y a {minutes // _HOUR} h"
    return f"il y a {minutes // _DAY} jours"
