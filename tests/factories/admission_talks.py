"""Invented stays and what was asked on admission, through the commands."""

from datetime import datetime
from uuid import UUID

from accounts.kernel.actor import Actor
from accounts.kernel.clock import now, today
from pathway.admission_talks.commands import note_talk
from pathway.admission_talks.models import AdmissionTalk
from pathway.admission_talks.records import RecordTalk
from pathway.admission_talks.states import DirectivesAnswer, TrustedAnswer
from pathway.stays.commands import open_stay
from pathway.stays.records import OpenStay
from tests.factories.referrals import Structure


def stay_at(structure: Structure, person_id: UUID, *, admitted_at: datetime | None = None) -> UUID:
    """Return the stay of a person who came to a structure without a request."""
    record = OpenStay(person_id=person_id, offer_id=structure.offer.id, admitted_at=admitted_at or now())
    return open_stay(record, by=structure.physician).id


def talk_of(stay_id: UUID, **fields: object) -> RecordTalk:
    """Return the input of a talk of today: she wrote no directives, and would rather see later about a trusted person."""
    values: dict[str, object] = {
        "asked_on": today(),
        "directives": DirectivesAnswer.NONE,
        "trusted": TrustedAnswer.LATER,
        **fields,
    }
    return RecordTalk(stay_id=stay_id, **values)  # type: ignore[arg-type]  # (a factory takes any field)


def talk(stay_id: UUID, by: Actor, **fields: object) -> AdmissionTalk:
    """Return a talk that was written down, with what follows of it."""
    note_talk(talk_of(stay_id, **fields), by=by)
    return AdmissionTalk.objects.filter(stay=stay_id).latest("created_at")
