"""What a person's page shows of her stays."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.people.page import Chip, Panel, TimelineKind, chip, on_timeline, panel
from accounts.people.queries import person_snapshot
from accounts.vigilance.belongings import held
from pathway.stays.models import Stay
from pathway.stays.queries import kept_stays, present_stay, shown_question, stays_of
from pathway.stays.states import STAY, STAY_KIND_LABELS, StayState


@chip(60, Permission.STAY_READ, reads=(kept_stays,))
def stay_chip(person_id: UUID, actor: Actor) -> Chip | None:
    """Tell where the person is now."""
    stay = present_stay(person_id)
    if stay is None:
        return None
    tone = "warn" if stay.state == StayState.ON_LEAVE else "ok"
    return Chip(stay.offer_name, tone, "bed", _stay_url(stay.id, person_id))


@panel(60, Permission.STAY_READ)
def stays_panel(person_id: UUID, actor: Actor) -> Panel:
    """List the stays, with the way to an arrival and to the record of a death."""
    born = person_snapshot(person_id).traits.birth_date
    stays = [
        {
            "stay": stay,
            "kind": STAY_KIND_LABELS[stay.kind],
            "state": STAY.label(stay.state),
            "question": shown_question(stay, born=born, actor=actor),
        }
        for stay in stays_of(person_id)
    ]
    return Panel("Séjours", "pathway/stays/_panel.html", {"stays": stays}, "bed", offers=_offers(person_id, actor))


def _offers(person_id: UUID, actor: Actor) -> tuple[tuple[str, str], ...]:
    if person_snapshot(person_id).died_on:
        return ()
    own = Facts(type="stay", person_id=person_id, organisation_id=actor.organisation_id)
    person = Facts(type="person", id=person_id, person_id=person_id)
    offered = (
        ("Accueillir", "stays:open", is_permitted(actor, Permission.STAY_OPEN, own)),
        (
            "Enregistrer le décès",
            "stays:death",
            is_permitted(actor, Permission.PATIENT_IDENTITY_MARK_DECEASED, person),
        ),
    )
    return tuple((label, reverse(route, args=[person_id])) for label, route, may in offered if may)


def _stay_url(stay_id: UUID, person_id: UUID) -> str:
    return reverse("stays:stay", args=[stay_id])


on_timeline(
    TimelineKind(
        aggregate_type=Stay.AGGREGATE,
        lifecycle=STAY,
        permission=Permission.STAY_READ,
        icon="bed",
        lane="Séjours",
        tone="ok",
        url=_stay_url,
    )
)

held(
    "pathway.Stay",
    "Séjours",
    {"stay_open_once": "le même service a un séjour en cours sur chaque dossier. Terminez celui qui fait double."},
)
