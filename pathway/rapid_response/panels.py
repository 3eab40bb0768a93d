"""What a person's page shows of the rapid response."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.kernel.actor import Actor
from accounts.people.page import Chip, Panel, TimelineKind, chip, on_timeline, panel
from accounts.vigilance.belongings import held
from pathway.rapid_response.models import Alert
from pathway.rapid_response.queries import alert_snapshot, facts_of, open_alert_of, open_alerts
from pathway.rapid_response.states import ALERT


@chip(15, Permission.ERI_SP_ALERT_READ_PROGRESS, reads=(open_alerts,))
def alert_chip(person_id: UUID, actor: Actor) -> Chip | None:
    """Tell that a rapid team is engaged."""
    line = open_alert_of(person_id, actor=actor)
    if line is None:
        return None
    return Chip(f"Équipe rapide : {line.state_label.lower()}", "crit", "ambulance", _way(line.id, actor))


@panel(15, Permission.ERI_SP_ALERT_READ_PROGRESS)
def alert_panel(person_id: UUID, actor: Actor) -> Panel | None:
    """Show the clock of the open alert; nothing when no team is engaged."""
    line = open_alert_of(person_id, actor=actor)
    if line is None:
        return None
    way = _way(line.id, actor)
    actions = (("Suivre l’appel", way),) if way else ()
    return Panel("Équipe rapide", "pathway/rapid_response/_panel.html", {"line": line}, "ambulance", actions)


def _way(alert_id: UUID, actor: Actor) -> str:
    """Return the address of an alert, empty for who follows its progress alone."""
    may = is_permitted(actor, Permission.ERI_SP_ALERT_READ, facts_of(alert_snapshot(alert_id)))
    return reverse("alerts:page", args=[alert_id]) if may else ""


on_timeline(
    TimelineKind(
        aggregate_type=Alert.AGGREGATE,
        lifecycle=ALERT,
        permission=Permission.ERI_SP_ALERT_READ_PROGRESS,
        icon="ambulance",
        lane="Équipe rapide",
        tone="crit",
        url=lambda alert_id, _: reverse("alerts:page", args=[alert_id]),
        opens=lambda alert_id, actor: bool(_way(alert_id, actor)),
    )
)

held(
    "pathway.Alert",
    "Alertes ERI-SP",
    {"alert_open_once": "une alerte ERI-SP est en cours sur chaque dossier. Attendez la fin de l’une d’elles."},
)
