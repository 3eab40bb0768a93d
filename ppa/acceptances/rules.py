"""How long a link opens, and what an answer needs."""

from datetime import date, timedelta

from accounts.kernel.errors import DomainError
from ppa.acceptances.records import AnswerAcceptance, NoteReceipt
from ppa.acceptances.states import BY_HAND
from ppa.trusted_persons.states import State

DAYS = (3, 7, 14)
WRONG_CODES_ALLOWED = 5
VISIT_LASTS = timedelta(hours=2)
ASKED_IN = frozenset({State.DESIGNATED_UNSIGNED, State.ACTIVE})
"""States of a designation in which she may be asked."""


class NobodyToAsk(DomainError):
    """A designation that names somebody, and has not ended."""

    code = "acceptance-nobody-to-ask"
    text = "Cette désignation ne nomme encore personne, ou elle a pris fin : il n’y a pas de réponse à demander."
    status = 409
    issue = "conflict"


class PersonHasDied(DomainError):
    """Nobody is asked to stand by a person who died."""

    code = "acceptance-after-death"
    text = "Cette personne est décédée : plus rien n’est demandé à sa personne de confiance."
    status = 409
    issue = "conflict"


class DurationNotOffered(DomainError):
    """Another duration than those of the list."""

    code = "acceptance-duration"
    text = "Choisissez dans la liste combien de jours le lien reste valable."


class LinkOver(DomainError):
    """A link that was used, has waited too long, took too many wrong codes, or never was: nobody is told which."""

    code = "acceptance-link-over"
    text = "Il a déjà servi, il est trop ancien, ou la demande a pris fin. Appelez l’équipe qui vous l’a envoyé : elle peut vous en donner un nouveau."
    status = 404
    issue = "not-found"


class NameMissing(DomainError):
    """An answer is somebody's."""

    code = "acceptance-name-missing"
    text = "Écrivez votre nom et votre prénom."


class NotAdult(DomainError):
    """The trusted person is an adult. Source: CSP L1111-6."""

    code = "acceptance-not-adult"
    text = "Seule une personne majeure peut accepter ce rôle. Cochez la case si c’est votre cas."


class ReceiptWrong(DomainError):
    """Only what happens without a link is noted by hand, on a day that has come, by somebody."""

    code = "acceptance-receipt"
    text = "Indiquez ce qui a été fait, quel jour (pas dans le futur), et par qui."


def check_invitation(days: int, *, state: str, names_somebody: bool, died_on: date | None) -> None:
    """Raise unless the designated person may be asked, for one of the durations."""
    if died_on is not None:
        raise PersonHasDied
    if state not in ASKED_IN or not names_somebody:
        raise NobodyToAsk
    if days not in DAYS:
        raise DurationNotOffered(field="days")


def check_answer(record: AnswerAcceptance) -> None:
    """Raise unless an answer is somebody's, and an acceptance an adult's."""
    if not record.name.strip():
        raise NameMissing(field="name")
    if record.accepts and not record.is_adult:
        raise NotAdult(field="is_adult")


def check_receipt(record: NoteReceipt, *, today: date) -> None:
    """Raise unless what is noted by hand can have happened so."""
    if record.kind not in BY_HAND or record.happened_on > today:
        raise ReceiptWrong(field="happened_on")
    if not record.told_by.strip():
        raise ReceiptWrong(field="told_by")
