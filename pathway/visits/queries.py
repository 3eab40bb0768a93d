"""Reading visits: a volunteer his own, the coordinator all of them."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from pathway.visits.models import VolunteerVisit
from pathway.visits.records import VisitLine
from pathway.visits.states import PRESENCE_LABELS, Presence

MOST_SHOWN = 20


def visits_of(person_id: UUID, *, actor: Actor) -> list[VisitLine]:
    """Return the latest visits to a person, the newest first, to an actor who may read all of them."""
    permit(actor, Permission.VISIT_READ, Facts(type=VolunteerVisit.AGGREGATE, person_id=person_id))
    return _lines(visit_rows(person_id))


@Rows
def visit_rows() -> QuerySet[VolunteerVisit]:
    """Read the latest visits to a person, the newest first."""
    return _latest(VolunteerVisit.objects.filter(person_id=ASKED))


def own_visits(person_id: UUID, *, actor: Actor) -> list[VisitLine]:
    """Return the actor's own latest visits to a person, the newest first."""
    permit(actor, Permission.VISIT_READ_OWN, Facts(type=VolunteerVisit.AGGREGATE, person_id=person_id))
    rows = VolunteerVisit.objects.filter(person_id=person_id, professional__isnull=False)
    return _lines(_latest(rows.filter(professional=actor.professional_id)))


def _latest(rows: QuerySet[VolunteerVisit]) -> QuerySet[VolunteerVisit]:
    newest_first = rows.select_related("professional", "organisation").order_by("-visited_on", "-created_at", "-id")
    return newest_first[:MOST_SHOWN]


def _lines(rows: Iterable[VolunteerVisit]) -> list[VisitLine]:
    return [
        VisitLine(
            visited_on=row.visited_on,
            presence=Presence(row.presence),
            presence_label=PRESENCE_LABELS[Presence(row.presence)],
            note=row.note,
            volunteer=row.professional.display_name if row.professional else "",
            association=row.organisation.name,
        )
        for row in rows
    ]
