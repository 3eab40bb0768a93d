"""Reading talks on admission."""

from datetime import date
from uuid import UUID

from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from pathway.admission_talks.models import AdmissionTalk
from pathway.admission_talks.records import TalkSnapshot
from pathway.admission_talks.states import DirectivesAnswer, Handed, TrustedAnswer
from pathway.stays.queries import stay_snapshot
from pathway.stays.records import StaySnapshot


def stay_asked(stay_id: UUID, *, actor: Actor, to: Permission) -> StaySnapshot:
    """Return the stay of a talk to an actor who may read talks, or record one (`to`); raises `NotFound` to others."""
    stay = stay_snapshot(stay_id)
    facts = Facts(
        type="admission_talk", person_id=stay.person_id, organisation_id=stay.organisation_id, state=stay.state
    )
    permit(actor, to, facts)
    return stay


def talks_snapshot(stay: StaySnapshot) -> list[TalkSnapshot]:
    """Return the talks of a stay, the latest first, unscoped: the caller asked the gate."""
    rows = AdmissionTalk.objects.filter(stay=stay.id).order_by("-asked_on", "-created_at", "-id")
    return [_snapshot(row, stay) for row in rows]


def _snapshot(row: AdmissionTalk, stay: StaySnapshot) -> TalkSnapshot:
    said = row.content
    return TalkSnapshot(
        id=row.id,
        stay_id=stay.id,
        person_id=stay.person_id,
        organisation_id=stay.organisation_id,
        asked_by=row.asked_by_id,
        asked_on=row.asked_on,
        directives=DirectivesAnswer(said["directives"]),
        trusted=TrustedAnswer(said["trusted"]),
        where=said["where"],
        where_phone=said["where_phone"],
        handed=tuple(Handed(one) for one in said["handed"]),
        is_protected=said["is_protected"],
        again_on=date.fromisoformat(said["again_on"]) if said["again_on"] else None,
        note=row.note,
        created_at=row.created_at,
    )
