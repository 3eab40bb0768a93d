"""Writing visits."""

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, command
from accounts.kernel.clock import instant_of, today
from accounts.people.queries import person_snapshot
from pathway.visits.events import VisitRecorded
from pathway.visits.models import VolunteerVisit
from pathway.visits.records import RecordVisit
from pathway.visits.rules import check_visit


@command(Permission.VISIT_RECORD)
def record_visit(record: RecordVisit, act: Act) -> Receipt:
    """Keep a visit of the actor's own."""
    act.ask(Facts(type=VolunteerVisit.AGGREGATE, person_id=record.person_id))
    check_visit(record, died_on=person_snapshot(record.person_id).died_on, today=today())
    visit = VolunteerVisit(
        person_id=record.person_id,
        organisation_id=act.organisation_id,
        professional_id=act.by.professional_id,
        visited_on=record.visited_on,
        presence=str(record.presence),
        note=record.note.strip(),
    )
    return act.add(visit, "record", VisitRecorded, at=instant_of(record.visited_on))
