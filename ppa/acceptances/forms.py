"""Forms of the acceptance: the invitation, the code, her answer, what happened without a link."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.clock import today
from accounts.kernel.form_fields import day, line, yes
from accounts.kernel.http import RecordForm
from ppa.acceptances.records import AnswerAcceptance, InviteTrustedPerson, NoteReceipt, OpenAcceptanceLink
from ppa.acceptances.rules import DAYS
from ppa.acceptances.states import BY_HAND, STEP_LABELS, StepKind


class InviteForm(RecordForm):
    """Where the link goes, and for how long it opens."""

    email = forms.EmailField(label="Adresse de courriel de la personne choisie")
    days = forms.TypedChoiceField(
        label="Le lien peut être ouvert pendant", coerce=int, choices=[(one, f"{one} jours") for one in DAYS], initial=7
    )

    def __init__(self, *args: Any, designation_id: UUID, link: UUID, code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.designation_id, self.link, self.code = designation_id, link, code

    def to_record(self) -> InviteTrustedPerson:
        """Return the invitation."""
        given = self.cleaned_data
        return InviteTrustedPerson(
            designation_id=self.designation_id,
            version=given["version"],
            email=given["email"],
            days=given["days"],
            link=self.link,
            code=self.code,
        )


class CodeForm(RecordForm):
    """The code that was told."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        help_text="Huit chiffres, donnés de vive voix par l’équipe.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "autofocus": True}),
    )

    def __init__(self, *args: Any, link: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.link = link

    def to_record(self) -> OpenAcceptanceLink:
        """Return the command's input."""
        return OpenAcceptanceLink(link=self.link, code="".join(self.cleaned_data["code"].split()))


class AnswerForm(RecordForm):
    """Her answer."""

    accepts = forms.ChoiceField(
        label="Votre réponse",
        choices=[("yes", "J’accepte d’être sa personne de confiance"), ("no", "Je ne souhaite pas ce rôle")],
        widget=forms.RadioSelect,
    )
    name = line("Votre nom et votre prénom", required=True)
    is_adult = yes("J’ai 18 ans ou plus")

    def __init__(self, *args: Any, access_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access_id = access_id

    def to_record(self) -> AnswerAcceptance:
        """Return the answer."""
        given = self.cleaned_data
        return AnswerAcceptance(
            access_id=self.access_id,
            accepts=given["accepts"] == "yes",
            name=given["name"],
            is_adult=given["is_adult"],
        )


class ReceiptForm(RecordForm):
    """What happened without a link."""

    kind = forms.ChoiceField(
        label="Que s’est-il passé ?", choices=[(one, STEP_LABELS[one]) for one in BY_HAND], widget=forms.RadioSelect
    )
    happened_on = day("Le", initial=today)
    told_by = line("En présence de", required=True, help_text="Nom et fonction de qui était là.")

    def __init__(self, *args: Any, designation_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.designation_id = designation_id

    def to_record(self) -> NoteReceipt:
        """Return what is noted."""
        given = self.cleaned_data
        return NoteReceipt(
            designation_id=self.designation_id,
            version=given["version"],
            kind=StepKind(given["kind"]),
            happened_on=given["happened_on"],
            told_by=given["told_by"],
        )
