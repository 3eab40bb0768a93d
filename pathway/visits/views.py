"""The page on which a volunteer writes down a visit."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.access.doors import screen
from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.http import ActorRequest, page, posted_by, submit
from accounts.people.page import frame_of
from pathway.visits.commands import record_visit
from pathway.visits.forms import VisitForm


@screen(Permission.VISIT_RECORD)
@require_http_methods(["GET", "POST"])
def record(request: ActorRequest, person_id: UUID) -> HttpResponse:
    """Write down a visit of one's own."""
    permit(request.actor, Permission.VISIT_RECORD, Facts(type="volunteer_visit", person_id=person_id))
    form = VisitForm(posted_by(request), person_id=person_id)
    if request.method == "POST" and submit(form, record_visit, request.actor):
        messages.success(request, "Votre visite est notée. Merci pour votre présence.")
        return redirect("people:page", person_id)
    context = {**frame_of(person_id, actor=request.actor), "person_id": person_id, "form": form}
    return page(request, "pathway/visits/record.html", context, form=form)
