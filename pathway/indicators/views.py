"""The page of the published figures, and the same as a file."""

import csv
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from accounts.access.doors import screen
from accounts.access.permissions import Permission
from accounts.kernel.http import ActorRequest, page
from accounts.kernel.limits import count_export
from pathway.indicators.queries import csv_rows, published_months, tables_for


@require_safe
@screen(Permission.STATISTICS_READ_AGGREGATE_OWN_ORG)
def index(request: ActorRequest) -> HttpResponse:
    """Show the figures of a month, the last published one first."""
    months = published_months()
    month = _month(request.GET["mois"], months) if "mois" in request.GET else next(iter(months), None)
    context: dict[str, Any] = {"months": months, "month": month, "tables": []}
    if month:
        context["tables"] = [(table, table.lines()) for table in tables_for(month, actor=request.actor)]
    return page(request, "pathway/indicators/index.html", context)


@require_safe
@screen(Permission.STATISTICS_EXPORT_CSV_AGGREGATE)
def export(request: ActorRequest, month: str) -> HttpResponse:
    """Hand the figures of a month over as a file."""
    count_export(request.actor)
    chosen = _month(month, published_months())
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="statistiques-{chosen:%Y-%m}.csv"'
    response.write("\ufeff")
    csv.writer(response, delimiter=";").writerows(csv_rows(chosen, actor=request.actor))
    return response


def _month(text: str, months: list[date]) -> date:
    """Return a published month named as « 2026-10 »."""
    for month in months:
        if f"{month:%Y-%m}" == text:
            return month
    raise Http404
