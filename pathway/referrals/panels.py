"""What a person's page shows of the requests made for her."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.people.page import Chip, Panel, TimelineKind, chip, on_timeline, panel
from accounts.vigilance.belongings import held
from pathway.referrals.models import Request, RequestLine
from pathway.referrals.queries import requests_of, sent_requests
from pathway.referrals.states import LINE, REQUEST, RequestState


@chip(50, Permission.REFERRAL_READ_PROGRESS, reads=(sent_requests,))
def request_chip(person_id: UUID, actor: Actor) -> Chip | None:
    """Tell how many requests await an admission."""
    waiting = [row for row in requests_of(person_id) if row.state == RequestState.ACTIVE and not row.is_settled]
    if not waiting:
        return None
    if any(row.is_lost for row in waiting):
        return Chip("Demande sans solution", "crit", "send")
    label = "Demande en cours" if len(waiting) == 1 else f"{len(waiting)} demandes en cours"
    return Chip(label, "info", "send")


@panel(20, Permission.REFERRAL_READ_PROGRESS)
def requests_panel(person_id: UUID, actor: Actor) -> Panel:
    """List the requests with each structure's answer, and the way to a new one."""
    own = Facts(type="referral", person_id=person_id, organisation_id=actor.organisation_id)
    may_ask = is_permitted(actor, Permission.REFERRAL_CREATE_DRAFT, own)
    offers = (("Orienter", reverse("referrals:new", args=[person_id])),) if may_ask else ()
    return Panel("Demandes", "pathway/referrals/_panel.html", {"rows": requests_of(person_id)}, "send", offers=offers)


on_timeline(
    TimelineKind(
        aggregate_type=Request.AGGREGATE,
        lifecycle=REQUEST,
        permission=Permission.REFERRAL_READ_PROGRESS,
        icon="send",
        lane="Demandes",
    )
)
on_timeline(
    TimelineKind(
        aggregate_type=RequestLine.AGGREGATE,
        lifecycle=LINE,
        permission=Permission.REFERRAL_READ_PROGRESS,
        icon="reply",
        lane="Demandes",
    )
)

held("pathway.Request", "Demandes d’admission")
