"""Shapes of what is said when two records are merged or parted."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.http import RecordForm
from accounts.vigilance.records import MergeRecords, NoteRead, PartRecords

LONGEST_REASON = 500


class SearchForm(forms.Form):
    """The record to compare with."""

    q = forms.CharField(
        label="Nom, date de naissance ou téléphone",
        max_length=120,
        help_text="De l’autre dossier : le début du nom ou du prénom, une date (12/03/1955), un numéro ou ses derniers chiffres.",
    )


def _reason() -> forms.CharField:
    return forms.CharField(
        label="Ce qui vous permet de l’affirmer",
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Par exemple : pièce d’identité lue, appel à la personne, téléservice INSi.",
    )


class MergeForm(RecordForm):
    """Which record goes on, and why these two are one person."""

    kept = forms.TypedChoiceField(label="Le dossier à garder", widget=forms.RadioSelect, coerce=UUID)
    reason = _reason()
    person_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    other_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, choices: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id, self.other_id = (one for one, _ in choices)
        field: Any = self.fields["kept"]
        field.choices = [(str(one), label) for one, label in choices]

    def to_record(self) -> MergeRecords:
        """Return the command's input."""
        said = self.cleaned_data
        versions = {self.person_id: said["person_version"], self.other_id: said["other_version"]}
        kept = said["kept"]
        merged = self.other_id if kept == self.person_id else self.person_id
        return MergeRecords(
            kept_id=kept,
            kept_version=versions[kept],
            merged_id=merged,
            merged_version=versions[merged],
            reason=said["reason"],
        )


class _OnMerge(RecordForm):
    """A form about one merge."""

    def __init__(self, *args: Any, merge_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.merge_id = merge_id


class PartForm(_OnMerge):
    """Why these were two persons."""

    reason = _reason()

    def to_record(self) -> PartRecords:
        """Return the command's input."""
        said = self.cleaned_data
        return PartRecords(merge_id=self.merge_id, version=said["version"], reason=said["reason"])


class NoteReadForm(_OnMerge):
    """What came from both records was read."""

    def to_record(self) -> NoteRead:
        """Return the command's input."""
        return NoteRead(merge_id=self.merge_id, version=self.cleaned_data["version"])
