"""What a person's page shows of her plan."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.break_glass.emergency_set import Part, emergency_part
from accounts.kernel.actor import Actor
from accounts.kernel.clock import day_of
from accounts.people.page import Chip, Panel, TimelineKind, chip, on_timeline, panel
from accounts.vigilance.belongings import held
from ppa.crises.rules import crises_lines
from ppa.plans.models import Plan
from ppa.plans.queries import latest_plans, plan_summary, signed_versions, social_part_of, version_for
from ppa.plans.states import PLAN, TO_DO, PlanState

FIRST_IN_AN_EMERGENCY = ("crises", "symptoms", "health", "what_matters", "coordination")


@chip(30, Permission.PPA_READ_VALIDATED, reads=(latest_plans, signed_versions))
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
    return Chip(f"PPA signé v{last.number} le {day_of(last.signed_at):%d/%m/%Y}", "ok", "document-check", url)


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


@panel(30, Permission.PPA_READ_SOCIAL_SECTIONS)
def social_panel(person_id: UUID, actor: Actor) -> Panel:
    """Tell what is written on social topics and what is still to be done about them."""
    plan = social_part_of(person_id, actor=actor)
    ways = (("Ouvrir la partie sociale", reverse("plans:social", args=[person_id])),) if plan else ()
    context = {
        "plan": plan,
        "written": [shown for shown in plan.topics if shown.text] if plan else [],
        "actions": [action for action in plan.actions if action.status in TO_DO] if plan else [],
    }
    return Panel("Partie sociale du plan", "ppa/plans/_social_panel.html", context, "document-check", ways)


@emergency_part(30, Permission.PPA_READ_VALIDATED)
def plan_in_an_emergency(person_id: UUID, actor: Actor) -> Part:
    """Say what was agreed for when things get worse, then what matters to the person; the whole is one click away."""
    plan = plan_summary(person_id)
    in_force = plan is not None and plan.state != PlanState.CLOSED and plan.versions
    version = version_for(person_id, plan.versions[0].number, actor=actor) if plan and in_force else None
    texts = {topic["code"]: topic for topic in version.content["topics"]} if version else {}
    return Part(
        title="Plan personnalisé : si la situation s’aggrave",
        template="ppa/plans/_emergency.html",
        context={
            "version": version,
            "foreseen": crises_lines(version.content.get("crises", ())) if version else [],
            "topics": [texts[code] for code in FIRST_IN_AN_EMERGENCY if code in texts and texts[code]["text"]],
        },
        icon="clipboard",
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

held(
    "ppa.Plan",
    "Plans personnalisés",
    {"plan_one_a_person": "chaque dossier a un plan en cours. Terminez celui qui ne doit pas continuer."},
)
