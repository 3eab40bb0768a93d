"""Reading actions given to other structures: those of a person, those that wait for the actor's, those that came back."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.access.gate import permit, scope, unopposed
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows
from accounts.access.records import Facts
from accounts.access.states import Category
from accounts.kernel.actor import Actor, Role
from accounts.kernel.clock import today
from accounts.kernel.errors import NotFound
from accounts.kernel.models import Transition
from accounts.organisations.directory import organisation_names, phones_of, professional_names
from accounts.people.queries import people_lines
from ppa.entrusted_actions.models import EntrustedAction
from ppa.entrusted_actions.records import ActionToGive, EntrustedLine, EntrustedSnapshot
from ppa.entrusted_actions.rules import outcome_of
from ppa.entrusted_actions.states import OPEN, EntrustedState
from ppa.plans.models import PlannedAction
from ppa.plans.states import TO_DO, ActionStatus, PlanState

MOST_SHOWN = 50


def entrusted_of(person_id: UUID, *, actor: Actor) -> list[EntrustedSnapshot]:
    """Return the actions given to other structures about a person, newest first."""
    permit(actor, Permission.ENTRUSTED_ACTION_READ, Facts(type=EntrustedAction.AGGREGATE, person_id=person_id))
    return _snapshots(entrusted_rows(person_id))


@Rows
def entrusted_rows() -> QuerySet[EntrustedAction]:
    """Read the latest actions given to other structures about a person."""
    return EntrustedAction.objects.filter(person_id=ASKED).order_by("-created_at", "-id")[:MOST_SHOWN]


def entrusted_for(entrusted_id: UUID, *, actor: Actor) -> EntrustedSnapshot:
    """Return one of them to the person's circle, or to the structure that has it; raises `NotFound` otherwise."""
    row = EntrustedAction.objects.filter(pk=entrusted_id).first()
    if row is None:
        raise NotFound
    permit(actor, Permission.ENTRUSTED_ACTION_READ, row.facts())
    return _snapshots([row])[0]


def waiting_for(actor: Actor) -> list[EntrustedLine]:
    """Return what the actor's structure was given and has not finished: what has a day first, the earliest first."""
    rows = _listed(actor).filter(organisation__in=actor.organisations, state__in=OPEN)
    return _lines(rows.order_by(F("due_on").asc(nulls_last=True), "id")[:MOST_SHOWN])


def come_back_to(actor: Actor) -> list[EntrustedLine]:
    """Return what the actor's structure had given and that nobody has in hand: declined, come back by itself, or late unanswered."""
    latest = Transition.objects.filter(
        aggregate_type=EntrustedAction.AGGREGATE, aggregate_id=OuterRef("id"), aggregate_version=OuterRef("version")
    )
    by_itself = Exists(latest.filter(actor_role=Role.SYSTEM))
    given_again = Q(action__in=EntrustedAction.objects.filter(state__in=OPEN).values("action"))
    came_back = Q(state=EntrustedState.DECLINED) | Q(by_itself, state=EntrustedState.WITHDRAWN)
    is_late = Q(state=EntrustedState.GIVEN, due_on__lt=today())
    rows = _listed(actor).filter(sender__in=actor.organisations, action__status=ActionStatus.PLANNED)
    left = rows.filter(is_late | (came_back & ~given_again))
    left = left.exclude(action__goal__need__plan__state=PlanState.CLOSED)
    return _lines(left.order_by("-updated_at", "id")[:MOST_SHOWN])


def action_to_give(person_id: UUID, action_id: UUID, *, actor: Actor) -> ActionToGive:
    """Return an action of a person's plan to who may give it; raises `NotFound`."""
    permit(actor, Permission.ENTRUSTED_ACTION_ENTRUST, Facts(type=EntrustedAction.AGGREGATE, person_id=person_id))
    found = PlannedAction.objects.filter(pk=action_id, goal__need__plan__person_id=person_id).first()
    if found is None:
        raise NotFound
    return ActionToGive(id=found.id, what=found.what, due_on=found.due_on)


def entrusted_snapshot(entrusted_id: UUID) -> EntrustedSnapshot:
    """Return one of them, unscoped; raises `NotFound`."""
    row = EntrustedAction.objects.filter(pk=entrusted_id).first()
    if row is None:
        raise NotFound
    return _snapshots([row])[0]


def persons_with_open() -> list[UUID]:
    """Return the persons about whom a structure still has something to do, unscoped: for the clock."""
    rows = EntrustedAction.objects.filter(state__in=OPEN)
    return list(rows.order_by("person_id").values_list("person_id", flat=True).distinct())


def open_entrusted(*, person_id: UUID | None = None, plan_id: UUID | None = None) -> list[UUID]:
    """Return the ids of what structures still have to do, unscoped: about a person, or needless now.

    Of a plan: what is finished or dropped there, or all once the plan is closed.
    """
    rows = EntrustedAction.objects.filter(state__in=OPEN)
    if person_id is not None:
        rows = rows.filter(person_id=person_id)
    if plan_id is not None:
        over = Q(action__goal__need__plan__state=PlanState.CLOSED) | ~Q(action__status__in=TO_DO)
        rows = rows.filter(over, action__goal__need__plan=plan_id)
    return list(rows.order_by("id").values_list("id", flat=True))


def left_under_way() -> list[UUID]:
    """Return the ids of those that were taken back while their action goes on in the plan, unscoped: for a repair.

    Only where the plan still says of it what the structure said when it took it, and nothing since.
    """
    rows = EntrustedAction.objects.filter(state=EntrustedState.WITHDRAWN, action__status=ActionStatus.DOING)
    left = list(rows.exclude(action__goal__need__plan__state=PlanState.CLOSED).select_related("action").order_by("id"))
    names = organisation_names({row.organisation_id for row in left})
    return [
        row.id
        for row in left
        if row.action.outcome == outcome_of(names[row.organisation_id], row.note, EntrustedState.TAKEN, former="")
    ]


def _listed(actor: Actor) -> QuerySet[EntrustedAction]:
    seen = scope(actor, Permission.ENTRUSTED_ACTION_LIST)
    return EntrustedAction.objects.filter(seen, unopposed(actor, Category.PLAN))


def _lines(rows: Iterable[EntrustedAction]) -> list[EntrustedLine]:
    found = _snapshots(rows)
    people = people_lines({one.person_id for one in found})
    return [
        EntrustedLine(
            shown=one,
            person_name=people[one.person_id].name,
            is_late=one.is_open and one.due_on is not None and one.due_on < today(),
        )
        for one in found
    ]


def _snapshots(rows: Iterable[EntrustedAction]) -> list[EntrustedSnapshot]:
    kept = list(rows)
    senders = {row.sender_id for row in kept}
    places, phones = organisation_names(senders | {row.organisation_id for row in kept}), phones_of(senders)
    people = professional_names({row.giver_id for row in kept if row.giver_id})
    return [
        EntrustedSnapshot(
            id=row.id,
            version=row.version,
            person_id=row.person_id,
            action_id=row.action_id,
            state=EntrustedState(row.state),
            sender_id=row.sender_id,
            sender=places[row.sender_id],
            sender_phone=phones.get(row.sender_id, ""),
            giver=people.get(row.giver_id, "") if row.giver_id else "",
            organisation_id=row.organisation_id,
            organisation=places[row.organisation_id],
            what=row.what,
            due_on=row.due_on,
            message=row.message,
            note=row.note,
            given_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in kept
    ]
