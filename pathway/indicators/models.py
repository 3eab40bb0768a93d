"""The published figures: written once a month, never changed. They name nobody."""

from django.db import models
from django.db.models import Q

from accounts.kernel.models import AppendOnly, Record
from pathway.indicators.states import Cube, Kind, Shown


class PublishedFigure(Record, AppendOnly):
    """One figure of one month: `place` is the code of a territory or the id of an organisation, empty for the total."""

    cube = models.CharField(max_length=12)
    month = models.DateField()
    place = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=16, blank=True)
    shown = models.CharField(max_length=10)
    value = models.PositiveIntegerField(null=True)

    class Meta:
        app_label = "pathway"
        constraints = [
            models.UniqueConstraint(fields=["cube", "month", "place", "kind"], name="figure_once"),
            models.CheckConstraint(condition=Q(cube__in=[str(one) for one in Cube]), name="figure_cube"),
            models.CheckConstraint(condition=Q(kind__in=["", *map(str, Kind)]), name="figure_kind"),
            models.CheckConstraint(
                condition=Q(shown=Shown.VALUE, value__isnull=False)
                | Q(shown__in=[Shown.SMALL, Shown.KEPT_BACK], value=None),
                name="figure_hidden_has_no_value",
            ),
            models.CheckConstraint(condition=Q(value=None) | Q(value=0) | Q(value__gte=11), name="figure_of_eleven"),
        ]
