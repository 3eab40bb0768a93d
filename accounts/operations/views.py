"""Pages of the technical administrator."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.access.doors import public, screen
from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.audit.queries import ProofState
from accounts.audit.rules import short_code
from accounts.audit.signing import published_keys
from accounts.kernel.http import ActorRequest, page, refused, submit
from accounts.operations.commands import retry_work
from accounts.operations.forms import RetryForm
from accounts.operations.queries import chain_state, faults, given_up, jobs, proof, queues, scanner_state
from accounts.systems.queries import registered_clients

LATE = timedelta(minutes=1)
VERY_LATE = timedelta(minutes=10)


@require_safe
@screen(Permission.OUTBOX_QUEUE_READ)
def index(request: ActorRequest) -> HttpResponse:
    """Show how the deployment works now."""
    states = queues(request.actor)
    context = {
        "queues": [{"state": state, "tone": tone_of(state.lag), "wait": words(state.lag)} for state in states],
        "pending": sum(state.pending for state in states),
        "dead": sum(state.dead for state in states),
        "letters": given_up(request.actor),
        "jobs": jobs(request.actor),
        "clients": registered_clients(request.actor),
        "scanner": scanner_state(request.actor),
        "chain": chain_state(request.actor),
        "proof": proof_of(proof(request.actor)),
    }
    return page(request, "accounts/operations/index.html", context)


@public("public keys: whoever keeps our checkpoints verifies them by these")
@require_safe
def audit_keys(request: HttpRequest) -> JsonResponse:
    """Answer the public keys of the audit's signatures (Ed25519, 32 bytes in hex)."""
    return JsonResponse({"keys": published_keys()})


@require_POST
@screen(Permission.OUTBOX_DEAD_LETTER_RETRY)
def retry(request: ActorRequest) -> HttpResponse:
    """Put a dead letter back into its queue."""
    permit(request.actor, Permission.OUTBOX_DEAD_LETTER_RETRY, Facts(type="event_work"))
    form = RetryForm(request.POST)
    if not submit(form, retry_work, request.actor):
        return refused(request, form)
    messages.success(request, "Le traitement est relancé.")
    return redirect("queues:index")


@require_POST
@screen(Permission.ACCESS_LOG_VERIFY_CHAIN)
def verify_audit(request: ActorRequest) -> HttpResponse:
    """Recompute the audit's chains and say whether they hold."""
    found = faults(request.actor)
    if found:
        places = ", ".join(f"chaîne {fault.chain}, ligne {fault.number}" for fault in found)
        messages.error(request, f"Le journal ne correspond plus à son empreinte : {places}. Prévenez le référent.")
    else:
        messages.success(request, "Le journal est intact : chaque ligne correspond à son empreinte.")
    return redirect("queues:index")


def proof_of(state: ProofState) -> dict[str, object]:
    """Return what the page says of the checkpoints and of the places that keep them."""
    return {
        "last": state.last,
        "code": short_code(state.last) if state.last else "",
        "has_enough": state.has_enough,
        "places": state.places,
    }


def tone_of(lag: timedelta) -> str:
    """Return the look of a wait."""
    if lag > VERY_LATE:
        return "crit"
    return "warn" if lag > LATE else "ok"


def words(lag: timedelta) -> str:
    """Return a wait in words."""
    seconds = int(lag.total_seconds())
    if not seconds:
        return "rien n’attend"
    minutes, hours = seconds // 60, seconds // 3600
    if hours:
        return f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"
