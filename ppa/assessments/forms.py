"""The form of a scale, made of its items."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.clock import today
from accounts.kernel.form_fields import day
from accounts.kernel.http import RecordForm
from ppa.assessments.records import CancelAssessment, RecordAssessment
from ppa.assessments.scale import Item, Scale
from ppa.assessments.states import RESPONDENT_LABELS, Respondent

FEW = 5
UNANSWERED = ("", "Sans réponse")


class AssessmentForm(RecordForm):
    """One scale filled in on a day: its items are fields named by their codes."""

    assessed_on = day("Date", initial=today)
    respondent = forms.ChoiceField(label="Qui a répondu ?", widget=forms.RadioSelect)
    note = forms.CharField(
        label="Remarque",
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Par exemple dans quelles circonstances.",
    )

    def __init__(self, *args: Any, person_id: UUID, scale: Scale, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id
        self.scale = scale
        respondent: Any = self.fields["respondent"]
        respondent.choices = [(one, RESPONDENT_LABELS[one]) for one in scale.respondents]
        respondent.initial = scale.respondents[0]
        self.fields |= {item.code: _field(item) for item in scale.items}
        self.order_fields(["assessed_on", "respondent", *(item.code for item in scale.items), "note"])

    def to_record(self) -> RecordAssessment:
        """Return the scale as it was filled in."""
        given = self.cleaned_data
        return RecordAssessment(
            person_id=self.person_id,
            scale=self.scale.code,
            assessed_on=given["assessed_on"],
            respondent=Respondent(given["respondent"]),
            answers={item.code: Decimal(given[item.code]) for item in self.scale.items if given[item.code] != ""},
            note=given["note"],
        )


class CancelForm(RecordForm):
    """A button: this was noted by mistake."""

    def __init__(self, *args: Any, assessment_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.assessment_id = assessment_id

    def to_record(self) -> CancelAssessment:
        """Return which assessment."""
        return CancelAssessment(assessment_id=self.assessment_id, version=self.cleaned_data["version"])


def _field(item: Item) -> forms.ChoiceField:
    words = {"1": "Oui", "0": "Non"} if item.is_yes_or_no else {}
    choices = [(str(value), words.get(str(value), f"{value}".replace(".", ","))) for value in item.values]
    unanswered = [] if item.is_required and len(choices) <= FEW else [UNANSWERED]
    widget = forms.RadioSelect() if len(choices) <= FEW else forms.Select()
    return forms.ChoiceField(
        label=item.label, required=item.is_required, choices=[*unanswered, *choices], widget=widget
    )
