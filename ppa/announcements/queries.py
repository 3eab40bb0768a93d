"""Reading announcements and proposals: for a person's page, for the desk of a DAC, for the projection."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access.gate import permit, read_once, scope, unopposed
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows
from accounts.access.records import Facts
from accounts.access.states import Category
from accounts.kernel.actor import Actor
from accounts.kernel.clock import day_of, today
from accounts.kernel.errors import NotFound
from accounts.kernel.http import KeyPage
from accounts.organisations.directory import organisation_names, professional_names
from accounts.people.queries import people_lines
from accounts.people.records import FoundPerson
from ppa.announcements.models import Announcement, PlanProposal, ProposalAnswer
from ppa.announcements.records import AnnouncementSnapshot, Answer, GivenAnswer, ProposalSnapshot
from ppa.announcements.states import PROPOSAL, TRIGGER_LABELS, ProposalState, Trigger
from ppa.announcements.timing import Due, due_after

M = TypeVar("M", Announcement, PlanProposal)
LOOKED_BACK = timedelta(days=365)
MOST_TO_PROPOSE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementLine:
    """An announcement as a page lists it, with the names of its organisation and of who made it."""

    announcement: AnnouncementSnapshot
    title: str
    diagnosis: str
    organisation: str
    recorder: str
    due: Due


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLine:
    """One proposal that waits on a DAC's desk: the minimum set of the person, who proposes, since when."""

    id: UUID
    person: FoundPerson
    organisation: str
    state: str
    state_label: str
    proposed_on: date
    come_back_on: date | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPropose:
    """A person to whom a plan is to be proposed, by which day; `announcement_id` is what opens the way."""

    announcement_id: UUID
    person: FoundPerson
    by: date
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalHeading:
    """What every page of a person says of the proposal of a plan."""

    id: UUID
    state: ProposalState
    proposed_on: date
    come_back_on: date | None


def announcements_of(person_id: UUID, *, actor: Actor) -> list[AnnouncementLine]:
    """Return the announcements made to a person, latest first."""
    permit(actor, Permission.ANNOUNCEMENT_READ, Facts(type="announcement", person_id=person_id))
    return _announcement_lines([_announcement(row) for row in announcement_rows(person_id)])


@Rows
def announcement_rows() -> QuerySet[Announcement]:
    """Read the announcements made to a person, latest first."""
    return Announcement.objects.filter(person_id=ASKED).order_by("-announced_on", "-id")


def announcement_for(announcement_id: UUID, *, actor: Actor) -> AnnouncementLine:
    """Return one announcement to an actor of the person's circle; raises `NotFound` otherwise."""
    row = _found(Announcement.objects.all(), announcement_id)
    permit(actor, Permission.ANNOUNCEMENT_READ, row.facts())
    return _announcement_lines([_announcement(row)])[0]


def announcements_snapshot(person_id: UUID) -> list[AnnouncementSnapshot]:
    """Return the announcements made to a person, unscoped, oldest first: for the sheet that rests on them."""
    rows = Announcement.objects.filter(person_id=person_id).order_by("announced_on", "id")
    return [_announcement(row) for row in rows]


def announced_at(person_id: UUID) -> list[tuple[UUID, datetime]]:
    """Return the announcements made to a person with when each was recorded, unscoped, oldest first."""
    return list(
        Announcement.objects.filter(person_id=person_id).order_by("created_at", "id").values_list("id", "created_at")
    )


def announcement_snapshot(announcement_id: UUID) -> AnnouncementSnapshot:
    """Return an announcement, unscoped: for the projection and for commands that already asked the gate."""
    return _announcement(_found(Announcement.objects.all(), announcement_id))


def proposal_for(proposal_id: UUID, *, actor: Actor) -> ProposalSnapshot:
    """Return a proposal to the DAC that follows it or to a member of the circle; raises `NotFound` otherwise."""
    row = _found(PlanProposal.objects.all(), proposal_id)
    permit(actor, Permission.PLAN_PROPOSAL_READ, row.facts())
    return _proposal(row)


