"""What a person's page shows of the opinions asked about her."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.people.page import Panel, TimelineKind, on_timeline, panel
from accounts.vigilance.belongings import held
from pathway.cases.queries import open_case_ids, open_files
from pathway.opinions.models import Opinion
from pathway.opinions.queries import opinion_rows, opinions_of
from pathway.opinions.states import OPINION


@panel(75, Permission.OPINION_READ, reads=(opinion_rows, open_files))
def opinions_panel(person_id: UUID, actor: Actor) -> Panel | None:
    """List the opinions asked, and offer to ask one while a file is followed."""
    lines = opinions_of(person_id, actor=actor)
    own = Facts(type=Opinion.AGGREGATE, person_id=person_id, organisation_id=actor.organisation_id)
    may_ask = is_permitted(actor, Permission.OPINION_ASK, own) and bool(open_case_ids(person_id))
    if not lines and not may_ask:
        return None
    offers = (("Demander un avis", reverse("opinions:ask", args=[person_id])),) if may_ask else ()
    return Panel("Avis demandés", "pathway/opinions/_panel.html", {"lines": lines}, "question", (), offers)


def _url(opinion_id: UUID, person_id: UUID) -> str:
    return reverse("opinions:page", args=[opinion_id])


on_timeline(
    TimelineKind(
        aggregate_type=Opinion.AGGREGATE,
        lifecycle=OPINION,
        permission=Permission.OPINION_READ,
        icon="question",
        lane="Avis",
        url=_url,
    )
)

held("pathway.Opinion", "Demandes d’avis")
