"""What a person's page shows of what may happen to her."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from accounts.people.page import Panel, TimelineKind, on_timeline, panel
from accounts.vigilance.belongings import held
from ppa.crises.models import Crisis
from ppa.crises.queries import crises_of
from ppa.crises.rules import flags_of
from ppa.crises.states import CRISIS


@panel(31, Permission.ANTICIPATED_CRISIS_READ)
def crises_panel(person_id: UUID, actor: Actor) -> Panel:
    """List what is foreseen, with what must be looked at first."""
    crises = crises_of(person_id, actor=actor)
    index = reverse("crises:index", args=[person_id])
    own = Facts(type=Crisis.AGGREGATE, person_id=person_id, organisation_id=actor.organisation_id)
    may_write = is_permitted(actor, Permission.ANTICIPATED_CRISIS_WRITE, own)
    lines = [
        {
            "crisis": crisis,
            "flags": [
                flag for one in crisis.prescriptions for flag in flags_of(one, today=today()) if flag.tone == "crit"
            ],
        }
        for crisis in crises
    ]
    return Panel(
        "Si la situation s’aggrave",
        "ppa/crises/_panel.html",
        {"lines": lines, "person_id": person_id},
        "stethoscope",
        (("Conduites à tenir", index),) if crises else (),
        (("Prévoir une conduite à tenir", reverse("crises:new", args=[person_id])),) if may_write else (),
    )


def _url(crisis_id: UUID, person_id: UUID) -> str:
    return reverse("crises:page", args=[person_id, crisis_id])


on_timeline(
    TimelineKind(
        aggregate_type=Crisis.AGGREGATE,
        lifecycle=CRISIS,
        permission=Permission.ANTICIPATED_CRISIS_READ,
        icon="stethoscope",
        lane="Annonce et plan",
        url=_url,
    )
)

held("ppa.Crisis", "Crises anticipées")
