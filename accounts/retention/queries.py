"""Reading what is due, what was ordered, what is suspended."""

from dataclasses import replace

from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.audit.records import Segment
from accounts.audit.retention import erasable, from_list, rows_of
from accounts.kernel.actor import Actor
from accounts.kernel.wall import Reason, seeing_everything
from accounts.retention.models import LegalHold, PurgeOrder
from accounts.retention.periods import due_now, ending_within_a_year, history, rules, shortest
from accounts.retention.records import Due, Period, Rule, ShortPeriod
from accounts.retention.states import TRIGGER_LABELS, Trigger


def due(*, actor: Actor) -> list[Due]:
    """Return at most 500 files whose period is over and that no claim suspends, by reference: for who may look ahead."""
    facts = Facts(type="retention", organisation_id=actor.organisation_id)
    permit(actor, Permission.RETENTION_PURGE_PREVIEW, facts)
    with seeing_everything(Reason.RETENTION):
        return due_now()


def old_rows(*, actor: Actor) -> list[Segment]:
    """Return the rows of the access log whose time is over, by chain: for who may look ahead."""
    permit(actor, Permission.RETENTION_PURGE_PREVIEW, Facts(type="retention", organisation_id=actor.organisation_id))
    return erasable()


def periods(*, actor: Actor) -> list[Period]:
    """Return the rules in force with their former ones and what they bring to its end: for who may look ahead."""
    permit(actor, Permission.RETENTION_PURGE_PREVIEW, Facts(type="retention", organisation_id=actor.organisation_id))
    with seeing_everything(Reason.RETENTION):
        ending = ending_within_a_year(rules())
    return [
        Period(TRIGGER_LABELS[trigger], every[0], tuple(every[1:]), ending[trigger])
        for trigger, every in history().items()
    ]


def short_periods(*, actor: Actor) -> list[ShortPeriod]:
    """Return what is kept for some days only: for who may look ahead."""
    permit(actor, Permission.RETENTION_PURGE_PREVIEW, Facts(type="retention", organisation_id=actor.organisation_id))
    return shortest()


def period_to_set(trigger: Trigger, *, actor: Actor) -> Rule:
    """Return the rule in force to who may decide on another; raises as the gate does, before anything is written."""
    permit(actor, Permission.RETENTION_PURGE_SET_PERIOD, Facts(type="retention", organisation_id=actor.organisation_id))
    return rules()[trigger]


def ending_with(trigger: Trigger, years: int, *, actor: Actor) -> tuple[int, int]:
    """Return how many files come to their end within a year today, and how many would with another period."""
    permit(actor, Permission.RETENTION_PURGE_PREVIEW, Facts(type="retention", organisation_id=actor.organisation_id))
    present = rules()
    other = {**present, trigger: replace(present[trigger], years=years)}
    with seeing_everything(Reason.RETENTION):
        return ending_within_a_year(present).total(), ending_within_a_year(other).total()


def orders(*, actor: Actor) -> list[PurgeOrder]:
    """Return the orders to erase, newest first, with what the actor may do with each (`may_confirm`, `may_cancel`)."""
    permit(actor, Permission.RETENTION_PURGE_PREVIEW, Facts(type="retention", organisation_id=actor.organisation_id))
    found = list(PurgeOrder.objects.prefetch_related("subjects").order_by("-created_at", "-id")[:50])
    here = Facts(type="retention", organisation_id=actor.organisation_id)
    may_cancel = is_permitted(actor, Permission.RETENTION_PURGE_ASK, here)
    for order in found:
        order.may_confirm = is_permitted(actor, Permission.RETENTION_PURGE_EXECUTE, order.facts())  # type: ignore[attr-defined]  # (for the page)
        log = from_list(order.segments)
        order.log, order.log_rows = log, sum(map(rows_of, log))  # type: ignore[attr-defined]  # (for the page)
        order.may_cancel = may_cancel  # type: ignore[attr-defined]  # (for the page)
    return found


def holds(*, actor: Actor) -> list[LegalHold]:
    """Return the holds that the actor's organisation set, present ones first."""
    here = Facts(type="legal_hold", organisation_id=actor.organisation_id)
    if not is_permitted(actor, Permission.RETENTION_PURGE_SET_LEGAL_HOLD, here):
        return []
    permit(actor, Permission.RETENTION_PURGE_SET_LEGAL_HOLD, here)
    rows = LegalHold.objects.filter(organisation=actor.organisation_id).order_by("-created_at", "-id")
    return sorted(rows, key=lambda hold: hold.lifted_at is not None)
