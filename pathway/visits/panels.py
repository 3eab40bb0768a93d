"""What a person's page shows of visits: to a volunteer where she is, what matters to her and his own; to the coordinator all."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.people.page import Panel, panel
from accounts.people.queries import person_snapshot
from accounts.vigilance.belongings import held
from pathway.stays.queries import present_place
from pathway.visits.queries import own_visits, visit_rows, visits_of
from ppa.plans.queries import what_matters_to


@panel(5, Permission.VISIT_READ_OWN)
def volunteer_panel(person_id: UUID, actor: Actor) -> Panel:
    """Give a volunteer what a visit needs."""
    facts = Facts(type="plan", person_id=person_id)
    shares = is_permitted(actor, Permission.PPA_READ_WHAT_MATTERS, facts)
    contact = person_snapshot(person_id).contact
    return Panel(
        "Votre visite",
        "pathway/visits/_volunteer.html",
        {
            "place": present_place(person_id),
            "street": contact.street,
            "town": f"{contact.postal_code} {contact.city}".strip(),
            "shares": shares,
            "matters": what_matters_to(person_id, actor=actor) if shares else "",
            "visits": own_visits(person_id, actor=actor),
        },
        "user-heart",
        offers=(("Noter une visite", reverse("visits:record", args=[person_id])),),
    )


@panel(58, Permission.VISIT_READ, reads=(visit_rows,))
def visits_panel(person_id: UUID, actor: Actor) -> Panel | None:
    """Give the coordinator the visits of volunteers, when there were any."""
    visits = visits_of(person_id, actor=actor)
    if not visits:
        return None
    return Panel("Visites de bénévoles", "pathway/visits/_visits.html", {"visits": visits}, "user-heart")


held("pathway.VolunteerVisit", "Visites de bénévoles")
