"""Pages of contradictions: all of a person's, one to settle, one taken up again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.doors import screen
from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.errors import NotFound
from accounts.kernel.http import ActorRequest, page, posted_by, refused, submit
from accounts.people.page import frame_of
from ppa.contradictions.commands import reopen_contradiction, settle_contradiction
from ppa.contradictions.finding import contradiction_of
from ppa.contradictions.forms import ReopenForm, SettleForm
from ppa.contradictions.queries import contradictions_of, settlement_for, settlements_of
from ppa.contradictions.states import KIND_LABELS, OUTCOME_LABELS, SETTLED_WITH_LABELS, SETTLEMENT, SettlementState


@screen(Permission.CONTRADICTION_READ)
@require_safe
def index(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Show both passages of each contradiction that waits, and how others were settled."""
    waiting = contradictions_of(person_id, actor=request.actor)
    settled = settlements_of(person_id, actor=request.actor)
    may_settle = is_permitted(request.actor, Permission.CONTRADICTION_RESOLVE, _facts(person_id))
    context = {
        **frame_of(person_id, actor=request.actor),
        "person_id": person_id,
        "waiting": [(one, KIND_LABELS[one.kind]) for one in waiting],
        "may_settle": may_settle,
        "settled": [
            {
                "settlement": one,
                "found": one.contradiction,
                "outcome": OUTCOME_LABELS[one.outcome],
                "with": SETTLED_WITH_LABELS[one.settled_with],
                "state_label": SETTLEMENT.label(one.state),
                "stands": one.state == SettlementState.SETTLED,
                "reopen_form": ReopenForm(None, settlement_id=one.id, initial={"version": one.version})
                if may_settle and one.state == SettlementState.SETTLED
                else None,
            }
            for one in settled
        ],
    }
    return page(request, "ppa/contradictions/index.html", context)


@screen(Permission.CONTRADICTION_RESOLVE)
@require_http_methods(["GET", "POST"])
def settle(request: ActorRequest, person_id: UUID, key: str) -> HttpResponse:
    """Say what holds, both passages in sight."""
    permit(request.actor, Permission.CONTRADICTION_RESOLVE, _facts(person_id))
    found = contradiction_of(person_id, key, actor=request.actor)
    form = SettleForm(posted_by(request), person_id=person_id, found=found)
    if request.method == "POST" and submit(form, settle_contradiction, request.actor):
        messages.success(request, "La contradiction est levée. Les deux passages restent dans l’historique.")
        return redirect("contradictions:index", person_id)
    context = {**frame_of(person_id, actor=request.actor), "person_id": person_id, "found": found, "form": form}
    return page(request, "ppa/contradictions/settle.html", context, form=form)


@screen(Permission.CONTRADICTION_RESOLVE)
@require_POST
def reopen(request: ActorRequest, person_id: UUID, settlement_id: UUID) -> HttpResponse:
    """Take a question up again."""
    if settlement_for(settlement_id, actor=request.actor).person_id != person_id:
        raise NotFound
    form = ReopenForm(request.POST, settlement_id=settlement_id)
    if not submit(form, reopen_contradiction, request.actor):
        return refused(request, form)
    messages.success(request, "La question est de nouveau ouverte.")
    return redirect("contradictions:index", person_id)


def _facts(person_id: UUID) -> Facts:
    return Facts(type="contradiction", person_id=person_id)
