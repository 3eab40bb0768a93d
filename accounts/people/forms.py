"""Shapes of what a person types about identities; the rules live below, so that partners get them too."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.access.records import RecordOpposition, RecordSharingConsent, WithdrawSharingConsent
from accounts.access.states import CONSENT_MEANS_LABELS, ConsentMeans
from accounts.kernel.clock import today
from accounts.kernel.form_fields import day
from accounts.kernel.http import RecordForm
from accounts.people.records import (
    Contact,
    Ins,
    RecordRelative,
    RegisterPerson,
    SettleIdentityAlert,
    Traits,
    UpdateContact,
)
from accounts.people.rules import OID_DEMO, OID_NIR, OID_TEST
from accounts.people.states import RELATION_LABELS, RELATIVE_ROLE_LABELS, SEX_LABELS, IdentityStatus, RelativeRole, Sex

INS_KINDS = {OID_DEMO: "INS de démonstration", OID_TEST: "INS de test", OID_NIR: "INS (NIR)"}
STATEABLE_ROLES = (RelativeRole.CONTACT, RelativeRole.CARER, RelativeRole.LEGAL_REPRESENTATIVE)


def phone_field(label: str, **fields: Any) -> forms.CharField:
    """Return a phone field that opens a number pad."""
    return forms.CharField(
        label=label,
        max_length=25,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        **fields,
    )


class SearchForm(forms.Form):
    """One field that finds a person."""

    q = forms.CharField(
        label="Nom, date de naissance ou téléphone",
        max_length=120,
        required=False,
        help_text="Le début du nom ou du prénom, une date (12/03/1955), un numéro ou ses 4 ou 6 derniers chiffres.",
    )


class ContactFields(RecordForm):
    """The fields of a contact, shared by several forms."""

    phone = phone_field("Téléphone")
    second_phone = phone_field("Autre téléphone")
    street = forms.CharField(label="Adresse", max_length=200, required=False)
    postal_code = forms.RegexField(
        r"^\d{5}$", label="Code postal", required=False, error_messages={"invalid": "Un code postal a cinq chiffres."}
    )
    city = forms.CharField(label="Commune", max_length=80, required=False)

    def contact(self, *, commune: str = "") -> Contact:
        """Return the contact typed. `commune`: the INSEE code already known for the same town."""
        given = self.cleaned_data
        return Contact(
            phones=tuple(phone for phone in (given["phone"], given["second_phone"]) if phone),
            street=given["street"],
            postal_code=given["postal_code"],
            city=given["city"],
            commune=commune,
        )


class RegisterPersonForm(ContactFields):
    """A new person: the five traits, the national number when it was verified."""

    birth_name = forms.CharField(label="Nom de naissance", max_length=80)
    birth_given_names = forms.CharField(
        label="Prénoms de naissance", max_length=120, help_text="Dans l’ordre de l’état civil, séparés par des espaces."
    )
    birth_date = day("Date de naissance")
    sex = forms.ChoiceField(label="Sexe", choices=list(SEX_LABELS.items()))
    birthplace = forms.RegexField(
        r"^\d[0-9AB]\d{3}$",
        label="Lieu de naissance (code INSEE)",
        required=False,
        help_text="Cinq caractères : la commune, ou le pays (99…).",
        error_messages={"invalid": "Un code INSEE a cinq caractères, par exemple 21231."},
    )
    usual_name = forms.CharField(label="Nom utilisé", max_length=80, required=False)
    ins_kind = forms.ChoiceField(label="Type de matricule", choices=list(INS_KINDS.items()), required=False)
    ins = forms.CharField(
        label="Matricule INS",
        max_length=21,
        required=False,
        help_text="Quinze caractères, seulement si l’identité est qualifiée par le téléservice INSi.",
    )
    ipp = forms.CharField(label="Numéro de dossier dans votre structure", max_length=40, required=False)

    field_order = (
        "birth_name", "birth_given_names", "birth_date", "sex", "birthplace", "usual_name", "ins", "ins_kind", "phone",
        "second_phone", "street", "postal_code", "city", "ipp",
    )  # fmt: skip

    def to_record(self) -> RegisterPerson:
        """Return the command's input: qualified when a number is given, provisional otherwise."""
        given = self.cleaned_data
        number = given["ins"].replace(" ", "")
        return RegisterPerson(
            traits=Traits(
                birth_name=given["birth_name"],
                birth_given_names=tuple(given["birth_given_names"].split()),
                birth_date=given["birth_date"],
                sex=Sex(given["sex"]),
                birthplace=given["birthplace"],
            ),
            status=IdentityStatus.QUALIFIED if number else IdentityStatus.PROVISIONAL,
            ins=Ins(value=number, oid=given["ins_kind"]) if number else None,
            usual_name=given["usual_name"],
            contact=self.contact(),
            ipp=given["ipp"],
        )


