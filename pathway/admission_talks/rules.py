"""Whom one asks, when, and what follows an answer. Source: CSP L1111-6, R1111-17, R1111-19; CASF annexe 4-10; domain.md §2, §3."""

from datetime import date, timedelta
from enum import StrEnum

from accounts.kernel.errors import DomainError
from pathway.admission_talks.records import Known, RecordTalk
from pathway.admission_talks.states import DirectivesAnswer, TrustedAnswer
from ppa.directives.rules import is_adult

BEFORE_ARRIVAL = timedelta(days=60)
"""How long before an arrival a talk still belongs to it: ours, as the notice precedes the interview by eight days or more."""


class TalkInFuture(DomainError):
    """A talk is written down once it took place."""

    code = "admission-talk-in-future"
    text = "Cette date est dans le futur. Notez l’échange quand il a eu lieu."


class TalkAfterDeath(DomainError):
    """Nothing is asked after a death."""

    code = "admission-talk-after-death"
    text = "Cette personne est décédée avant ce jour : plus rien ne lui est demandé. Vérifiez la date."


class TalkOfMinor(DomainError):
    """Only an adult writes directives and designates. Source: CSP R1111-17, L1111-6."""

    code = "admission-talk-minor"
    text = "Cette personne est mineure : ni directives anticipées ni personne de confiance ne lui sont demandées. Ses parents restent ses interlocuteurs."


class TalkOutsideStay(DomainError):
    """Each admission asks anew."""

    code = "admission-talk-outside-stay"
    text = "Cette date ne correspond pas à ce séjour. La question se pose à chaque admission : notez la date de cet échange-ci."


class PlaceNotSaid(DomainError):
    """Directives that are elsewhere are found again. Source: CSP R1111-19."""

    code = "admission-talk-place-missing"
    text = "Indiquez où se trouvent ses directives, ou qui les conserve."


class PlaceUnexpected(DomainError):
    """Nothing is kept somewhere that does not exist."""

    code = "admission-talk-place-unexpected"
    text = (
        "Vous indiquez où se trouvent des directives : choisissez « Elles existent, ailleurs », ou effacez l’endroit."
    )


class AgainMissing(DomainError):
    """Who cannot answer today is asked again."""

    code = "admission-talk-again-missing"
    text = (
        "La personne ne peut pas répondre pour l’instant : choisissez le jour où la question lui sera posée à nouveau."
    )


class AgainTooEarly(DomainError):
    """One comes back later."""

    code = "admission-talk-again-early"
    text = "Choisissez un jour qui suit cet échange."


def check_talk(
    record: RecordTalk,
    *,
    born: date,
    died_on: date | None,
    arrived_on: date | None,
    ended_on: date | None,
    today: date,
) -> None:
    """Raise the first thing that keeps a talk from being written down so; `arrived_on` is `None` while no day is known."""
    if record.asked_on > today:
        raise TalkInFuture(field="asked_on")
    if died_on is not None and record.asked_on > died_on:
        raise TalkAfterDeath(field="asked_on")
    if not is_adult(born, on=record.asked_on):
        raise TalkOfMinor
    if ended_on is not None and record.asked_on > ended_on:
        raise TalkOutsideStay(field="asked_on")
    if arrived_on is not None and record.asked_on < arrived_on - BEFORE_ARRIVAL:
        raise TalkOutsideStay(field="asked_on")
    _check_answers(record)


def _check_answers(record: RecordTalk) -> None:
    if record.directives == DirectivesAnswer.ELSEWHERE and not record.where.strip():
        raise PlaceNotSaid(field="where")
    if record.where.strip() and record.directives not in (DirectivesAnswer.ELSEWHERE, DirectivesAnswer.UNABLE):
        raise PlaceUnexpected(field="where")
    if record.again_on is not None and record.again_on <= record.asked_on:
        raise AgainTooEarly(field="again_on")
    unable = record.directives == DirectivesAnswer.UNABLE or record.trusted == TrustedAnswer.UNABLE
    if unable and record.again_on is None:
        raise AgainMissing(field="again_on")


class Step(StrEnum):
    """What an answer leads to, for the professional."""

    RECORD_DIRECTIVES = "record_directives"
    NOTE_PLACE = "note_place"
    DESIGNATE = "designate"
    ASK_LEAVE = "ask_leave"


def next_steps(
    directives: DirectivesAnswer, trusted: TrustedAnswer, *, is_protected: bool, where: str, known: Known
) -> tuple[Step, ...]:
    """Return what is still to be done once a talk is written down; what the file already holds is not asked again."""
    steps = []
    if directives == DirectivesAnswer.HERE and not known.has_directives:
        steps.append(Step.RECORD_DIRECTIVES)
    if where and not known.has_directives:
        steps.append(Step.NOTE_PLACE)
    if trusted in (TrustedAnswer.DESIGNATED, TrustedAnswer.WISHES) and not known.has_designation:
        steps.append(Step.DESIGNATE)
    if is_protected and {Step.DESIGNATE, Step.RECORD_DIRECTIVES} & set(steps):
        steps.append(Step.ASK_LEAVE)
    return tuple(steps)