def proposal_of_person(person_id: UUID, *, actor: Actor) -> ProposalSnapshot | None:
    """Return the proposal made to a person to a member of her circle, `None` when there is none."""
    permit(actor, Permission.PLAN_PROPOSAL_READ, Facts(type="plan_proposal", person_id=person_id))
    row = PlanProposal.objects.filter(person_id=person_id).first()
    return _proposal(row) if row else None


def proposal_heading(person_id: UUID, *, actor: Actor) -> ProposalHeading | None:
    """Return where the proposal made to a person stands, in one row: for her pages; `None` when there is none."""
    permit(actor, Permission.PLAN_PROPOSAL_READ, Facts(type="plan_proposal", person_id=person_id))
    return _heading(person_id)


def proposal_snapshot(proposal_id: UUID) -> ProposalSnapshot:
    """Return a proposal, unscoped: for the projection and for commands that already asked the gate."""
    return _proposal(_found(PlanProposal.objects.all(), proposal_id))


def proposal_id_of(person_id: UUID) -> UUID | None:
    """Return the id of the proposal made to a person, unscoped; `None` when no plan was proposed."""
    return PlanProposal.objects.filter(person_id=person_id).values_list("id", flat=True).first()


def was_asked_since(person_id: UUID, moment: datetime) -> bool:
    """Tell whether a person has answered a proposal since a moment, unscoped: what is noted late of an earlier day is not it."""
    given = ProposalAnswer.objects.filter(proposal__person_id=person_id, created_at__gt=moment)
    return given.filter(answered_on__gte=day_of(moment)).exists()


def is_answer_lost(kept_id: UUID, merged_id: UUID) -> bool:
    """Tell whether a record has an answer to a proposal that another, which has a proposal too, has not: unscoped."""
    states = dict(PlanProposal.objects.filter(person_id__in=[kept_id, merged_id]).values_list("person_id", "state"))
    kept, merged = states.get(kept_id), states.get(merged_id)
    return None not in (kept, merged) and merged not in (ProposalState.REQUESTED, kept)


def every_announcement() -> Iterator[UUID]:
    """Yield the id of every announcement, unscoped: for rebuilding the projection."""
    return Announcement.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000)


def every_proposal() -> Iterator[UUID]:
    """Yield the id of every proposal, unscoped: for rebuilding the projection."""
    return PlanProposal.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000)


def proposals_to_answer(*, actor: Actor, after: str = "") -> KeyPage:
    """Return a page of the proposals that wait for the actor's DAC: new ones, and those whose day to come back has come."""
    seen = scope(actor, Permission.PLAN_PROPOSAL_LIST) & unopposed(actor, Category.PLAN)
    page = KeyPage.of(_waiting(actor).filter(seen), key="updated_at", after=after)
    people = people_lines(row.person_id for row in page.items)
    names = organisation_names({row.organisation_id for row in page.items})
    page.items = [_proposal_line(row, people[row.person_id], names[row.organisation_id]) for row in page.items]
    return page


def plans_to_propose(*, actor: Actor) -> list[ToPropose]:
    """Return the persons to whom the actor's organisation made an announcement and nobody proposed a plan though it is asked.

    The earliest day first; among the announcements of the last year.
    """
    if actor.organisation_id is None:
        return []
    seen = scope(actor, Permission.ANNOUNCEMENT_READ) & unopposed(actor, Category.PLAN)
    rows = Announcement.objects.filter(
        seen,
        ~Exists(PlanProposal.objects.filter(person=OuterRef("person"))),
        organisation_id=actor.organisation_id,
        announced_on__gte=today() - LOOKED_BACK,
        person__died_on=None,
    ).order_by("announced_on", "id")[:MOST_TO_PROPOSE]
    dues = [(row, due_after(Trigger(row.trigger), row.announced_on)) for row in rows]
    asked = [(row, due) for row, due in dues if due.is_asked and due.by]
    people = people_lines({row.person_id for row, _ in asked})
    return [
        ToPropose(announcement_id=row.id, person=people[row.person_id], by=due.by, is_late=due.is_late(today()))
        for row, due in asked
        if due.by
    ]


