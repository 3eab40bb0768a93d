"""Invented wishes and contacts of the time after a death, through their commands."""

from datetime import date
from uuid import UUID

from accounts.kernel.actor import Actor, system_actor
from accounts.kernel.clock import today
from pathway.stays.commands import record_death
from pathway.stays.records import RecordDeath
from ppa.after_death.commands import note_contact, plan_contacts, state_telling_wish
from ppa.after_death.models import BereavementContact
from ppa.after_death.records import NoteContact, PlanContacts, StateTellingWish
from ppa.after_death.states import Outcome
from ppa.after_death.timing import NEWS

WORDS = "Dites-leur que je suis partie CANARICONFIDENCE"


def wish(person_id: UUID, by: Actor, **fields: object) -> UUID:
    """Return the id of what a person said of how her relatives are to be told."""
    values: dict[str, object] = {"by_whom": "Sa fille", "words": WORDS, "stated_on": today(), **fields}
    return state_telling_wish(StateTellingWish(person_id=person_id, **values), by=by).id  # type: ignore[arg-type]  # (a factory takes any field)


def died(person_id: UUID, by: Actor, *, on: date | None = None) -> None:
    """Record a death with all that it stops and begins."""
    record_death(RecordDeath(person_id=person_id, died_on=on or today()), by=by)


def foreseen(person_id: UUID, relative_id: UUID) -> UUID:
    """Return the id of the first contact that a death of today would plan with a relative."""
    plan_contacts(PlanContacts(person_id=person_id, died_on=today()), by=system_actor("death"))
    return contact(relative_id).id


def contact(relative_id: UUID, step: str = NEWS) -> BereavementContact:
    """Return the latest contact of a step with a relative."""
    return BereavementContact.objects.filter(relative_id=relative_id, step=step).latest("created_at")


def noted(relative_id: UUID, by: Actor, step: str = NEWS, **fields: object) -> None:
    """Note how a contact went: they spoke, today."""
    row = contact(relative_id, step)
    values: dict[str, object] = {
        "version": row.version,
        "outcome": Outcome.DONE,
        "happened_on": today(),
        "by_whom": "Essai, infirmière",
        **fields,
    }
    note_contact(NoteContact(contact_id=row.id, **values), by=by)  # type: ignore[arg-type]  # (a factory takes any field)
