"""Who may be asked, and for how long."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from accounts.kernel.errors import DomainError

SHORT: Final = 10
USUAL_DAYS: Final = 14
MOST_DAYS: Final = 30


class ExpertUnknown(DomainError):
    """An opinion is asked of somebody who works, with an account, for a structure that the person agreed to."""

    code = "opinion-expert-unknown"
    text = "Cette personne ne peut pas recevoir de demande d’avis ici. Choisissez-la dans la liste, ou invitez-la par un lien depuis le cercle de soins."


class QuestionTooShort(DomainError):
    """A question says what is asked."""

    code = "opinion-question-short"
    text = "Dites en une phrase ce que vous demandez (au moins 10 caractères)."


class AnswerMissing(DomainError):
    """An answer says something."""

    code = "opinion-answer-missing"
    text = "Écrivez votre avis, ou en un mot pourquoi il n’est pas possible."


class TooLong(DomainError):
    """A file stays open for days, not for good."""

    code = "opinion-days"
    text = "Choisissez un délai de 1 à 30 jours : l’accès au dossier prend fin avec lui."


class AlreadyAsked(DomainError):
    """One question at a time to one person."""

    code = "opinion-already-asked"
    text = "Cette personne a déjà une demande d’avis en attente sur ce dossier. Attendez sa réponse, ou retirez la première."
    status = 409
    issue = "duplicate"


class CaseClosed(DomainError):
    """An opinion is asked about a file that is followed."""

    code = "opinion-case-closed"
    text = "Ce dossier de coordination est terminé : un avis ne peut plus être demandé."
    status = 409
    issue = "conflict"


def check_question(question: str, days: int) -> None:
    """Raise unless a question says something and has a term."""
    if len(question.strip()) < SHORT:
        raise QuestionTooShort(field="question")
    if not 1 <= days <= MOST_DAYS:
        raise TooLong(field="days")


def check_expert(expert_id: UUID, *, among: Collection[UUID]) -> None:
    """Raise `ExpertUnknown` unless the expert is one of those who can be asked."""
    if expert_id not in among:
        raise ExpertUnknown(field="expert")


def check_answer(text: str) -> None:
    """Raise `AnswerMissing` for an empty answer."""
    if not text.strip():
        raise AnswerMissing(field="text")
