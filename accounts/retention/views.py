"""The page of conservation: rules, what is due, orders to erase, claims that suspend. Nobody is named on it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.doors import screen
from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.audit.retention import rows_of
from accounts.kernel.errors import NotFound
from accounts.kernel.http import ActorRequest, RecordForm, page, posted_by, refused, submit
from accounts.retention.commands import (
    ask_log_purge,
    ask_purge,
    cancel_purge,
    confirm_purge,
    lift_legal_hold,
    set_legal_hold,
    set_period,
)
from accounts.retention.forms import AskLogPurgeForm, AskPurgeForm, HoldForm, LiftHoldForm, PeriodForm, StepPurgeForm
from accounts.retention.queries import due, ending_with, holds, old_rows, orders, period_to_set, periods, short_periods
from accounts.retention.rules import is_shorter_than_law
from accounts.retention.states import ORDER, TRIGGER_LABELS, UNDER_WAY, Trigger


@require_safe
@screen(Permission.RETENTION_PURGE_PREVIEW)
def index(request: ActorRequest) -> HttpResponse:
    """Show how long files are kept, which have come to their end, and what was ordered."""
    actor = request.actor
    here = Facts(type="retention", organisation_id=actor.organisation_id)
    ordered = orders(actor=actor)
    log = old_rows(actor=actor)
    return page(
        request,
        "accounts/retention/index.html",
        {
            "periods": periods(actor=actor),
            "short_periods": short_periods(actor=actor),
            "may_set": is_permitted(actor, Permission.RETENTION_PURGE_SET_PERIOD, here),
            "due": due(actor=actor),
            "orders": [(order, ORDER.label(order.state)) for order in ordered],
            "is_asked": any(order.state in UNDER_WAY for order in ordered),
            "log": log,
            "log_rows": sum(map(rows_of, log)),
            "log_months": settings.AUDIT_RETENTION,
            "may_ask": is_permitted(actor, Permission.RETENTION_PURGE_ASK, here),
            "may_hold": is_permitted(actor, Permission.RETENTION_PURGE_SET_LEGAL_HOLD, here),
            "holds": holds(actor=actor),
            "form": HoldForm(),
        },
    )


@require_http_methods(["GET", "POST"])
@screen(Permission.RETENTION_PURGE_SET_PERIOD)
def period(request: ActorRequest, trigger: str) -> HttpResponse:
    """Decide on another period, once one has seen what it would bring to its end."""
    if trigger not in set(Trigger):
        raise NotFound
    present = period_to_set(Trigger(trigger), actor=request.actor)
    initial = {"years": present.years, "basis": present.basis, "version": present.number}
    form = PeriodForm(posted_by(request), trigger=present.trigger, initial=initial)
    only_looks = "look" in request.POST
    if request.method == "POST" and not only_looks and submit(form, set_period, request.actor):
        messages.success(request, "La nouvelle durée est en vigueur. L’ancienne reste inscrite, avec ses dates.")
        return redirect("retention:index")
    years = form.cleaned_data["years"] if form.is_bound and form.is_valid() else None
    context = {
        "form": form,
        "label": TRIGGER_LABELS[present.trigger],
        "present": present,
        "years": years,
        "effect": ending_with(present.trigger, years, actor=request.actor) if years else None,
        "is_short": years is not None and is_shorter_than_law(present.trigger, years),
    }
    return page(request, "accounts/retention/period.html", context, form=None if only_looks and years else form)


@require_POST
@screen(Permission.RETENTION_PURGE_ASK)
def ask(request: ActorRequest) -> HttpResponse:
    """Order that what is due be erased."""
    return _done(
        request,
        AskPurgeForm(request.POST),
        ask_purge,
        "L’effacement est demandé. Une autre personne doit le confirmer.",
    )


@require_POST
@screen(Permission.RETENTION_PURGE_ASK)
def ask_log(request: ActorRequest) -> HttpResponse:
    """Ask that old rows of the access log be erased."""
    said = "L’effacement des lignes anciennes du journal est demandé. Une autre personne doit le confirmer."
    return _done(request, AskLogPurgeForm(request.POST), ask_log_purge, said)


@require_POST
@screen(Permission.RETENTION_PURGE_EXECUTE)
def confirm(request: ActorRequest) -> HttpResponse:
    """Confirm an order as another person."""
    return _done(
        request,
        StepPurgeForm(request.POST),
        confirm_purge,
        "L’effacement est confirmé. Il commence dans les quinze minutes.",
    )


@require_POST
@screen(Permission.RETENTION_PURGE_ASK)
def cancel(request: ActorRequest) -> HttpResponse:
    """Call an order off."""
    return _done(request, StepPurgeForm(request.POST), cancel_purge, "L’effacement est annulé. Rien n’a été effacé.")


@require_POST
@screen(Permission.RETENTION_PURGE_SET_LEGAL_HOLD)
def hold(request: ActorRequest) -> HttpResponse:
    """Suspend the end of a file."""
    return _done(
        request,
        HoldForm(request.POST),
        set_legal_hold,
        "La conservation de ce dossier est prolongée jusqu’à la fin de la réclamation.",
    )


@require_POST
@screen(Permission.RETENTION_PURGE_SET_LEGAL_HOLD)
def lift(request: ActorRequest) -> HttpResponse:
    """Let the period run again."""
    return _done(request, LiftHoldForm(request.POST), lift_legal_hold, "La durée de conservation court de nouveau.")


def _done(request: ActorRequest, form: RecordForm, writer, said: str) -> HttpResponse:  # type: ignore[no-untyped-def]  # (any command)
    if not submit(form, writer, request.actor):
        return refused(request, form)
    messages.success(request, said)
    return redirect("retention:index")
