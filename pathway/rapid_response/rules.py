"""Pure rules of an alert: what may be called, how the clock runs, when the relay must be ready."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.kernel.errors import DomainError
from pathway.rapid_response.records import Clock, Marks, Pause
from pathway.rapid_response.states import AlertState

ANSWER_WITHIN = timedelta(minutes=30)
ON_SITE_WITHIN = timedelta(hours=4)
RELAY_WITHIN = timedelta(hours=72)
RELAY_BOOKED_WITHIN = timedelta(hours=48)
SOON = 0.75
"""Targets. Source: domain.md §5.2: the team intervenes within a few hours, stabilises in two to three days;
product.md §7.9: the relay is booked before hour 48. The exact figures are the project's, until a text sets them."""


class NotPalliative(DomainError):
    """The rapid team is for palliative situations."""

    code = "alert-not-palliative"
    text = "L’équipe rapide intervient pour une situation palliative. Si la vie est menacée, appelez le 15 ; sinon, appelez le médecin traitant ou l’appui territorial."


class NotARapidTeam(DomainError):
    """The offer chosen is of another kind."""

    code = "alert-wrong-team"
    text = "Cette structure n’est pas une équipe rapide. Choisissez l’équipe rapide du secteur."


class OutOfArea(DomainError):
    """The team does not cover the home."""

    code = "alert-out-of-area"
    text = "Cette équipe rapide ne couvre pas le domicile de la personne. Choisissez celle de son secteur, ou appelez l’appui territorial."


class AlertAlreadyOpen(DomainError):
    """One call at a time."""

    code = "alert-already-open"
    text = "Une équipe rapide est déjà appelée pour cette personne. Suivez l’appel en cours."
    status = 409
    issue = "conflict"


class PersonDeceased(DomainError):
    """Nobody is sent for a person who died."""

    code = "alert-person-deceased"
    text = "Le décès de cette personne est enregistré. Aucune équipe ne peut être appelée."


class ReasonMissing(DomainError):
    """The team needs to know why it is called, and how to call back."""

    code = "alert-reason-missing"
    text = "Dites en quelques mots ce qui se passe, et à quel numéro vous rappeler."


class StepOutOfTime(DomainError):
    """A step cannot have happened before the one it follows, nor later than now."""

    code = "alert-step-out-of-time"
    text = "Cette heure n’est pas possible : elle doit suivre l’étape précédente et ne pas être dans le futur."


class AlreadyPaused(DomainError):
    """The clock already stands still."""

    code = "alert-already-paused"
    text = "Le chronomètre est déjà en pause."
    status = 409
    issue = "conflict"


class NotPaused(DomainError):
    """The clock runs."""

    code = "alert-not-paused"
    text = "Le chronomètre n’est pas en pause."
    status = 409
    issue = "conflict"


class RelayInPast(DomainError):
    """A relay is for later."""

    code = "alert-relay-in-past"
    text = "Le relais doit commencer maintenant ou plus tard. Corrigez la date."


def check_call(*, is_palliative: bool | None, reason: str, callback_phone: str) -> None:
    """Raise unless a call may go to the rapid team; a situation not known to be palliative may."""
    if is_palliative is False:
        raise NotPalliative
    if not reason.strip() or not callback_phone.strip():
        raise ReasonMissing


def check_step(at: datetime, *, previous: datetime, now: datetime) -> None:
    """Raise `StepOutOfTime` unless a step lies between the one before it and the present."""
    if not previous <= at <= now:
        raise StepOutOfTime


def paused_time(pauses: Iterable[Pause], *, since: datetime, until: datetime) -> timedelta:
    """Return how long the clock stood still between two instants."""
    total = timedelta()
    for pause in pauses:
        start, end = max(pause.started_at, since), min(pause.ended_at or until, until)
        total += max(end - start, timedelta())
    return total


def response_clock(state: AlertState, marks: Marks, pauses: Iterable[Pause], *, now: datetime) -> Clock:
    """Return the clock that counts now: to the answer, then to the bedside, then to the relay.

    Pauses do not count. The clock stands still (`stopped`) once the alert has ended.
    """
    if state == AlertState.CALLED or (marks.answered_at is None and marks.ended_at):
        label, since, target, stop = "Réponse de l’équipe", marks.called_at, ANSWER_WITHIN, marks.answered_at
    elif marks.arrived_at is None:
        label, since, target, stop = "Arrivée au chevet", marks.called_at, ON_SITE_WITHIN, None
    else:
        label, since, target, stop = "Relais dans les 72 heures", marks.arrived_at, RELAY_WITHIN, None
    stop = stop or marks.ended_at
    until = stop or now
    elapsed = until - since - paused_time(pauses, since=since, until=until)
    return Clock(
        label=label,
        since=since,
        elapsed=int(elapsed.total_seconds() // 60),
        target=int(target.total_seconds() // 60),
        state=_tone(elapsed, target, stopped=stop is not None),
    )


def relay_is_late(marks: Marks, *, relay_at: datetime | None, now: datetime) -> bool:
    """Tell whether no relay is booked though 48 hours have passed since the first visit."""
    if marks.arrived_at is None or marks.ended_at is not None or relay_at is not None:
        return False
    return now - marks.arrived_at > RELAY_BOOKED_WITHIN


def relay_deadline(marks: Marks) -> datetime | None:
    """Return when the relay must have taken over; `None` before the first visit."""
    return marks.arrived_at + RELAY_WITHIN if marks.arrived_at else None


def _tone(elapsed: timedelta, target: timedelta, *, stopped: bool) -> str:
    if elapsed > target:
        return "late"
    if stopped:
        return "stopped"
    return "soon" if elapsed > target * SOON else "ok"
