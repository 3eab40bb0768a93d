"""What a person's page shows of collegial decisions: those under way and those that hold."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.people.page import Panel, TimelineKind, on_timeline, panel
from accounts.vigilance.belongings import held
from ppa.collegial_decisions.models import CollegialDecision
from ppa.collegial_decisions.queries import decisions_of
from ppa.collegial_decisions.states import DECISION, KIND_LABELS, DecisionState

_SHOWN = frozenset({DecisionState.PREPARED, DecisionState.DECIDED})


@panel(60, Permission.COLLEGIAL_DECISION_READ)
def decisions_panel(person_id: UUID, actor: Actor) -> Panel:
    """List what is under way or holds."""
    lines = [
        (one, KIND_LABELS[one.kind], DECISION.label(one.state))
        for one in decisions_of(person_id, actor=actor)
        if one.state in _SHOWN
    ]
    index = reverse("collegial_decisions:index", args=[person_id])
    facts = Facts(type=CollegialDecision.AGGREGATE, person_id=person_id)
    may_open = is_permitted(actor, Permission.COLLEGIAL_DECISION_PREPARE, facts)
    return Panel(
        "Décisions collégiales",
        "ppa/collegial_decisions/_panel.html",
        {"lines": lines},
        "users",
        (("Toutes les décisions", index),),
        (("Ouvrir une procédure", index),) if may_open else (),
    )


def _url(decision_id: UUID, person_id: UUID) -> str:
    return reverse("collegial_decisions:page", args=[person_id, decision_id])


on_timeline(
    TimelineKind(
        aggregate_type=CollegialDecision.AGGREGATE,
        lifecycle=DECISION,
        permission=Permission.COLLEGIAL_DECISION_READ,
        icon="users",
        lane="Directives et confiance",
        url=_url,
    )
)

held("ppa.CollegialDecision", "Décisions collégiales")
