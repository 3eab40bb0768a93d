"""Forms of accounts and functions."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms

from accounts.authentication.labels import ROLE_LABELS
from accounts.kernel.actor import Duty, Role, duty
from accounts.kernel.http import RecordForm
from accounts.organisations.states import OrganisationKind
from accounts.staff.records import (
    AllowSessions,
    AskReset,
    CloseAccount,
    ConfirmReset,
    EndFunction,
    GrantFunction,
    OpenStaffAccount,
    ReviewStaff,
)
from accounts.staff.rules import duties_at, roles_at

Places = Iterable[tuple[UUID, str, OrganisationKind]]


class _FunctionFields(RecordForm):
    """Where, what, until when."""

    organisation = forms.ChoiceField(label="Pour")
    role = forms.ChoiceField(label="Fonction", help_text="Elle décide de ce que la personne peut voir et faire.")
    ends_on = forms.DateField(
        label="Jusqu’au",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Ce jour compris. Laissez vide pour une fonction durable ; un remplacement a une fin.",
    )

    def __init__(self, *args: Any, places: Places, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = list(places)
        roles = {role: None for _, _, kind in known for role in self.duties_at(kind)}
        self._field("organisation").choices = [(str(id), name) for id, name, _ in known]
        self._field("role").choices = [(str(role), ROLE_LABELS[role]) for role in roles]

    def _field(self, name: str) -> Any:
        return self.fields[name]

    @staticmethod
    def duties_at(kind: OrganisationKind) -> tuple[Duty, ...]:
        """Return what may be given at such a place."""
        return roles_at(kind)


class BeginForm(_FunctionFields):
    """Somebody begins."""

    family = forms.CharField(label="Nom d’exercice", max_length=80)
    given = forms.CharField(label="Prénom", max_length=80, required=False)
    rpps = forms.RegexField(
        r"^[0-9]{11}$",
        label="Numéro RPPS",
        required=False,
        help_text="Onze chiffres. C’est par lui que Pro Santé Connect reconnaît la personne.",
        error_messages={"invalid": "Un numéro RPPS a onze chiffres."},
    )
    username = forms.RegexField(
        r"^[a-zA-Z0-9.@_-]{3,80}$",
        label="Identifiant de connexion",
        required=False,
        help_text="Laissez vide si la personne s’identifie seulement avec Pro Santé Connect.",
        error_messages={"invalid": "Trois caractères au moins : lettres, chiffres, point, tiret."},
    )
    field_order = ("family", "given", "rpps", "username", "organisation", "role", "ends_on")

    def __init__(self, *args: Any, password: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password = password

    def clean(self) -> dict[str, Any]:
        """Ask for a way to sign in."""
        said = super().clean() or {}
        if not self.errors and not said.get("rpps") and not said.get("username"):
            raise forms.ValidationError("Indiquez un numéro RPPS, ou un identifiant de connexion, ou les deux.")
        return said

    def to_record(self) -> OpenStaffAccount:
        """Return the command's input."""
        said = self.cleaned_data
        return OpenStaffAccount(
            organisation_id=UUID(said["organisation"]),
            role=Role(said["role"]),
            family=said["family"],
            given=said["given"],
            rpps=said["rpps"],
            username=said["username"],
            password=self.password,
            ends_on=said["ends_on"],
        )


class _OnStaff(RecordForm):
    """A form about one of the organisation's people."""

    def __init__(self, *args: Any, staff_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff_id = staff_id


class GrantForm(_OnStaff, _FunctionFields):
    """Another function, or a mandate beside one."""

    duties_at = staticmethod(duties_at)

    def to_record(self) -> GrantFunction:
        """Return the command's input."""
        said = self.cleaned_data
        return GrantFunction(
            staff_id=self.staff_id,
            organisation_id=UUID(said["organisation"]),
            role=duty(said["role"]),
            ends_on=said["ends_on"],
        )


class FinishForm(_OnStaff):
    """A function ends."""

    function = forms.UUIDField(widget=forms.HiddenInput)

    def to_record(self) -> EndFunction:
        """Return the command's input."""
        return EndFunction(staff_id=self.staff_id, function_id=self.cleaned_data["function"])


class OpeningForm(_OnStaff):
    """An account closes, or opens again."""

    is_open = forms.BooleanField(required=False)

    def to_record(self) -> CloseAccount:
        """Return the command's input."""
        return CloseAccount(staff_id=self.staff_id, is_open=self.cleaned_data["is_open"])


class SessionsForm(_OnStaff):
    """One session, or two."""

    number = forms.IntegerField(min_value=1, max_value=2)

    def to_record(self) -> AllowSessions:
        """Return the command's input."""
        return AllowSessions(staff_id=self.staff_id, number=self.cleaned_data["number"])


class ResetForm(_OnStaff):
    """A reset is asked for."""

    def to_record(self) -> AskReset:
        """Return the command's input."""
        return AskReset(staff_id=self.staff_id)


class ConfirmForm(_OnStaff):
    """A reset is confirmed by somebody else."""

    def __init__(self, *args: Any, password: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.password = password

    def to_record(self) -> ConfirmReset:
        """Return the command's input."""
        return ConfirmReset(staff_id=self.staff_id, password=self.password)


class ReviewForm(RecordForm):
    """The yearly review is done."""

    functions = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    read = forms.BooleanField(
        label="J’ai relu chaque fonction de cette liste, et mis fin à celles qui ne sont plus justifiées."
    )

    def to_record(self) -> ReviewStaff:
        """Return the command's input."""
        return ReviewStaff(functions=self.cleaned_data["functions"])
