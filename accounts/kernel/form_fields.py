"""The fields that every form asks in the same way: a day, an instant, a line, a box to tick."""

from typing import Any

from django import forms


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


def yes(label: str, **options: Any) -> forms.BooleanField:
    """Return a box that may stay unticked."""
    return forms.BooleanField(label=label, required=False, **options)