def count_to_answer(*, actor: Actor) -> int:
    """Return how many proposals wait for the actor's DAC: a count over its waiting queue only."""
    return _waiting(actor).filter(scope(actor, Permission.PLAN_PROPOSAL_LIST)).count()


def _waiting(actor: Actor) -> QuerySet[PlanProposal]:
    due = Q(state=ProposalState.REQUESTED) | Q(state=ProposalState.DEFERRED, come_back_on__lte=today())
    return PlanProposal.objects.filter(
        due, owner_id=actor.organisation_id, person__merged_into=None, person__died_on=None
    )


@read_once
def _heading(person_id: UUID) -> ProposalHeading | None:
    found = proposal_rows(person_id)
    if not found:
        return None
    [row] = found
    return ProposalHeading(
        id=row.id, state=ProposalState(row.state), proposed_on=row.proposed_on, come_back_on=row.come_back_on
    )


@Rows
def proposal_rows() -> QuerySet[PlanProposal]:
    """Read the proposal made to a person, if any."""
    return PlanProposal.objects.filter(person_id=ASKED).order_by("pk")[:1]


def _found(rows: QuerySet[M], id: UUID) -> M:
    row = rows.filter(pk=id).first()
    if row is None:
        raise NotFound
    return row


def _announcement_lines(snapshots: list[AnnouncementSnapshot]) -> list[AnnouncementLine]:
    organisations = organisation_names({one.organisation_id for one in snapshots})
    recorders = professional_names({one.recorder_id for one in snapshots if one.recorder_id})
    return [
        AnnouncementLine(
            announcement=one,
            title=TRIGGER_LABELS[one.trigger],
            diagnosis=" – ".join(part for part in (one.diagnosis_label, one.diagnosis_code) if part),
            organisation=organisations[one.organisation_id],
            recorder=recorders.get(one.recorder_id, "") if one.recorder_id else "",
            due=due_after(one.trigger, one.announced_on),
        )
        for one in snapshots
    ]


def _proposal_line(row: PlanProposal, person: FoundPerson, organisation: str) -> ProposalLine:
    return ProposalLine(
        id=row.id,
        person=person,
        organisation=organisation,
        state=row.state,
        state_label=PROPOSAL.label(row.state),
        proposed_on=row.proposed_on,
        come_back_on=row.come_back_on,
        updated_at=row.updated_at,
    )


def _announcement(row: Announcement) -> AnnouncementSnapshot:
    return AnnouncementSnapshot(
        id=row.id,
        person_id=row.person_id,
        version=row.version,
        trigger=Trigger(row.trigger),
        announced_on=row.announced_on,
        diagnosis_code=row.diagnosis_code,
        diagnosis_label=row.diagnosis_label,
        organisation_id=row.organisation_id,
        recorder_id=row.recorder_id,
        present=row.present,
        knows=row.knows,
        wishes_to_know=row.wishes_to_know,
        sent_at=row.sent_at,
        updated_at=row.updated_at,
    )


def _proposal(row: PlanProposal) -> ProposalSnapshot:
    answers = row.answers.order_by("-created_at", "-id")
    announcements = row.announcements.order_by("announced_on", "id").values_list("id", flat=True)
    return ProposalSnapshot(
        id=row.id,
        person_id=row.person_id,
        version=row.version,
        state=ProposalState(row.state),
        owner_id=row.owner_id,
        organisation_id=row.organisation_id,
        proposed_on=row.proposed_on,
        come_back_on=row.come_back_on,
        announcement_ids=tuple(announcements),
        answers=tuple(
            GivenAnswer(
                answer=Answer(answer.answer),
                answered_on=answer.answered_on,
                heard_by_id=answer.heard_by_id,
                reason=answer.reason,
                come_back_on=answer.come_back_on,
                recorded_at=answer.created_at,
            )
            for answer in answers
        ),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
