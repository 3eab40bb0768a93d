"""Forms of contradictions: what holds, and taking a question up again."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.clock import today
from accounts.kernel.form_fields import day, words
from accounts.kernel.http import RecordForm
from ppa.contradictions.records import Contradiction, ReopenContradiction, SettleContradiction
from ppa.contradictions.states import EITHER_MAY_COUNT, OUTCOME_LABELS, SETTLED_WITH_LABELS, Outcome, SettledWith


class SettleForm(RecordForm):
    """What somebody found once both passages were read."""

    outcome = forms.ChoiceField(label="Que retenir ?", widget=forms.RadioSelect)
    settled_with = forms.ChoiceField(
        label="Qui l’a dit ?", choices=list(SETTLED_WITH_LABELS.items()), widget=forms.RadioSelect
    )
    settled_on = day("Le", initial=today)
    note = words(
        "Ce qui a permis de trancher", rows=3, required=True, help_text="En quelques mots, pour qui lira ensuite."
    )

    def __init__(self, *args: Any, person_id: UUID, found: Contradiction, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id, self.found = person_id, found
        outcome: Any = self.fields["outcome"]
        outcome.choices = [
            (one, label)
            for one, label in OUTCOME_LABELS.items()
            if one != Outcome.SECOND or found.kind in EITHER_MAY_COUNT
        ]

    def to_record(self) -> SettleContradiction:
        """Return the settlement."""
        given = self.cleaned_data
        return SettleContradiction(
            person_id=self.person_id,
            key=self.found.key,
            outcome=Outcome(given["outcome"]),
            settled_with=SettledWith(given["settled_with"]),
            settled_on=given["settled_on"],
            note=given["note"],
        )


class ReopenForm(RecordForm):
    """Nothing to fill in."""

    def __init__(self, *args: Any, settlement_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.settlement_id = settlement_id

    def to_record(self) -> ReopenContradiction:
        """Return the question to take up again."""
        return ReopenContradiction(settlement_id=self.settlement_id, version=self.cleaned_data["version"])
