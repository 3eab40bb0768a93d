"""Forms of break-glass: few fields, read fast."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.break_glass.records import OpenBreakGlass, ReviewBreakGlass, TellPerson
from accounts.break_glass.rules import SHORTEST_EXPLANATION
from accounts.break_glass.states import NOTICE_MEANS_LABELS, REASON_LABELS, VERDICT_LABELS, NoticeMeans, Reason, Verdict
from accounts.kernel.clock import today
from accounts.kernel.form_fields import day
from accounts.kernel.http import RecordForm


class FindForm(forms.Form):
    """One field."""

    q = forms.CharField(
        label="Téléphone, ou nom et date de naissance, ou INS",
        max_length=120,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "autocomplete": "off",
                "autofocus": True,
                "class": "input-large",
                "inputmode": "text",
            }
        ),
        help_text="Par exemple 06 39 98 12 34, ou Dupont Rose 12/03/1955. Le numéro peut être celui d’un proche.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class OpenForm(RecordForm):
    """Why the file is opened."""

    identity_confirmed = forms.BooleanField(
        label="J’ai vérifié avec l’appelant le nom et la date de naissance",
        error_messages={"required": "Vérifiez le nom et la date de naissance, puis cochez la case."},
    )
    reason = forms.ChoiceField(
        label="Motif", choices=list(REASON_LABELS.items()), widget=forms.RadioSelect, initial=Reason.REGULATED_CALL
    )
    explanation = forms.CharField(
        label="Ce qui se passe",
        min_length=SHORTEST_EXPLANATION,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Vingt caractères au moins, sans nom. Une autre personne le relira.",
        error_messages={"min_length": "Dites en quelques mots pourquoi : vingt caractères au moins."},
    )

    def __init__(self, *args: Any, finding: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.finding = finding

    def to_record(self) -> OpenBreakGlass:
        """Return the opening."""
        given = self.cleaned_data
        return OpenBreakGlass(
            finding=self.finding,
            reason=Reason(given["reason"]),
            explanation=given["explanation"],
            identity_confirmed=given["identity_confirmed"],
        )


class ReviewForm(RecordForm):
    """What the reviewer found."""

    verdict = forms.ChoiceField(label="Votre avis", choices=list(VERDICT_LABELS.items()), widget=forms.RadioSelect)
    comment = forms.CharField(
        label="Sur quoi il repose",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Par exemple : l’appel figure au journal de régulation à cette heure. Sans nom de patient.",
    )

    def __init__(self, *args: Any, access_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access_id = access_id

    def to_record(self) -> ReviewBreakGlass:
        """Return the review."""
        given = self.cleaned_data
        return ReviewBreakGlass(
            id=self.access_id, version=given["version"], verdict=Verdict(given["verdict"]), comment=given["comment"]
        )


class TellForm(RecordForm):
    """When and how the person was told."""

    told_on = day("Prévenue le", initial=today)
    means = forms.ChoiceField(label="Comment", choices=list(NOTICE_MEANS_LABELS.items()), widget=forms.RadioSelect)

    def __init__(self, *args: Any, notice_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notice_id = notice_id

    def to_record(self) -> TellPerson:
        """Return what was done."""
        given = self.cleaned_data
        return TellPerson(
            id=self.notice_id, version=given["version"], told_on=given["told_on"], means=NoticeMeans(given["means"])
        )
