"""Forms of invitations."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.authentication.labels import ROLE_LABELS
from accounts.guests.records import InviteGuest, OpenGuestLink
from accounts.guests.rules import DAYS, DIGITS, GUEST_ROLES
from accounts.kernel.actor import Role
from accounts.kernel.http import RecordForm


class InviteForm(RecordForm):
    """Who is invited, from where, for how long."""

    organisation = forms.ChoiceField(
        label="Il ou elle exerce pour", help_text="Une structure que l’accord de la personne nomme."
    )
    role = forms.ChoiceField(label="Profession", choices=[(str(role), ROLE_LABELS[role]) for role in GUEST_ROLES])
    family = forms.CharField(label="Nom d’exercice", max_length=80)
    given = forms.CharField(label="Prénom", max_length=80)
    rpps = forms.RegexField(
        r"^[0-9]{11}$",
        label="Numéro RPPS",
        required=False,
        error_messages={"invalid": "Un numéro RPPS a onze chiffres."},
    )
    email = forms.EmailField(label="Adresse de courriel professionnelle")
    days = forms.TypedChoiceField(
        label="Le lien peut être ouvert pendant",
        coerce=int,
        choices=[(day, f"{day} jour{'s' if day > 1 else ''}") for day in DAYS],
    )

    def __init__(
        self, *args: Any, person_id: UUID, organisations: list[tuple[UUID, str]], link: UUID, code: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.person_id, self.link, self.code = person_id, link, code
        field: Any = self.fields["organisation"]
        field.choices = [(str(id), name) for id, name in organisations]

    def to_record(self) -> InviteGuest:
        """Return the command's input."""
        said = self.cleaned_data
        return InviteGuest(
            person_id=self.person_id,
            organisation_id=UUID(said["organisation"]),
            family=said["family"],
            given=said["given"],
            rpps=said["rpps"],
            role=Role(said["role"]),
            email=said["email"],
            days=said["days"],
            link=self.link,
            code=self.code,
        )


class CodeForm(RecordForm):
    """The code that was told."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        help_text=f"{DIGITS} chiffres, donnés de vive voix par la personne qui vous invite.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "autofocus": True}),
    )

    def __init__(self, *args: Any, link: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.link = link

    def to_record(self) -> OpenGuestLink:
        """Return the command's input."""
        return OpenGuestLink(link=self.link, code="".join(self.cleaned_data["code"].split()))
