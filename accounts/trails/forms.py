"""Forms of the trail."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.clock import today
from accounts.kernel.http import RecordForm
from accounts.trails.records import ASKED_BY_LABELS, AskedBy, HandAccessList, ReviewAccess


class HandForm(RecordForm):
    """Who asked for the list, and when."""

    asked_by = forms.ChoiceField(
        label="Qui l’a demandée ?",
        choices=[(str(one), label) for one, label in ASKED_BY_LABELS.items()],
        widget=forms.RadioSelect,
        initial=str(AskedBy.PERSON),
    )
    asked_on = forms.DateField(
        label="Quel jour ?", initial=today, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, person_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id

    def to_record(self) -> HandAccessList:
        """Return the command's input."""
        said = self.cleaned_data
        return HandAccessList(person_id=self.person_id, asked_by=AskedBy(said["asked_by"]), asked_on=said["asked_on"])


class ReviewForm(RecordForm):
    """What the privacy officer found about one visit."""

    professional_id = forms.UUIDField(widget=forms.HiddenInput)
    person_id = forms.UUIDField(widget=forms.HiddenInput)
    day = forms.DateField(widget=forms.HiddenInput)
    is_justified = forms.ChoiceField(
        label="Votre conclusion",
        choices=[("oui", "Accès expliqué"), ("non", "Accès à signaler")],
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label="Ce que vous avez constaté",
        help_text="Sans nom de patient ni information de santé.",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def to_record(self) -> ReviewAccess:
        """Return the command's input."""
        said = self.cleaned_data
        return ReviewAccess(
            professional_id=said["professional_id"],
            person_id=said["person_id"],
            day=said["day"],
            is_justified=said["is_justified"] == "oui",
            comment=said["comment"],
        )


class DayForm(forms.Form):
    """One day of the trail."""

    jour = forms.DateField(
        label="Jour", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    avant = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def chosen(self) -> tuple[date | None, int | None]:
        """Return the day and the row to go on from; what cannot be read is left out."""
        self.is_valid()
        return self.cleaned_data.get("jour"), self.cleaned_data.get("avant")
