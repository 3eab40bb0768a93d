"""What a person's page shows of announcements and of the proposal of a plan."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.people.page import Chip, Panel, TimelineKind, chip, on_timeline, panel
from accounts.vigilance.belongings import held, settled_first
from ppa.announcements.models import Announcement, PlanProposal
from ppa.announcements.queries import (
    announcement_rows,
    announcements_of,
    is_answer_lost,
    proposal_heading,
    proposal_rows,
)
from ppa.announcements.states import ANNOUNCEMENT, PROPOSAL, ProposalState

_TONES = {ProposalState.REQUESTED: "warn"}


@chip(35, Permission.PLAN_PROPOSAL_READ, reads=(proposal_rows,), until_death=True)
def proposal_chip(person_id: UUID, actor: Actor) -> Chip | None:
    """Tell where the proposal of a plan stands, until the person wants one: the plan then speaks for itself."""
    heading = proposal_heading(person_id, actor=actor)
    if heading is None or heading.state == ProposalState.ACCEPTED:
        return None
    label = f"Proposition d’un plan : {PROPOSAL.label(heading.state).lower()}"
    return Chip(label, _TONES.get(heading.state, "neutral"), "chat", _proposal_url(heading.id, person_id))


@panel(35, Permission.ANNOUNCEMENT_READ, reads=(announcement_rows, proposal_rows))
def announcements_panel(person_id: UUID, actor: Actor) -> Panel:
    """List the announcements, with the way to the proposal and to a new announcement."""
    proposal = proposal_heading(person_id, actor=actor)
    actions = [("Proposition du plan", _proposal_url(proposal.id, person_id))] if proposal else []
    offers: list[tuple[str, str]] = []
    own = Facts(type="announcement", person_id=person_id, organisation_id=actor.organisation_id)
    if is_permitted(actor, Permission.ANNOUNCEMENT_RECORD, own):
        offers.append(("Noter une annonce", reverse("announcements:new", args=[person_id])))
    return Panel(
        "Annonce",
        "ppa/announcements/_panel.html",
        {
            "lines": announcements_of(person_id, actor=actor),
            "proposal": proposal,
            "proposal_label": PROPOSAL.label(proposal.state) if proposal else "",
        },
        "chat",
        tuple(actions),
        tuple(offers),
    )


def _announcement_url(announcement_id: UUID, person_id: UUID) -> str:
    return reverse("announcements:page", args=[person_id, announcement_id])


def _proposal_url(proposal_id: UUID, person_id: UUID) -> str:
    return reverse("announcements:proposal", args=[person_id, proposal_id])


on_timeline(
    TimelineKind(
        aggregate_type=Announcement.AGGREGATE,
        lifecycle=ANNOUNCEMENT,
        permission=Permission.ANNOUNCEMENT_READ,
        icon="stethoscope",
        lane="Annonce et plan",
        url=_announcement_url,
    )
)
on_timeline(
    TimelineKind(
        aggregate_type=PlanProposal.AGGREGATE,
        lifecycle=PROPOSAL,
        permission=Permission.PLAN_PROPOSAL_READ,
        icon="chat",
        lane="Annonce et plan",
        url=_proposal_url,
    )
)

held("ppa.Announcement", "Annonces")
held("ppa.PlanProposal", "Propositions d’un plan")


@settled_first
def proposals_were_answered_alike(kept_id: UUID, merged_id: UUID) -> str | None:
    """Ask for her answer on the record to keep, when the other has one that differs: that proposal stays behind."""
    if not is_answer_lost(kept_id, merged_id):
        return None
    return (
        "la personne n’a pas répondu la même chose, sur les deux dossiers, à la proposition d’un plan. "
        "Demandez-lui sa réponse, et notez-la sur le dossier à garder."
    )
