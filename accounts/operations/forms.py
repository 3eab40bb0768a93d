"""The one button of a dead letter."""

from django import forms

from accounts.kernel.http import RecordForm
from accounts.operations.records import RetryWork


class RetryForm(RecordForm):
    """Asks for a piece of work again."""

    work_id = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def to_record(self) -> RetryWork:
        """Return the command's input."""
        return RetryWork(work_id=self.cleaned_data["work_id"])
