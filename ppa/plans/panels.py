"""What a person's page shows of her plan."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.people.page import Chip, Panel, TimelineKind, chip, on_timeline, panel
from ppa.plans.models import Plan
from ppa.plans.queries import plan_summary
from ppa.plans.states import PLAN, PlanState


@chip(30, Permission.PPA_READ_VALIDATED)
def plan_chip(person_id: UUID, actor: Actor) -> Chip | None:
    """Tell the version in force, else that a plan is being made."""
    plan = plan_summary(person_id)
    if plan is None:
        return None
    url = _plan_url(plan.id, person_id) if _may_read_draft(person_id, actor) else ""
    if plan.state == PlanState.CLOSED:
        return Chip("PPA clos", "neutral", "document", url)
    if not plan.versions:
        return Chip("PPA en préparation", "info", "document", url)
    last = plan.versions[0]
    return Chip(f"PPA signé v{last.number} le {last.signed_at:%d/%m/%Y}", "ok", "document-check", url)


@panel(30, Permission.PPA_READ_VALIDATED)
def plan_panel(person_id: UUID, actor: Actor) -> Panel:
    """Tell where the plan stands, with its signed versions and the way to it."""
    plan = plan_summary(person_id)
    actions: tuple[tuple[str, str], ...] = ()
    offers: tuple[tuple[str, str], ...] = ()
    if _may_read_draft(person_id, actor):
        way = ("Ouvrir le plan" if plan else "Commencer un plan", reverse("plans:page", args=[person_id]))
        actions, offers = ((way,), ()) if plan else ((), (way,))
    context = {"plan": plan, "state_label": PLAN.label(plan.state) if plan else "", "person_id": person_id}
    return Panel(
        "Plan personnalisé d’accompagnement", "ppa/plans/_panel.html", context, "document-check", actions, offers
    )


def _may_read_draft(person_id: UUID, actor: Actor) -> bool:
    return is_permitted(actor, Permission.PPA_READ_DRAFT, Facts(type="plan", person_id=person_id))


def _plan_url(plan_id: UUID, person_id: UUID) -> str:
    return reverse("plans:page", args=[person_id])


on_timeline(
    TimelineKind(
        aggregate_type=Plan.AGGREGATE,
        lifecycle=PLAN,
        permission=Permission.PPA_READ_DRAFT,
        icon="document-check",
        lane="Annonce et plan",
        url=_plan_url,
    )
)
