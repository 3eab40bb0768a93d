"""To whom an action may be given, and what an answer says."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from accounts.access.states import Category
from accounts.kernel.errors import DomainError
from ppa.entrusted_actions.records import AnswerEntrusted, EntrustAction
from ppa.entrusted_actions.states import EntrustedMove, EntrustedState
from ppa.plans.states import TO_DO, ActionStatus, PlanState

ENOUGH = frozenset({Category.ALL, Category.PLAN})
"""What an agreement must cover for its structure to be told of an action of the plan."""


class StructureNotAgreed(DomainError):
    """An action goes to who cares for the person already, or to whom she agreed."""

    code = "entrusted-structure-not-agreed"
    text = "La personne n’a pas donné son accord pour cette structure. Recueillez-le depuis son cercle de soins, puis confiez l’action."


class OwnStructure(DomainError):
    """Nobody gives an action to himself."""

    code = "entrusted-own-structure"
    text = "Votre structure suit déjà ce plan : choisissez-en une autre."


class ActionFinished(DomainError):
    """What is done or dropped is not given."""

    code = "entrusted-action-finished"
    text = "Cette action est terminée : il n’y a plus rien à confier."
    status = 409
    issue = "conflict"


class PlanOver(DomainError):
    """Nobody works on a plan that is closed."""

    code = "entrusted-plan-closed"
    text = "Ce plan est clos : ses actions restent lisibles, elles ne se confient plus."
    status = 409
    issue = "conflict"


class AlreadyEntrusted(DomainError):
    """One structure at a time."""

    code = "entrusted-already"
    text = "Cette action est déjà confiée à une structure. Reprenez-la d’abord, ou attendez sa réponse."
    status = 409
    issue = "duplicate"


class WordsMissing(DomainError):
    """The structure reads what is asked of it."""

    code = "entrusted-words-missing"
    text = "Écrivez ce que la structure doit faire."


class DayOver(DomainError):
    """What is asked is to come."""

    code = "entrusted-day-over"
    text = "Cette date est déjà passée. Choisissez un jour à venir, ou laissez la case vide."


class ReasonMissing(DomainError):
    """Who cannot says why, so that somebody else is found."""

    code = "entrusted-reason-missing"
    text = "Dites en un mot pourquoi ce n’est pas possible : votre réponse aide à trouver une autre solution."


def check_entrusting(
    record: EntrustAction, *, status: ActionStatus, plan: PlanState, own: Collection[UUID | None], today: date
) -> None:
    """Raise unless an action that is still to do goes to another structure, in words, for a day to come.

    The version that holds it need not be signed: help often begins while the plan is being
    written, and the structure is told of this action only.
    """
    if plan == PlanState.CLOSED:
        raise PlanOver
    if status not in TO_DO:
        raise ActionFinished
    if record.organisation_id in own:
        raise OwnStructure(field="organisation")
    if not record.what.strip():
        raise WordsMissing(field="what")
    if record.due_on is not None and record.due_on < today:
        raise DayOver(field="due_on")


def check_structure(organisation_id: UUID, *, among: Collection[UUID]) -> None:
    """Raise `StructureNotAgreed` unless the structure is one of those that may be told."""
    if organisation_id not in among:
        raise StructureNotAgreed(field="organisation")


def is_refused(within: Collection[UUID], *, by: Collection[tuple[UUID | None, UUID | None]]) -> bool:
    """Tell whether the person refuses a structure, given with what it is part of.

    A refusal is (to whom, heard at): to one and all that is part of it, or to everybody but where she said so.
    """
    return any(to in within if to else heard_at not in within for to, heard_at in by)


def check_answer(record: AnswerEntrusted) -> None:
    """Raise `ReasonMissing` for a refusal without a word."""
    if record.answer == EntrustedMove.DECLINE and not record.note.strip():
        raise ReasonMissing(field="note")


_COME_BACK: Mapping[EntrustedState, str] = {
    EntrustedState.DECLINED: " : pas possible",
    EntrustedState.WITHDRAWN: " : action reprise",
}


def outcome_of(structure: str, note: str, state: EntrustedState, *, former: str) -> str:
    """Return what the plan says of an answer: whose it is, then its words, below what was said before.

    The bare name of the structure adds nothing to what somebody wrote, and gives way to what it says next.
    """
    head = structure + _COME_BACK.get(state, "")
    said = f"{head} – {note}" if note and state != EntrustedState.WITHDRAWN else head
    if former in ("", structure):
        return said
    return former if said == structure or former.endswith(said) else f"{former}\n{said}"
