"""What each act on a coordination file asks for."""

from collections.abc import Container
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from accounts.kernel.errors import DomainError
from pathway.cases.states import LEVEL_LABELS, OPEN, CaseState, ClosingReason

SIGHT_AFTER_CLOSING: Final = timedelta(days=30)
"""How long a DAC still reads a file it has closed: letters, report, bereavement."""


class CaseAlreadyOpen(DomainError):
    """One open file per person and DAC."""

    code = "case-already-open"
    text = "Un dossier de coordination est déjà ouvert pour cette personne. Ouvrez-le depuis sa page pour y ajouter ce que vous savez."
    status = 409
    issue = "duplicate"


class SignalledAfterDeath(DomainError):
    """No support is asked for after a death."""

    code = "case-after-death"
    text = "Le décès de cette personne est enregistré : l’appui du DAC ne peut plus être demandé pour elle. Pour ses proches, appelez le DAC."
    status = 409
    issue = "conflict"


class NoDacHere(DomainError):
    """No DAC covers where the person lives."""

    code = "case-no-dac"
    text = "Aucun dispositif d’appui à la coordination ne couvre l’adresse de cette personne. Vérifiez sa commune, puis recommencez."


class SignalReasonMissing(DomainError):
    """A DAC must know why it is called."""

    code = "case-reason-missing"
    text = "Dites en quelques mots pourquoi l’appui du DAC est demandé."


class DeclineReasonMissing(DomainError):
    """Whoever asked must know why not, and where to turn."""

    code = "case-decline-reason-missing"
    text = "Indiquez pourquoi la demande n’est pas retenue, et vers qui vous orientez."


class NotACoordinatorHere(DomainError):
    """A référent works for this DAC."""

    code = "case-coordinator-unknown"
    text = (
        "Cette personne ne figure pas parmi les gestionnaires de parcours de votre DAC. Choisissez un nom de la liste."
    )


class SameCoordinator(DomainError):
    """One does not hand over to oneself."""

    code = "case-coordinator-same"
    text = "Ce référent suit déjà la personne. Choisissez un autre nom pour passer le relais."


class LevelUnknown(DomainError):
    """The gradation has three levels."""

    code = "case-level-unknown"
    text = "Le niveau de gradation va de 1 à 3."


class LevelReasonMissing(DomainError):
    """A level is always justified."""

    code = "case-level-reason-missing"
    text = "Indiquez en quelques mots ce qui justifie ce niveau."


class LevelInFuture(DomainError):
    """An assessment is kept once it was made."""

    code = "case-level-in-future"
    text = "La date de l’évaluation est dans le futur. Indiquez le jour où elle a été faite."


class ActionIncomplete(DomainError):
    """A next action has a text and a day, or there is none."""

    code = "case-action-incomplete"
    text = "Une prochaine action comporte ce qu’il y a à faire et une échéance. Complétez les deux, ou laissez les deux vides si elle est faite."


class ActionInPast(DomainError):
    """What is to do is still to come."""

    code = "case-action-in-past"
    text = "L’échéance est déjà passée. Choisissez aujourd’hui ou un jour à venir."


class CaseNotOpen(DomainError):
    """A closed file is read, not changed."""

    code = "case-not-open"
    text = "Ce dossier est clos : il se lit, mais ne se modifie plus. Une nouvelle demande d’appui en ouvre un autre."
    status = 409
    issue = "conflict"


class ClosedBeforeInclusion(DomainError):
    """What was never taken in is declined, unless the person died."""

    code = "case-close-before-inclusion"
    text = "La personne n’est pas encore incluse : choisissez « Ne pas retenir », en indiquant pourquoi."


def check_signal(*, reason: str, from_proposal: bool, died_on: date | None) -> None:
    """Raise unless the person lives and somebody says why; a proposal of a plan is reason enough."""
    if died_on is not None:
        raise SignalledAfterDeath
    if not from_proposal and not reason.strip():
        raise SignalReasonMissing(field="reason")


def check_decline(reason: str) -> None:
    """Raise unless a reason is given."""
    if not reason.strip():
        raise DeclineReasonMissing(field="reason")


def check_coordinator(chosen: UUID, *, present: UUID | None, colleagues: Container[UUID]) -> None:
    """Raise unless the one chosen is a coordinator of the DAC and not the present référent."""
    if chosen not in colleagues:
        raise NotACoordinatorHere(field="coordinator")
    if chosen == present:
        raise SameCoordinator(field="coordinator")


def check_level(level: int, *, reason: str, assessed_on: date, today: date) -> None:
    """Raise unless it is a level of the gradation, justified and not of tomorrow. Source: domain.md §5.1."""
    if level not in LEVEL_LABELS:
        raise LevelUnknown(field="level")
    if not reason.strip():
        raise LevelReasonMissing(field="reason")
    if assessed_on > today:
        raise LevelInFuture(field="assessed_on")


def check_next_action(action: str, *, due_on: date | None, today: date) -> None:
    """Raise unless both the action and its day are given, from today on, or neither."""
    if bool(action.strip()) != (due_on is not None):
        raise ActionIncomplete(field="action")
    if due_on is not None and due_on < today:
        raise ActionInPast(field="due_on")


def check_open(state: str) -> None:
    """Raise `CaseNotOpen` once the file is closed or declined."""
    if state not in OPEN:
        raise CaseNotOpen


def check_closing(state: str, reason: ClosingReason) -> None:
    """Raise when a person who was never taken in is « closed » for another reason than death."""
    if state == CaseState.SIGNALLED and reason != ClosingReason.DEATH:
        raise ClosedBeforeInclusion(field="reason")
