"""What an announcement, a proposal and an answer must hold to be kept."""

import re
from datetime import date

from accounts.kernel.errors import DomainError
from ppa.announcements.records import Answer, RecordAnnouncement

_CIM10 = re.compile(r"[A-Z]\d{2}(\.[0-9+\-]{1,4})?")


class AnnouncedInFuture(DomainError):
    """An announcement cannot have been made tomorrow."""

    code = "announcement-in-future"
    text = "La date de l’annonce est dans le futur. Indiquez le jour où la personne a été informée."


class AnnouncedBeforeBirth(DomainError):
    """Nor before the person was born."""

    code = "announcement-before-birth"
    text = "La date de l’annonce précède la naissance de la personne. Vérifiez l’année."


class PersonHasDied(DomainError):
    """Nothing is announced or proposed after a death."""

    code = "announcement-after-death"
    text = "Le décès de cette personne est enregistré : une annonce ne peut plus être ajoutée."
    status = 409
    issue = "conflict"


class DiagnosisMissing(DomainError):
    """An illness that is announced has a name."""

    code = "announcement-diagnosis-missing"
    text = "Indiquez le diagnostic annoncé, par son code CIM-10 ou en toutes lettres."


class DiagnosisCodeWrong(DomainError):
    """A code that has not the form of the CIM-10."""

    code = "announcement-diagnosis-code"
    text = "Ce code n’a pas la forme d’un code CIM-10 (par exemple C34.1). Vérifiez-le, ou laissez-le vide et écrivez le diagnostic."


class NoCoordinationHere(DomainError):
    """No DAC covers where the person lives."""

    code = "proposal-no-coordination"
    text = "Aucun dispositif d’appui à la coordination ne couvre l’adresse de cette personne. Vérifiez sa commune ; vous pouvez enregistrer l’annonce sans proposition, et proposer le plan plus tard."


class ProposedInFuture(DomainError):
    """A proposal is kept once it was made."""

    code = "proposal-in-future"
    text = "La date de la proposition est dans le futur. Indiquez le jour où le plan a été proposé."


class ProposedBeforeAnnouncement(DomainError):
    """A plan is proposed at the announcement or after it."""

    code = "proposal-before-announcement"
    text = "La proposition ne peut pas précéder l’annonce. Vérifiez les deux dates."


class AnsweredInFuture(DomainError):
    """An answer is kept once it was given."""

    code = "answer-in-future"
    text = "La date de la réponse est dans le futur. Indiquez le jour où la personne l’a donnée."


class AnsweredBeforeProposal(DomainError):
    """An answer follows its question."""

    code = "answer-before-proposal"
    text = "La réponse ne peut pas précéder la proposition. Vérifiez la date."


class ComeBackDateMissing(DomainError):
    """« Not now » says when to speak of it again."""

    code = "answer-come-back-missing"
    text = "Pour « pas maintenant », indiquez quand en reparler, au plus tôt le lendemain de la réponse."


def normalised_code(code: str) -> str:
    """Return a CIM-10 code as it is kept: capitals, a dot after the third character."""
    bare = code.strip().upper().replace(".", "")
    return f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare  # noqa: PLR2004 (a category has three characters)


def check_announcement(record: RecordAnnouncement, *, born_on: date, died_on: date | None, today: date) -> None:
    """Raise the first rule that an announcement breaks."""
    check_alive(died_on)
    if record.announced_on > today:
        raise AnnouncedInFuture(field="announced_on")
    if record.announced_on < born_on:
        raise AnnouncedBeforeBirth(field="announced_on")
    if not (record.diagnosis_code.strip() or record.diagnosis_label.strip()):
        raise DiagnosisMissing(field="diagnosis_label")
    if record.diagnosis_code.strip() and not _CIM10.fullmatch(normalised_code(record.diagnosis_code)):
        raise DiagnosisCodeWrong(field="diagnosis_code")


def check_alive(died_on: date | None) -> None:
    """Raise `PersonHasDied` when a death is recorded."""
    if died_on is not None:
        raise PersonHasDied


def check_proposal(*, proposed_on: date, announced_on: date, today: date) -> None:
    """Raise unless the proposal was made, at the announcement or later."""
    if proposed_on > today:
        raise ProposedInFuture(field="proposed_on")
    if proposed_on < announced_on:
        raise ProposedBeforeAnnouncement(field="proposed_on")


def check_answer(
    answer: Answer, *, answered_on: date, come_back_on: date | None, proposed_on: date, today: date
) -> None:
    """Raise unless the answer was given after the proposal and, when it is « not now », says when to come back."""
    if answered_on > today:
        raise AnsweredInFuture(field="answered_on")
    if answered_on < proposed_on:
        raise AnsweredBeforeProposal(field="answered_on")
    if answer == Answer.DEFERRED and (come_back_on is None or come_back_on <= answered_on):
        raise ComeBackDateMissing(field="come_back_on")
