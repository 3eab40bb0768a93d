"""Forms of the opinions asked of named professionals."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.http import RecordForm
from pathway.opinions.records import AskOpinion, EndOpinion, GiveOpinion
from pathway.opinions.rules import MOST_DAYS, USUAL_DAYS


def _text(label: str, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=100_000, widget=forms.Textarea(attrs={"rows": 5}), **options)


class AskForm(RecordForm):
    """Who is asked, what, and until when."""

    expert = forms.ChoiceField(
        label="À qui ?", help_text="Seulement dans les structures pour lesquelles la personne a donné son accord."
    )
    question = _text("Votre question", help_text="Ce que vous souhaitez savoir, en quelques phrases.")
    days = forms.IntegerField(
        label="Délai, en jours",
        initial=USUAL_DAYS,
        min_value=1,
        max_value=MOST_DAYS,
        help_text="Jusque-là, cette personne peut lire le dossier ; ensuite, il se referme.",
    )

    def __init__(self, *args: Any, case_id: UUID, askable: Mapping[UUID, tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case_id, self.askable = case_id, askable
        expert: Any = self.fields["expert"]
        expert.choices = [(str(who), label) for who, (_, label) in askable.items()]

    def to_record(self) -> AskOpinion:
        """Return the question."""
        given = self.cleaned_data
        expert_id = UUID(given["expert"])
        return AskOpinion(
            case_id=self.case_id,
            expert_id=expert_id,
            organisation_id=self.askable[expert_id][0],
            question=given["question"],
            days=given["days"],
        )


class GiveForm(RecordForm):
    """The opinion, or why there is none."""

    text = _text("Votre avis")
    declines = forms.BooleanField(label="Je ne peux pas donner d’avis (dites pourquoi ci-dessus)", required=False)

    def __init__(self, *args: Any, opinion_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opinion_id = opinion_id

    def to_record(self) -> GiveOpinion:
        """Return the answer."""
        given = self.cleaned_data
        return GiveOpinion(
            opinion_id=self.opinion_id, version=given["version"], text=given["text"], declines=given["declines"]
        )


class WithdrawForm(RecordForm):
    """A button: the question is taken back."""

    def __init__(self, *args: Any, opinion_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opinion_id = opinion_id

    def to_record(self) -> EndOpinion:
        """Return which question."""
        return EndOpinion(opinion_id=self.opinion_id, version=self.cleaned_data["version"])
