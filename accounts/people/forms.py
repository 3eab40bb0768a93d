"""Shapes of what a person types about identities; the rules live below, so that partners get them too."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms

from accounts.access.records import (
    DeclareTreating,
    EndMembership,
    LiftOpposition,
    RecordOpposition,
    RecordSharingConsent,
    ReviewClaim,
    WithdrawSharingConsent,
)
from accounts.access.states import CATEGORY_LABELS, CONSENT_MEANS_LABELS, SHAREABLE, Category, ConsentMeans
from accounts.kernel.clock import today
from accounts.kernel.form_fields import day, yes
from accounts.kernel.http import RecordForm
from accounts.people.records import (
    ChangeRelative,
    Contact,
    CreateSameTeam,
    Ins,
    RecordRelative,
    RegisterPerson,
    RelativeSnapshot,
    SettleIdentityAlert,
    Traits,
    UpdateContact,
)
from accounts.people.rules import OID_DEMO, OID_NIR, OID_TEST
from accounts.people.states import (
    RELATION_LABELS,
    RELATIVE_ROLE_LABELS,
    SEX_LABELS,
    STATEABLE_ROLES,
    IdentityStatus,
    RelativeRole,
    Sex,
)

INS_KINDS = {OID_DEMO: "INS de démonstration", OID_TEST: "INS de test", OID_NIR: "INS (NIR)"}


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
        label="Nom, date de naissance, téléphone ou INS",
        max_length=120,
        error_messages={"required": "Écrivez un nom, une date, un numéro ou un matricule INS."},
        help_text="Le début du nom ou du prénom, une date (12/03/1955), un numéro ou ses 4 ou 6 derniers chiffres, les 15 caractères du matricule INS.",
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
        help_text="Le délégué de Mon espace santé peut y ajouter un document de coordination, jamais les directives ; il ne modifie ni ne supprime rien. Un seul délégué (texte à confirmer).",
    )
    call_rank = forms.IntegerField(
        label="Ordre d’appel", required=False, min_value=1, max_value=20, help_text="1 pour le premier à appeler."
    )

    field_order = (
        "given",
        "family",
        "relation",
        "roles",
        "since",
        "call_rank",
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
            call_rank=given["call_rank"],
        )


class ChangeRelativeForm(RelativeForm):
    """What changed of a relative, and since when."""

    since = day("Rôles ainsi depuis le", initial=today)
    leaves = yes(
        "Ce proche n’entoure plus la personne",
        help_text="Il quitte la liste ; ses rôles prennent fin et restent dans l’historique.",
    )

    def __init__(self, *args: Any, present: RelativeSnapshot, **kwargs: Any) -> None:
        super().__init__(*args, person_id=present.person_id, **kwargs)
        self.present = present

    def to_record(self) -> ChangeRelative:  # type: ignore[override]  # (another command than its parent's)
        """Return the command's input; the e-mail, which this page does not ask, stays."""
        given = self.cleaned_data
        return ChangeRelative(
            relative_id=self.present.id,
            version=given["version"],
            family=given["family"],
            given=given["given"],
            relation=given["relation"],
            roles=frozenset(RelativeRole(role) for role in given["roles"]),
            since=given["since"],
            birth_date=given["birth_date"],
            contact=replace(self.contact(), email=self.present.contact.email),
            call_rank=given["call_rank"],
            leaves=given["leaves"],
        )


def means_field(label: str = "De quelle façon") -> forms.ChoiceField:
    """Return the field that says how a person expressed herself."""
    return forms.ChoiceField(label=label, choices=list(CONSENT_MEANS_LABELS.items()))


