"""What a person's page shows of her coordination: référent, level, and the last lines of the timeline."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.authentication.context import counted
from accounts.kernel.actor import Actor
from accounts.people.page import Chip, Panel, TimelineKind, chip, on_timeline, panel
from accounts.vigilance.belongings import held
from pathway.cases.models import Case
from pathway.cases.queries import case_heading, files_of_person, number_to_include
from pathway.cases.states import CASE, LEVEL_LABELS, OPEN, PHASE_LABELS, Phase


@counted("cases:index")
def waiting_files(actor: Actor) -> int:
    """Count the files that wait to be included, beside the link of the side navigation."""
    return number_to_include(actor.organisation_id) if actor.organisation_id else 0


@chip(40, Permission.COORDINATION_FILE_READ, reads=(files_of_person,))
def coordination_chip(person_id: UUID, actor: Actor) -> Chip | None:
    """Tell the level of gradation and the phase of the open file, else who follows the person."""
    case = case_heading(person_id, actor=actor)
    if case is None or case.state not in OPEN:
        return None
    phase = f" · {PHASE_LABELS[case.phase]}" if case.phase else ""
    followed_by = f"Référent : {case.coordinator}" if case.coordinator else f"DAC : {CASE.label(case.state).lower()}"
    label = f"Niveau {case.level}{phase}" if case.level else followed_by
    tone = "warn" if case.phase in (Phase.UNSTABLE, Phase.DETERIORATING) else "info"
    return Chip(label, tone, "route", reverse("cases:page", args=[case.id]))


@panel(10, Permission.COORDINATION_FILE_READ)
def coordination_panel(person_id: UUID, actor: Actor) -> Panel:
    """Show the coordination file, or the way to ask for one."""
    case = case_heading(person_id, actor=actor)
    actions: list[tuple[str, str]] = []
    offers: list[tuple[str, str]] = []
    if case:
        actions.append(("Dossier de coordination", reverse("cases:page", args=[case.id])))
    own = Facts(type="case", person_id=person_id, organisation_id=actor.organisation_id)
    if (case is None or case.state not in OPEN) and is_permitted(actor, Permission.COORDINATION_FILE_SIGNAL, own):
        offers.append(("Demander l’appui du DAC", reverse("cases:signal", args=[person_id])))
    context = {
        "case": case,
        "state_label": CASE.label(case.state) if case else "",
        "level": LEVEL_LABELS[case.level] if case and case.level else "",
    }
    return Panel("Coordination", "pathway/cases/_panel.html", context, "route", tuple(actions), tuple(offers))


def _case_url(case_id: UUID, person_id: UUID) -> str:
    return reverse("cases:page", args=[case_id])


on_timeline(
    TimelineKind(
        aggregate_type=Case.AGGREGATE,
        lifecycle=CASE,
        permission=Permission.COORDINATION_FILE_READ,
        icon="route",
        lane="Coordination",
        tone="info",
        url=_case_url,
    )
)

held(
    "pathway.Case",
    "Dossiers de coordination",
    {
        "case_open_once": "la même coordination suit les deux dossiers. Terminez le suivi qui fait double, ou ne le retenez pas."
    },
)
