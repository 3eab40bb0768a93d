"""The form of a visit."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.clock import today
from accounts.kernel.form_fields import day, yes
from accounts.kernel.http import RecordForm
from pathway.visits.records import RecordVisit
from pathway.visits.states import PRESENCE_LABELS, Presence


class VisitForm(RecordForm):
    """When, whether she could be met, and one line."""

    visited_on = day("Jour de la visite", initial=today)
    presence = forms.ChoiceField(
        label="Qui avez-vous rencontré ?", choices=list(PRESENCE_LABELS.items()), widget=forms.RadioSelect
    )
    note = forms.CharField(
        label="Une phrase, si c’est utile",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Par exemple ce dont elle aimerait reparler. Lue par le référent du DAC.",
    )
    says_nothing_of_health = yes("Ma note ne dit rien de sa santé")

    def __init__(self, *args: Any, person_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id

    def to_record(self) -> RecordVisit:
        """Return the visit."""
        given = self.cleaned_data
        return RecordVisit(
            person_id=self.person_id,
            visited_on=given["visited_on"],
            presence=Presence(given["presence"]),
            note=given["note"],
            says_nothing_of_health=given["says_nothing_of_health"],
        )
