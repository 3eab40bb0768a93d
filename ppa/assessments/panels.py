"""What a person's page shows of her assessments: the last result of each scale, and what they suggest."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from accounts.people.page import Panel, TimelineKind, on_timeline, panel
from accounts.vigilance.belongings import held
from ppa.assessments.models import Assessment
from ppa.assessments.queries import assessment_rows, assessments_of
from ppa.assessments.rules import advice_from
from ppa.assessments.states import ADVICE_TEXTS, ASSESSMENT, AssessmentState


@panel(45, Permission.ASSESSMENT_READ, reads=(assessment_rows,))
def assessments_panel(person_id: UUID, actor: Actor) -> Panel:
    """Show the last result of each scale."""
    known = assessments_of(person_id, actor=actor)
    counted = [one for one in known if one.state == AssessmentState.RECORDED]
    last = {one.scale.code: one for one in reversed(counted)}
    index = reverse("assessments:index", args=[person_id])
    own = Facts(type=Assessment.AGGREGATE, person_id=person_id, organisation_id=actor.organisation_id)
    may_record = is_permitted(actor, Permission.ASSESSMENT_RECORD, own)
    return Panel(
        "Évaluations",
        "ppa/assessments/_panel.html",
        {
            "person_id": person_id,
            "results": sorted(last.values(), key=lambda one: one.assessed_on, reverse=True),
            "advice": [ADVICE_TEXTS[one] for one in advice_from(known, today=today())],
        },
        "chart",
        (("Toutes les évaluations", index),) if known else (),
        (("Noter une évaluation", index),) if may_record else (),
    )


def _url(assessment_id: UUID, person_id: UUID) -> str:
    return reverse("assessments:page", args=[person_id, assessment_id])


on_timeline(
    TimelineKind(
        aggregate_type=Assessment.AGGREGATE,
        lifecycle=ASSESSMENT,
        permission=Permission.ASSESSMENT_READ,
        icon="chart",
        lane="Évaluations",
        url=_url,
    )
)

held("ppa.Assessment", "Évaluations")
