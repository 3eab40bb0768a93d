"""Forms about systems: registering one, its scopes, its keys, an answer to what a colleague asked."""

from typing import Any
from uuid import UUID

import orjson
from django import forms

from accounts.kernel.form_fields import line, yes
from accounts.kernel.http import RecordForm
from accounts.systems.queries import hosts_of_systems
from accounts.systems.records import AnswerAsk, AskScopes, DisableClient, Keys, RegisterClient, RotateKeys

LONGEST_KEYS = 32_000
SCOPES_HELP = "Une portée SMART par ligne, par exemple system/Patient.rs. Les lettres suivent l’ordre cruds (créer, lire, modifier, supprimer, rechercher)."


class ScopesField(forms.CharField):
    """Scopes, one a line; its clean value is a tuple."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label="Portées",
            help_text=SCOPES_HELP,
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
            **kwargs,
        )

    def clean(self, value: Any) -> tuple[str, ...]:
        """Return each scope once, in its order."""
        return tuple(dict.fromkeys(super().clean(value).split()))


class KeysFields(RecordForm):
    """How a system's keys are known; which of the two is given is the command's to check."""

    jwks = forms.CharField(
        label="Clés publiques (JWK Set)",
        help_text="Le contenu du fichier JSON remis par l’éditeur, avec des clés publiques seulement (EC P-384, ou RSA de 2 048 bits au moins).",
        required=False,
        max_length=LONGEST_KEYS,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )
    jwks_url = line("Ou adresse qui les publie", help_text="En https, sur un serveur que l’exploitant a autorisé.")

    def clean_jwks(self) -> Any:
        """Return the JSON value of the pasted keys."""
        pasted = self.cleaned_data["jwks"]
        try:
            return orjson.loads(pasted) if pasted else {}
        except ValueError:
            raise forms.ValidationError("Ce texte n’est pas du JSON. Collez le fichier de clés en entier.") from None

    def keys(self) -> Keys:
        """Return what was given."""
        return Keys(jwks=self.cleaned_data["jwks"], url=self.cleaned_data["jwks_url"])


class RegisterForm(KeysFields):
    """A system to connect."""

    name = forms.CharField(label="Nom du système", max_length=120)
    organisation = forms.TypedChoiceField(
        label="Organisation", help_text="Il agit pour elle, et pour elle seule.", coerce=UUID
    )
    scopes = ScopesField()
    needs_certificate = yes(
        "Exiger un certificat TLS", help_text="Ses jetons ne valent alors qu’avec le certificat qu’il présente."
    )
    field_order = ("name", "organisation", "scopes", "jwks", "jwks_url", "needs_certificate")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(one), name) for one, name in hosts_of_systems()]
        self.fields["organisation"].choices = [("", "Choisir…"), *choices]  # type: ignore[attr-defined]  # (a choice field)

    def to_record(self) -> RegisterClient:
        """Return the command's input."""
        return RegisterClient(
            name=self.cleaned_data["name"],
            organisation_id=self.cleaned_data["organisation"],
            scopes=self.cleaned_data["scopes"],
            keys=self.keys(),
            needs_certificate=self.cleaned_data["needs_certificate"],
        )


class _OfClient(forms.Form):
    def __init__(self, *args: Any, client_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client_id = client_id


class ScopesForm(_OfClient, RecordForm):
    """Other scopes of a system."""

    scopes = ScopesField()

    def to_record(self) -> AskScopes:
        """Return the command's input."""
        return AskScopes(client_id=self.client_id, scopes=self.cleaned_data["scopes"])


class RotateForm(_OfClient, KeysFields):
    """New keys of a system."""

    def to_record(self) -> RotateKeys:
        """Return the command's input."""
        return RotateKeys(client_id=self.client_id, keys=self.keys())


class CloseForm(_OfClient, RecordForm):
    """A system to close."""

    def to_record(self) -> DisableClient:
        """Return the command's input."""
        return DisableClient(client_id=self.client_id)


class AnswerForm(RecordForm):
    """A request to grant or to refuse."""

    ask_id = forms.UUIDField(widget=forms.HiddenInput)

    def to_record(self) -> AnswerAsk:
        """Return the command's input."""
        return AnswerAsk(ask_id=self.cleaned_data["ask_id"])
