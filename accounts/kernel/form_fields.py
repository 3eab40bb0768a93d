"""The fields that every form asks in the same way: a day, an instant, a line, somebody's own words, a box to tick."""

from typing import Any

from django import forms

MOST_CHARACTERS = 100_000


def day(label: str, **options: Any) -> forms.DateField:
    """Return a day, with the browser's own calendar."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


def instant(label: str, **options: Any) -> forms.DateTimeField:
    """Return a day and its hour, with the browser's own calendar."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, **options)


def line(label: str, *, required: bool = False, **options: Any) -> forms.CharField:
    """Return one line of text, which may stay empty unless it is required."""
    return forms.CharField(label=label, required=required, max_length=300, **options)


def words(label: str, *, rows: int = 4, required: bool = False, **options: Any) -> forms.CharField:
    """Return a free text, which holds somebody's own words whole and may stay empty unless it is required."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=MOST_CHARACTERS, widget=widget, **options)


def yes(label: str, **options: Any) -> forms.BooleanField:
    """Return a box that may stay unticked."""
    return forms.BooleanField(label=label, required=False, **options)
