"""Forms of the rights of persons."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.documents.forms import NewFileField
from accounts.kernel.clock import today
from accounts.kernel.form_fields import day
from accounts.kernel.http import RecordForm
from accounts.rights.records import AddAddendum, AnswerErasure, RequestAccess, StepExport


class AskForm(RecordForm):
    """The person asks for a copy of her file."""

    asked_on = day("Demandée le")
    paper = NewFileField(
        title="Demande de copie du dossier",
        label="Demande signée par la personne",
        help_text="PDF ou photo (JPEG, PNG).",
    )

    def __init__(self, *args: Any, person_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, initial={"asked_on": today()}, **kwargs)
        self.person_id = person_id

    def to_record(self) -> RequestAccess:
        """Return the command's input."""
        given = self.cleaned_data
        return RequestAccess(person_id=self.person_id, asked_on=given["asked_on"], paper=given["paper"])


class StepForm(RecordForm):
    """One step of a copy."""

    def __init__(self, *args: Any, export_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.export_id = export_id

    def to_record(self) -> StepExport:
        """Return the command's input."""
        return StepExport(export_id=self.export_id, version=self.cleaned_data["version"])


class RectifyForm(RecordForm):
    """What the person asks to rectify."""

    text = forms.CharField(
        label="Ce que la personne demande d’inscrire",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=4000,
        help_text="Avec ses mots. Le texte d’origine reste, et celui-ci est montré à côté.",
    )
    reason = forms.CharField(label="Pourquoi", widget=forms.Textarea(attrs={"rows": 2}), max_length=1000)

    def __init__(self, *args: Any, person_id: UUID, target_type: str, target_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.target = {"person_id": person_id, "target_type": target_type, "target_id": target_id}

    def to_record(self) -> AddAddendum:
        """Return the command's input."""
        given = self.cleaned_data
        return AddAddendum(**self.target, text=given["text"], reason=given["reason"])  # type: ignore[arg-type]  # (as the address gave them)


class ErasureForm(RecordForm):
    """The person wishes her file erased."""

    asked_on = day("Demandé le")

    def __init__(self, *args: Any, person_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, initial={"asked_on": today()}, **kwargs)
        self.person_id = person_id

    def to_record(self) -> AnswerErasure:
        """Return the command's input."""
        return AnswerErasure(person_id=self.person_id, asked_on=self.cleaned_data["asked_on"])
