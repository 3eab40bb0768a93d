"""What a person's page and the emergency view show of her emergency sheet."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.break_glass.emergency_set import Part, emergency_part
from accounts.kernel.actor import Actor
from accounts.people.page import Panel, TimelineKind, on_timeline, panel
from accounts.vigilance.belongings import held
from ppa.emergency_sheets.models import EmergencySheet
from ppa.emergency_sheets.queries import is_readable, sheet_of, standing_for
from ppa.emergency_sheets.reading import lines_of
from ppa.emergency_sheets.snapshots import sheet_rows
from ppa.emergency_sheets.states import EMERGENCY_SHEET, IN_FORCE


@panel(28, Permission.EMERGENCY_SHEET_READ, reads=(sheet_rows,))
def sheet_panel(person_id: UUID, actor: Actor) -> Panel | None:
    """Tell whether a signed sheet is there and still says what the file says."""
    shown = standing_for(person_id, actor=actor) if is_readable(person_id, actor=actor) else None
    facts = Facts(type=EmergencySheet.AGGREGATE, person_id=person_id)
    may_write = is_permitted(actor, Permission.EMERGENCY_SHEET_UPDATE, facts)
    if shown is None and not may_write:
        return None
    page, check = (
        reverse("emergency_sheets:page", args=[person_id]),
        reverse("emergency_sheets:lookup", args=[person_id]),
    )
    actions = [("Ouvrir la fiche", page)] if shown else []
    if shown and shown.state in IN_FORCE and is_permitted(actor, Permission.EMERGENCY_SHEET_CIRCULATE, facts):
        actions.append(("Le SAMU la retrouverait-il ?", check))
    write = reverse("emergency_sheets:write", args=[person_id])
    return Panel(
        "Fiche Urgence Pallia",
        "ppa/emergency_sheets/_panel.html",
        {"sheet": shown, "state_label": EMERGENCY_SHEET.label(shown.state) if shown else ""},
        "ambulance",
        tuple(actions),
        (("Rédiger la fiche", write),) if may_write and not shown else (),
    )


@emergency_part(5, Permission.EMERGENCY_SHEET_READ)
def sheet_in_an_emergency(person_id: UUID, actor: Actor) -> Part:
    """Show the signed sheet before everything else, and what changed since."""
    shown = sheet_of(person_id, actor=actor) if is_readable(person_id, actor=actor) else None
    current = shown.current if shown else None
    return Part(
        title="Fiche Urgence Pallia",
        template="ppa/emergency_sheets/_emergency.html",
        context={
            "version": current,
            "drift": shown.drift if shown else (),
            "lines": lines_of(current.content) if current else None,
        },
        icon="ambulance",
        tone="info" if current else "",
    )


def _url(sheet_id: UUID, person_id: UUID) -> str:
    return reverse("emergency_sheets:page", args=[person_id])


on_timeline(
    TimelineKind(
        aggregate_type=EmergencySheet.AGGREGATE,
        lifecycle=EMERGENCY_SHEET,
        permission=Permission.EMERGENCY_SHEET_READ,
        icon="ambulance",
        lane="Annonce et plan",
        url=_url,
    )
)

held(
    "ppa.EmergencySheet",
    "Fiches d’urgence",
    {"emergency_sheet_one_a_person": "chaque dossier a une fiche d’urgence. Retirez celle qui ne doit pas continuer."},
)