class ContactForm(ContactFields):
    """New ways to reach a person."""

    usual_name = forms.CharField(label="Nom utilisé", max_length=80, required=False)
    usual_given_name = forms.CharField(label="Prénom utilisé", max_length=80, required=False)

    def __init__(self, *args: Any, person_id: UUID, present: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id, self.present = person_id, present

    def to_record(self) -> UpdateContact:
        """Return the command's input; the INSEE code is kept while the town stays the same."""
        given = self.cleaned_data
        same_town = (given["postal_code"], given["city"]) == (self.present.postal_code, self.present.city)
        return UpdateContact(
            person_id=self.person_id,
            version=given["version"],
            contact=self.contact(commune=self.present.commune if same_town else ""),
            usual_name=given["usual_name"],
            usual_given_name=given["usual_given_name"],
        )


class RelativeForm(ContactFields):
    """Somebody round the person. The trusted person is designated on a page of its own."""

    family = forms.CharField(label="Nom", max_length=80)
    given = forms.CharField(label="Prénom", max_length=80)
    relation = forms.ChoiceField(label="Lien avec la personne", choices=list(RELATION_LABELS.items()))
    birth_date = day("Date de naissance", required=False)
    roles = forms.MultipleChoiceField(
        label="Rôles",
        required=False,
        choices=[(role, RELATIVE_ROLE_LABELS[role]) for role in STATEABLE_ROLES],
        widget=forms.CheckboxSelectMultiple,
    )

    field_order = (
        "given",
        "family",
        "relation",
        "roles",
        "phone",
        "second_phone",
        "birth_date",
        "street",
        "postal_code",
        "city",
    )

    def __init__(self, *args: Any, person_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id

    def to_record(self) -> RecordRelative:
        """Return the command's input."""
        given = self.cleaned_data
        return RecordRelative(
            person_id=self.person_id,
            family=given["family"],
            given=given["given"],
            relation=given["relation"],
            roles=frozenset(RelativeRole(role) for role in given["roles"]),
            birth_date=given["birth_date"],
            contact=self.contact(),
        )


def means_field(label: str = "De quelle façon") -> forms.ChoiceField:
    """Return the field that says how a person expressed herself."""
    return forms.ChoiceField(label=label, choices=list(CONSENT_MEANS_LABELS.items()))


class ConsentForm(RecordForm):
    """The person agrees that named structures receive what her care needs."""

    organisations = forms.MultipleChoiceField(label="Structures", widget=forms.CheckboxSelectMultiple)
    given_on = day("Accord donné le")
    means = means_field()

    def __init__(self, *args: Any, person_id: UUID, structures: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, initial={"given_on": today(), **kwargs.pop("initial", {})}, **kwargs)
        self.person_id = person_id
        self.fields["organisations"].choices = [(str(key), name) for key, name in structures]  # type: ignore[attr-defined]  # (a choice field)

    def to_record(self) -> RecordSharingConsent:
        """Return the command's input."""
        given = self.cleaned_data
        return RecordSharingConsent(
            person_id=self.person_id,
            organisation_ids=frozenset(UUID(one) for one in given["organisations"]),
            given_on=given["given_on"],
            means=ConsentMeans(given["means"]),
        )


class WithdrawForm(RecordForm):
    """The person takes an agreement back."""

    consent_id = forms.UUIDField(widget=forms.HiddenInput)
    withdrawn_on = day("Retiré le")
    means = means_field()

    def to_record(self) -> WithdrawSharingConsent:
        """Return the command's input."""
        given = self.cleaned_data
        return WithdrawSharingConsent(
            consent_id=given["consent_id"], withdrawn_on=given["withdrawn_on"], means=ConsentMeans(given["means"])
        )


class OppositionForm(RecordForm):
    """The person refuses that one structure, or every one outside the team, opens her file."""

    organisation = forms.ChoiceField(label="À qui l’accès est refusé")
    stated_on = day("Dit le")
    means = means_field()

    def __init__(self, *args: Any, person_id: UUID, structures: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, initial={"stated_on": today(), **kwargs.pop("initial", {})}, **kwargs)
        self.person_id = person_id
        self.fields["organisation"].choices = [(str(key), name) for key, name in structures]  # type: ignore[attr-defined]  # (a choice field)

    def to_record(self) -> RecordOpposition:
        """Return the command's input."""
        given = self.cleaned_data
        return RecordOpposition(
            person_id=self.person_id,
            organisation_id=UUID(given["organisation"]),
            stated_on=given["stated_on"],
            means=ConsentMeans(given["means"]),
        )


class SettleAlertForm(RecordForm):
    """Two records compared: one person, or two."""

    alert_id = forms.UUIDField(widget=forms.HiddenInput)
    same = forms.TypedChoiceField(
        label="Ces deux dossiers",
        choices=[("no", "sont ceux de deux personnes"), ("yes", "sont ceux de la même personne")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )

    def to_record(self) -> SettleIdentityAlert:
        """Return the command's input."""
        return SettleIdentityAlert(alert_id=self.cleaned_data["alert_id"], same=self.cleaned_data["same"])
