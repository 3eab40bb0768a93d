"""What a volunteer may write down of a visit. Source: CSP L1110-11 (no act of care); the length is ours."""

from datetime import date

from accounts.kernel.errors import DomainError
from pathway.visits.records import RecordVisit

LONGEST_NOTE = 300


class VisitInFuture(DomainError):
    """A visit is written down once it took place."""

    code = "visit-in-future"
    text = "Cette date est dans le futur. Notez la visite quand elle a eu lieu."


class VisitAfterDeath(DomainError):
    """A visit to a person took place in her lifetime."""

    code = "visit-after-death"
    text = "Cette personne est décédée avant ce jour. Vérifiez la date ; pour ses proches, parlez-en à son référent."


class NoteTooLong(DomainError):
    """One line, not a report."""

    code = "visit-note-too-long"
    text = "Gardez une phrase ou deux (300 caractères). Ce qui mérite plus se dit de vive voix au référent."


class NoteOnHealth(DomainError):
    """What a volunteer learns of her health is told to the team, not written here."""

    code = "visit-note-health"
    text = "Relisez votre note et cochez qu’elle ne dit rien de la santé : cela se dit à l’équipe, de vive voix."


def check_visit(record: RecordVisit, *, died_on: date | None, today: date) -> None:
    """Raise the first thing that keeps a visit from being written down so."""
    if record.visited_on > today:
        raise VisitInFuture(field="visited_on")
    if died_on is not None and record.visited_on > died_on:
        raise VisitAfterDeath(field="visited_on")
    if len(record.note.strip()) > LONGEST_NOTE:
        raise NoteTooLong(field="note")
    if record.note.strip() and not record.says_nothing_of_health:
        raise NoteOnHealth(field="says_nothing_of_health")