class SaidByThePerson(RecordForm):
    """What she agrees to or refuses: which data, how she said it, and who spoke for her if somebody did."""

    means = means_field()
    representative = forms.ChoiceField(
        label="Exprimé par",
        required=False,
        help_text="Un proche ne s’exprime à sa place que si la loi le permet : représentant légal, titulaire de l’autorité parentale.",
    )

    def __init__(self, *args: Any, person_id: UUID, relatives: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id
        speakers = [("", "La personne elle-même"), *((str(key), name) for key, name in relatives)]
        self.fields["representative"].choices = speakers  # type: ignore[attr-defined]  # (a choice field)

    def representative_id(self) -> UUID | None:
        """Return the relative who spoke for her."""
        chosen = self.cleaned_data["representative"]
        return UUID(chosen) if chosen else None


class ConsentForm(SaidByThePerson):
    """The person agrees that named structures receive what her care needs."""

    organisations = forms.MultipleChoiceField(
        label="Structures",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices-long"}),
        help_text="Une ou plusieurs, que vous nommez à la personne.",
    )
    categories = forms.MultipleChoiceField(
        label="Ce qui est partagé",
        choices=[(code, CATEGORY_LABELS[code]) for code in (Category.ALL, *SHAREABLE)],
        widget=forms.CheckboxSelectMultiple,
        initial=[Category.ALL],
        help_text="« Tout le dossier », ou seulement ce que vous cochez. L’identité accompagne toujours ce qui est partagé.",
    )
    given_on = day("Accord donné le")
    enters = yes(
        "Ces structures entrent dans le cercle de soins dès maintenant",
        help_text="Sinon, l’accord est gardé pour une demande à venir.",
    )

    field_order = ("organisations", "categories", "given_on", "means", "representative", "enters")

    def __init__(self, *args: Any, structures: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, initial={"given_on": today(), "enters": True, **kwargs.pop("initial", {})}, **kwargs)
        self.fields["organisations"].choices = [(str(key), name) for key, name in structures]  # type: ignore[attr-defined]  # (a choice field)

    def to_record(self) -> RecordSharingConsent:
        """Return the command's input."""
        given = self.cleaned_data
        return RecordSharingConsent(
            person_id=self.person_id,
            organisation_ids=frozenset(UUID(one) for one in given["organisations"]),
            given_on=given["given_on"],
            means=ConsentMeans(given["means"]),
            categories=_categories(given["categories"]),
            representative_id=self.representative_id(),
        )


def _categories(chosen: list[str]) -> frozenset[Category]:
    """Return what was ticked; the whole file swallows its parts, never the refusal of emergency access."""
    found = frozenset(Category(code) for code in chosen)
    return found - set(SHAREABLE) if Category.ALL in found else found


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


class OppositionForm(SaidByThePerson):
    """The person refuses that one structure, or every other one, opens her file or a part of it."""

    organisation = forms.ChoiceField(label="À qui l’accès est refusé", required=False)
    categories = forms.MultipleChoiceField(
        label="Ce qui est refusé",
        choices=[(code, CATEGORY_LABELS[code]) for code in (Category.ALL, *SHAREABLE, Category.EMERGENCY)],
        widget=forms.CheckboxSelectMultiple,
        help_text="Refuser « Tout le dossier » refuse aussi l’accès en urgence.",
    )
    stated_on = day("Dit le")

    field_order = ("organisation", "categories", "stated_on", "means", "representative")

    def __init__(self, *args: Any, structures: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, initial={"stated_on": today(), **kwargs.pop("initial", {})}, **kwargs)
        named = ((str(key), name) for key, name in structures)
        self.fields["organisation"].choices = [("", "Toutes les structures, sauf la vôtre"), *named]  # type: ignore[attr-defined]  # (a choice field)

    def to_record(self) -> RecordOpposition:
        """Return the command's input."""
        given = self.cleaned_data
        return RecordOpposition(
            person_id=self.person_id,
            organisation_id=UUID(given["organisation"]) if given["organisation"] else None,
            stated_on=given["stated_on"],
            means=ConsentMeans(given["means"]),
            categories=_categories(given["categories"]),
            representative_id=self.representative_id(),
        )


class LiftForm(RecordForm):
    """The person takes a refusal back."""

    opposition_id = forms.UUIDField(widget=forms.HiddenInput)
    lifted_on = day("Levé le")
    means = means_field()

    def to_record(self) -> LiftOpposition:
        """Return the command's input."""
        given = self.cleaned_data
        return LiftOpposition(
            opposition_id=given["opposition_id"], lifted_on=given["lifted_on"], means=ConsentMeans(given["means"])
        )


class EndMembershipForm(RecordForm):
    """Somebody leaves the circle."""

    membership_id = forms.UUIDField(widget=forms.HiddenInput)

    def to_record(self) -> EndMembership:
        """Return the command's input."""
        return EndMembership(membership_id=self.cleaned_data["membership_id"])


class SameTeamForm(RecordForm):
    """Another place of the establishment takes care of the person too."""

    organisation = forms.ChoiceField(label="Service ou équipe de votre établissement")
    informed = yes(
        "La personne en est informée et ne s’y oppose pas",
        help_text="Ce service verra tout son dossier, comme le vôtre. Elle peut s’y opposer à tout moment.",
    )

    def __init__(self, *args: Any, person_id: UUID, places: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id
        self.fields["organisation"].choices = [(str(key), name) for key, name in places]  # type: ignore[attr-defined]  # (a choice field)

    def to_record(self) -> CreateSameTeam:
        """Return the command's input."""
        given = self.cleaned_data
        return CreateSameTeam(
            person_id=self.person_id, organisation_id=UUID(given["organisation"]), informed=given["informed"]
        )


class DeclareTreatingForm(RecordForm):
    """A professional says that he takes care of the person, and why."""

    reason = forms.CharField(
        label="Pourquoi vous prenez soin de cette personne",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        help_text="Par exemple : médecin traitant depuis 2015, ou visite à domicile demandée par la famille.",
    )

    def __init__(self, *args: Any, person_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id

    def to_record(self) -> DeclareTreating:
        """Return the command's input."""
        return DeclareTreating(person_id=self.person_id, reason=self.cleaned_data["reason"])


class ReviewClaimForm(RecordForm):
    """A declared relation, confirmed or refused."""

    claim_id = forms.UUIDField(widget=forms.HiddenInput)
    confirmed = forms.TypedChoiceField(
        choices=[("yes", "Confirmer"), ("no", "Refuser")], coerce=lambda value: value == "yes"
    )

    def to_record(self) -> ReviewClaim:
        """Return the command's input."""
        given = self.cleaned_data
        return ReviewClaim(claim_id=given["claim_id"], version=given["version"], confirmed=given["confirmed"])


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
