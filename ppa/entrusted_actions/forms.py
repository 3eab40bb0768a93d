"""Forms of the actions given to other structures."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.form_fields import day
from accounts.kernel.http import RecordForm
from ppa.entrusted_actions.records import AnswerEntrusted, EntrustAction, WithdrawEntrusted
from ppa.entrusted_actions.states import ANSWERS, ENTRUSTED, EntrustedMove, EntrustedState


def _text(label: str, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=100_000, widget=forms.Textarea(attrs={"rows": 3}), **options)


class EntrustForm(RecordForm):
    """To whom, what, by when."""

    organisation = forms.ChoiceField(
        label="À quelle structure ?",
        help_text="Celles de son cercle de soins, et celles pour lesquelles la personne a donné son accord.",
    )
    what = _text("Ce qui lui est demandé", help_text="Elle lit ce texte, et rien d’autre du plan.")
    due_on = day("Pour quand", required=False)
    message = _text("Ce qu’il lui faut savoir", required=False, help_text="Le strict nécessaire pour agir.")

    def __init__(self, *args: Any, action_id: UUID, structures: Mapping[UUID, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.action_id = action_id
        organisation: Any = self.fields["organisation"]
        organisation.choices = [("", "À choisir"), *((str(id), name) for id, name in structures.items())]

    def to_record(self) -> EntrustAction:
        """Return what is given, and to whom."""
        given = self.cleaned_data
        return EntrustAction(
            action_id=self.action_id,
            organisation_id=UUID(given["organisation"]),
            what=given["what"],
            due_on=given["due_on"],
            message=given["message"],
        )


class AnswerForm(RecordForm):
    """What the structure answers."""

    answer = forms.ChoiceField(label="Votre réponse", widget=forms.RadioSelect)
    note = _text(
        "Ce que cela a donné, ou pourquoi ce n’est pas possible", required=False, help_text="Lu par qui suit le plan."
    )

    def __init__(self, *args: Any, entrusted_id: UUID, state: EntrustedState, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entrusted_id = entrusted_id
        answer: Any = self.fields["answer"]
        answer.choices = [
            (str(move.action), move.label) for move in ENTRUSTED.moves_from(state) if move.action in ANSWERS
        ]

    def to_record(self) -> AnswerEntrusted:
        """Return the answer."""
        given = self.cleaned_data
        return AnswerEntrusted(
            entrusted_id=self.entrusted_id,
            version=given["version"],
            answer=EntrustedMove(given["answer"]),
            note=given["note"],
        )


class WithdrawForm(RecordForm):
    """A button: the action is taken back."""

    def __init__(self, *args: Any, entrusted_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entrusted_id = entrusted_id

    def to_record(self) -> WithdrawEntrusted:
        """Return which one."""
        return WithdrawEntrusted(entrusted_id=self.entrusted_id, version=self.cleaned_data["version"])
