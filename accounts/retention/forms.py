"""Forms of the page of conservation."""

from typing import Any

from django import forms

from accounts.kernel.http import RecordForm
from accounts.retention.records import AskLogPurge, AskPurge, LiftLegalHold, SetLegalHold, SetPeriod, StepPurge
from accounts.retention.rules import LONGEST, SHORTEST
from accounts.retention.states import Trigger


class AskPurgeForm(RecordForm):
    """Ask that what is due be erased."""

    def to_record(self) -> AskPurge:
        """Return the command's input."""
        return AskPurge()


class AskLogPurgeForm(RecordForm):
    """Ask that old rows of the access log be erased."""

    def to_record(self) -> AskLogPurge:
        """Return the command's input."""
        return AskLogPurge()


class StepPurgeForm(RecordForm):
    """Confirm or cancel an order."""

    order_id = forms.UUIDField(widget=forms.HiddenInput)

    def to_record(self) -> StepPurge:
        """Return the command's input."""
        return StepPurge(order_id=self.cleaned_data["order_id"], version=self.cleaned_data["version"])


class PeriodForm(RecordForm):
    """Another period, and the text that sets it."""

    years = forms.IntegerField(label="Durée, en années", min_value=SHORTEST, max_value=LONGEST)
    basis = forms.CharField(
        label="Texte ou décision qui fixe cette durée",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=300,
        help_text="Par exemple l’article du code, le référentiel de la CNIL, ou la décision datée de votre établissement.",
    )

    def __init__(self, *args: Any, trigger: Trigger, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.trigger = trigger

    def to_record(self) -> SetPeriod:
        """Return the command's input."""
        given = self.cleaned_data
        return SetPeriod(trigger=self.trigger, years=given["years"], basis=given["basis"], version=given["version"])


class HoldForm(RecordForm):
    """A claim suspends the end of a file."""

    reference = forms.UUIDField(
        label="Référence du dossier", help_text="Elle figure sur la page « Droits de la personne » de son dossier."
    )
    reason = forms.CharField(label="Réclamation ou procédure", max_length=300)

    def to_record(self) -> SetLegalHold:
        """Return the command's input."""
        return SetLegalHold(reference=self.cleaned_data["reference"], reason=self.cleaned_data["reason"])


class LiftHoldForm(RecordForm):
    """The claim is over."""

    hold_id = forms.UUIDField(widget=forms.HiddenInput)

    def to_record(self) -> LiftLegalHold:
        """Return the command's input."""
        return LiftLegalHold(hold_id=self.cleaned_data["hold_id"])
