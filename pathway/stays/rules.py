"""Pure rules of stays: what may begin, and when it may end."""

from datetime import date, datetime, timedelta

from accounts.kernel.errors import DomainError
from pathway.referrals.states import Destination

_TOLERANCE = timedelta(minutes=5)


class AlreadyPresent(DomainError):
    """The person is already there."""

    code = "stay-already-present"
    text = "Cette personne est déjà présente ou attendue dans cette structure. Ouvrez son séjour en cours."
    status = 409
    issue = "conflict"


class OfferNotYours(DomainError):
    """One admits to one's own structure."""

    code = "stay-offer"
    text = "Choisissez une offre de votre structure."


class ArrivalInFuture(DomainError):
    """An admission is a fact."""

    code = "stay-arrival-future"
    text = "L’arrivée est dans le futur. Indiquez l’heure à laquelle la personne est arrivée."


class EndBeforeArrival(DomainError):
    """One leaves after one came, and not tomorrow."""

    code = "stay-end-date"
    text = "La sortie doit suivre l’arrivée, et ne pas être dans le futur. Vérifiez la date et l’heure."


class DeathIsRecordedApart(DomainError):
    """A death stops much more than a stay."""

    code = "stay-death-apart"
    text = "Pour un décès, utilisez « Enregistrer le décès » : tout ce qui est en cours s’arrêtera avec délicatesse."


def check_arrival(at: datetime, *, now: datetime) -> None:
    """Raise `ArrivalInFuture` for an arrival that has not happened."""
    if at > now + _TOLERANCE:
        raise ArrivalInFuture(field="admitted_at")


def check_discharge(
    *, admitted_at: datetime | None, ended_at: datetime, destination: Destination, now: datetime
) -> None:
    """Raise when a discharge cannot be."""
    if destination == Destination.DIED:
        raise DeathIsRecordedApart(field="destination")
    if ended_at > now + _TOLERANCE or (admitted_at is not None and ended_at < admitted_at):
        raise EndBeforeArrival(field="ended_at")


def end_for_death(*, admitted_at: datetime | None, died_at: datetime) -> datetime:
    """Return when a stay ends with a death: never before it began, when the day of arrival is the day of death."""
    return max(died_at, admitted_at) if admitted_at else died_at


def hold_until(*, on: datetime, now: datetime, longest: timedelta) -> datetime:
    """Return until when a place is held for a proposal: the day after the arrival proposed, within what may be held."""
    latest = now + longest
    return min(max(on, now) + timedelta(days=1), latest)


def recent_since(today: date) -> date:
    """Return since when a finished stay is still shown in the list of a structure."""
    return today - timedelta(days=30)
