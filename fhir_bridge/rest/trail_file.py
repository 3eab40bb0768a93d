"""The privacy officer takes the trail of his organisation away as AuditEvents, in the form that his collector reads."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.access.doors import screen
from accounts.access.permissions import Permission
from accounts.kernel.http import ActorRequest
from accounts.trails.forms import DayForm
from accounts.trails.queries import organisation_traces
from fhir_bridge.mappers.audit_event import Form
from fhir_bridge.r4.gate import serialise
from fhir_bridge.r4.systems import FHIR_JSON
from fhir_bridge.rest.audit_events import events_bundle

MOST = 5000


@screen(Permission.ACCESS_LOG_READ_ORG_TRAIL)
@require_safe
def organisation_events(request: ActorRequest) -> HttpResponse:
    """Answer a collection of the newest rows, of one day if named; `forme=tde` gives the French form."""
    day, before = DayForm(request.GET).chosen()
    form = Form.TDE if request.GET.get("forme") == Form.TDE else Form.BALP
    bundle = events_bundle(organisation_traces(request.actor, day=day, before=before, size=MOST), form=form)
    response = HttpResponse(serialise(bundle), content_type=FHIR_JSON)
    response.headers["Content-Disposition"] = f'attachment; filename="journal-{form}.json"'
    return response
