"""Days as French writes them: the first of a month is « 1er »."""

import re
from datetime import date
from typing import Any, Final

from django import template
from django.template.defaultfilters import date as django_date
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import override

register = template.Library()


def _first_of_month() -> re.Pattern[str]:
    with override("fr"):
        return re.compile(rf"\b1(?= (?:{'|'.join(str(month) for month in MONTHS.values())})\b)")


FIRST_OF_MONTH: Final = _first_of_month()


def written_day(day: date) -> str:
    """Return a day as a French letter writes it: « 1er mars 2026 »."""
    return FIRST_OF_MONTH.sub("1er", date_format(day, "j F Y"))


@register.filter(name="date", expects_localtime=True, is_safe=False)
def shown_date(value: Any, form: str | None = None) -> str:
    """Format as Django's own filter, whose name this takes in every template."""
    return FIRST_OF_MONTH.sub("1er", django_date(value, form))
