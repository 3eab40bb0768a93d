"""What may be noted of the time after a death, and when."""

from datetime import date, timedelta

from accounts.kernel.errors import DomainError
from ppa.after_death.records import NoteContact, StateTellingWish
from ppa.after_death.states import Outcome
from ppa.after_death.timing import NEWS

LONGEST = timedelta(days=3 * 365)
"""How long after a death a contact may be planned: ours, no text says."""


class WishAfterDeath(DomainError):
    """Only the person herself says how her relatives are to be told."""

    code = "telling-wish-after-death"
    text = "Cette personne est décédée : ses souhaits restent tels qu’elle les a dits."
    status = 409
    issue = "conflict"


class WishEmpty(DomainError):
    """A wish says something."""

    code = "telling-wish-empty"
    text = "Notez au moins qui prévient les proches, ou avec quels mots."


class WishInFuture(DomainError):
    """Nobody has spoken tomorrow."""

    code = "telling-wish-in-future"
    text = "Cette date est dans le futur. Indiquez le jour où la personne l’a dit."


class WishBeforeBirth(DomainError):
    """Nobody has spoken before her birth."""

    code = "telling-wish-before-birth"
    text = "Cette date précède la naissance de la personne. Vérifiez l’année."


class StillAlive(DomainError):
    """There is no contact of bereavement before a death."""

    code = "bereavement-before-death"
    text = "Aucun décès n’est enregistré pour cette personne."
    status = 409
    issue = "conflict"


class NotHerRelative(DomainError):
    """A contact is with somebody round the person."""

    code = "bereavement-not-a-relative"
    text = "Ce proche n’est pas enregistré auprès de cette personne."


class ContactDayWrong(DomainError):
    """A contact takes place after the death, and is noted once it has."""

    code = "bereavement-day-wrong"
    text = "Indiquez un jour entre le décès et aujourd’hui."


class DueDayWrong(DomainError):
    """A contact is planned from today on, within three years of the death."""

    code = "bereavement-due-wrong"
    text = "Choisissez un jour à partir d’aujourd’hui, dans les trois ans qui suivent le décès."


class NotToldYet(DomainError):
    """Nobody learns of a death by a call of bereavement."""

    code = "bereavement-not-told"
    text = "Notez d’abord que ce proche a été prévenu du décès."
    status = 409
    issue = "conflict"


class WhoSpoke(DomainError):
    """A contact is somebody's."""

    code = "bereavement-who"
    text = "Indiquez qui lui a parlé."


def check_wish(record: StateTellingWish, *, born_on: date, died_on: date | None, today: date) -> None:
    """Raise unless the person can have said this."""
    if died_on is not None:
        raise WishAfterDeath
    if not (record.by_whom.strip() or record.words.strip()):
        raise WishEmpty(field="words")
    if record.stated_on > today:
        raise WishInFuture(field="stated_on")
    if record.stated_on < born_on:
        raise WishBeforeBirth(field="stated_on")


def check_noting(record: NoteContact, *, step: str, is_told: bool, died_on: date | None, today: date) -> None:
    """Raise unless a contact can have gone so."""
    if died_on is None:
        raise StillAlive
    if not died_on <= record.happened_on <= today:
        raise ContactDayWrong(field="happened_on")
    if record.outcome == Outcome.DONE and not record.by_whom.strip():
        raise WhoSpoke(field="by_whom")
    if record.outcome == Outcome.DONE and step != NEWS and not is_told:
        raise NotToldYet


def check_due(due_on: date, *, died_on: date | None, today: date) -> None:
    """Raise unless a contact can be planned for that day."""
    if died_on is None:
        raise StillAlive
    if not today <= due_on <= died_on + LONGEST:
        raise DueDayWrong(field="due_on")
