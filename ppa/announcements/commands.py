"""Writing announcements, proposals of a plan and the person's answers."""

from uuid import UUID

from accounts.access.circle import enter
from accounts.access.events import CircleChanged
from accounts.access.permissions import Permission
from accounts.access.records import Facts, OpenMembership, Receipt
from accounts.access.states import Basis
from accounts.access.unit import Act, Unit, command, together
from accounts.kernel.clock import instant_of, now, today
from accounts.kernel.errors import NotFound
from accounts.kernel.fields import Reindex
from accounts.kernel.keyring import blind_token
from accounts.organisations.directory import coordination_for
from accounts.people.links import lock_person
from accounts.people.queries import person_snapshot
from ppa.announcements.events import AnnouncementRecorded, PlanProposed, ProposalAnswered
from ppa.announcements.models import Announcement, PlanProposal, ProposalAnswer
from ppa.announcements.records import Announce, Answer, AnswerProposal, ProposePlan, RecordAnnouncement
from ppa.announcements.rules import (
    NoCoordinationHere,
    check_alive,
    check_announcement,
    check_answer,
    check_proposal,
    normalised_code,
)
from ppa.announcements.states import ProposalAction, ProposalState


def diagnosis_token(code: str) -> int:
    """Return the blind token under which the announcements of a CIM-10 code are found."""
    return blind_token("announcement.diagnosis", normalised_code(code))


def reindex(announcement: Announcement) -> bool:
    """Make the token of an announcement's code again under the active key; tell whether it was under another."""
    code = announcement.diagnosis_code
    token = diagnosis_token(code) if code else None
    if announcement.diagnosis_token == token:
        return False
    Announcement.objects.filter(pk=announcement.pk).update(diagnosis_token=token)
    return True


DIAGNOSES = Reindex("ppa.Announcement", reindex)


@command(Permission.ANNOUNCEMENT_RECORD)
def record_announcement(record: RecordAnnouncement, act: Act) -> Receipt:
    """Keep an announcement that the actor's organisation made to a person it knows: the announcing team enters her circle."""
    organisation_id = _organisation_of(act)
    act.ask(Facts(type="announcement", person_id=record.person_id, organisation_id=organisation_id))
    person = person_snapshot(record.person_id)
    check_announcement(record, born_on=person.traits.birth_date, died_on=person.died_on, today=today())
    code = normalised_code(record.diagnosis_code)
    announcement = Announcement(
        person_id=record.person_id,
        organisation_id=organisation_id,
        recorder_id=record.recorder_id or act.by.professional_id,
        trigger=record.trigger,
        announced_on=record.announced_on,
        diagnosis_code=code,
        diagnosis_label=record.diagnosis_label.strip(),
        diagnosis_token=diagnosis_token(code) if code else None,
        present=record.present.strip(),
        knows=record.knows.strip(),
        wishes_to_know=record.wishes_to_know.strip(),
        sent_at=record.sent_at or now(),
    )
    enter(
        OpenMembership(
            person_id=record.person_id,
            organisation_id=organisation_id,
            basis=Basis.SAME_TEAM,
            source_id=announcement.id,
        ),
        by=act.by,
    )
    act.tell(CircleChanged, about="circle", id=record.person_id, person_id=record.person_id)
    return act.add(announcement, "record", AnnouncementRecorded, at=instant_of(record.announced_on))


@command(Permission.ANNOUNCEMENT_RECORD)
def propose_plan(record: ProposePlan, act: Act) -> Receipt:
    """Put the proposal of a plan on the desk of the DAC that covers where the person lives.

    The announcement joins the proposal that the person already has, if any; one that she
    had put off or declined asks again, at the DAC of her present address.
    """
    announcement = act.lock(Announcement, record.announcement_id)
    organisation_id = _organisation_of(act)
    act.ask(Facts(type="plan_proposal", person_id=announcement.person_id, organisation_id=organisation_id))
    check_proposal(proposed_on=record.proposed_on, announced_on=announcement.announced_on, today=today())
    lock_person(announcement.person_id)
    person = person_snapshot(announcement.person_id)
    check_alive(person.died_on)
    owner = coordination_for(commune=person.contact.commune, departement=person.departement)
    if owner is None:
        raise NoCoordinationHere(field="proposed_on")
    known = PlanProposal.objects.select_for_update(of=("self",), no_key=True).filter(person_id=person.id).first()
    proposal = known or PlanProposal(
        person_id=person.id, owner=owner, organisation_id=organisation_id, proposed_on=record.proposed_on
    )
    if known and known.announcements.filter(pk=announcement.pk).exists():
        return Receipt(type=known.AGGREGATE, id=known.pk, version=known.version)
    receipt = _propose(proposal, record, owner_id=owner.id, act=act)
    proposal.announcements.add(announcement)
    return receipt


@together
def announce(record: Announce, run: Unit) -> Receipt:
    """Keep an announcement and, when it was made, the proposal of a plan; answer the announcement's receipt."""
    announced = run(record_announcement, record.announcement)
    if record.proposed_on:
        run(propose_plan, ProposePlan(announcement_id=announced.id, proposed_on=record.proposed_on))
    return announced


@command(Permission.PLAN_PROPOSAL_ANSWER)
def answer_proposal(record: AnswerProposal, act: Act) -> Receipt:
    """Keep what the person answers; she may change her mind at any time."""
    proposal = act.open(PlanProposal, record.proposal_id, version=record.version)
    check_alive(person_snapshot(proposal.person_id).died_on)
    check_answer(
        record.answer,
        answered_on=record.answered_on,
        come_back_on=record.come_back_on,
        proposed_on=proposal.proposed_on,
        today=today(),
    )
    proposal.come_back_on = record.come_back_on if record.answer == Answer.DEFERRED else None
    receipt = act.advance(proposal, ProposalAction(record.answer), ProposalAnswered, at=instant_of(record.answered_on))
    ProposalAnswer.objects.create(
        proposal=proposal,
        answer=record.answer,
        answered_on=record.answered_on,
        heard_by_id=record.heard_by_id or act.by.professional_id,
        reason=record.reason.strip(),
        come_back_on=proposal.come_back_on,
    )
    return receipt


def _propose(proposal: PlanProposal, record: ProposePlan, *, owner_id: UUID, act: Act) -> Receipt:
    at = instant_of(record.proposed_on)
    if proposal.version == 0:
        return act.add(proposal, "propose", PlanProposed, at=at)
    if proposal.state not in (ProposalState.DEFERRED, ProposalState.DECLINED):
        return act.amend(proposal, "join_announcement", PlanProposed, at=at)
    proposal.owner_id, proposal.proposed_on, proposal.come_back_on = owner_id, record.proposed_on, None
    return act.advance(proposal, ProposalAction.RENEW, PlanProposed, at=at)


def _organisation_of(act: Act) -> UUID:
    if act.by.organisation_id is None:
        raise NotFound
    return act.by.organisation_id
