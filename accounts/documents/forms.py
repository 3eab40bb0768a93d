"""The field of a form that takes a file: what it gives is checked and named by us."""

from typing import Any

from django import forms

from accounts.documents.inspection import inspected
from accounts.documents.records import NewFile
from accounts.documents.rules import SUFFIXES, content_type_of
from accounts.documents.scanning import scanned
from accounts.kernel.errors import DomainError


class NewFileField(forms.FileField):
    """A file that somebody hands in; its clean value is a `NewFile`, or `None` when it is optional and absent.

    The kind is told by the content and the title is ours: neither the name nor the type
    that the browser sends is kept.
    """

    def __init__(self, *, title: str, **kwargs: Any) -> None:
        self.title = title
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": ",".join(SUFFIXES)}))
        kwargs.setdefault("allow_empty_file", True)
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> NewFile | None:
        """Return the checked file; a refusal shows beside the field.

        The antivirus is asked here, while no transaction is open; what it says is judged in the command, which is audited.
        """
        uploaded = super().clean(data, initial)
        if not uploaded:
            return None
        content = uploaded.read()
        try:
            kind = content_type_of(content) if content else ""
            return scanned(inspected(NewFile(title=self.title, content=content, content_type=kind)))
        except DomainError as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from None
