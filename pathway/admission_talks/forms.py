"""The form of a talk on admission."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.clock import today
from accounts.kernel.form_fields import day, line, yes
from accounts.kernel.http import RecordForm
from pathway.admission_talks.records import RecordTalk
from pathway.admission_talks.states import (
    DIRECTIVES_LABELS,
    HANDED_LABELS,
    TRUSTED_LABELS,
    DirectivesAnswer,
    Handed,
    TrustedAnswer,
)


class TalkForm(RecordForm):
    """The two questions, what was handed, when to come back to it."""

    asked_on = day("Date de l’échange", initial=today)
    directives = forms.ChoiceField(
        label="A-t-elle écrit des directives anticipées ?",
        choices=list(DIRECTIVES_LABELS.items()),
        widget=forms.RadioSelect,
        help_text="Ne pas en avoir, ou ne pas vouloir en parler, sont des réponses comme les autres.",
    )
    where = line(
        "Où sont-elles, ou qui les conserve ?",
        help_text="Si la personne ne peut pas répondre, ce qu’en dit un proche ou son médecin.",
    )
    where_phone = line("Téléphone de qui les conserve")
    trusted = forms.ChoiceField(
        label="Une personne de confiance lui a été proposée",
        choices=list(TRUSTED_LABELS.items()),
        widget=forms.RadioSelect,
    )
    handed = forms.MultipleChoiceField(
        label="Ce qui lui a été remis",
        required=False,
        choices=list(HANDED_LABELS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    is_protected = yes(
        "Elle a une mesure de protection avec représentation",
        help_text="Elle répond elle-même : son représentant ne répond pas à sa place.",
    )
    again_on = day(
        "Y revenir le",
        required=False,
        help_text="Nécessaire si elle ne peut pas répondre. Le rappel s’adresse à votre équipe, jamais à elle.",
    )
    note = forms.CharField(
        label="Remarque", required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, stay_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stay_id = stay_id

    def to_record(self) -> RecordTalk:
        """Return the talk."""
        given = self.cleaned_data
        return RecordTalk(
            stay_id=self.stay_id,
            asked_on=given["asked_on"],
            directives=DirectivesAnswer(given["directives"]),
            trusted=TrustedAnswer(given["trusted"]),
            where=given["where"],
            where_phone=given["where_phone"],
            handed=frozenset(Handed(one) for one in given["handed"]),
            is_protected=given["is_protected"],
            again_on=given["again_on"],
            note=given["note"],
        )
