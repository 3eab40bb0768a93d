"""Forms of directives: the document in four steps, what was missing, the revocation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField

from accounts.documents.forms import NewFileField
from accounts.kernel.clock import today
from accounts.kernel.form_fields import day, line, words, yes
from accounts.kernel.http import RecordForm
from accounts.people.records import RelativeSnapshot
from ppa.directives.records import (
    Authorisation,
    ConfirmDirective,
    Holder,
    RecordDeposit,
    RecordDirective,
    RevokeDirective,
    Wish,
    WithdrawDirective,
    Witness,
)
from ppa.directives.states import (
    DECISION_LABELS,
    MEDIUM_LABELS,
    MODEL_LABELS,
    PLACE_LABELS,
    REVOCATION_MEANS_LABELS,
    SUBJECTS,
    WHOLE_DOCUMENT,
    Decision,
    Medium,
    Model,
    Place,
    RevocationMeans,
)
from ppa.directives.texts import headings

PROTECTED_HELP = (
    "Tutelle, ou habilitation familiale avec représentation pour les décisions personnelles : il faut alors "
    "l’autorisation du juge ou du conseil de famille. Avec une simple assistance (curatelle), laissez la case vide."
)
REPRESENTED_HELP = (
    "La case est cochée parce qu’un représentant légal est noté dans l’entourage : {names}. S’il représente la personne "
    "pour ses décisions personnelles, il faut l’autorisation du juge ou du conseil de famille. S’il l’assiste seulement "
    "(curatelle), ou ne s’occupe que de ses biens, décochez la case."
)
WITNESSES_TOLD = "Dites aux deux témoins que leurs noms sont notés dans ce dossier."
KINDS_HELP = "PDF, ou photo en JPEG ou PNG, 20 Mo au plus."
ASKED = tuple(subject for subject in SUBJECTS.values() if subject.code != WHOLE_DOCUMENT)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a form as the page draws it: fields, then pairs side by side, then what few documents need, folded."""

    title: str
    help: str = ""
    fields: Sequence[BoundField] = ()
    pairs: Sequence[Sequence[BoundField]] = ()
    folded_title: str = ""
    folded: Sequence[BoundField] = ()
    is_open: bool = False


class ProtectionField(forms.Form):
    """Whether a measure of protection represents the person: ticked for who has a legal representative, until somebody knows."""

    is_protected = yes("La personne a une mesure de protection avec représentation", help_text=PROTECTED_HELP)

    def tell_represented(self, representatives: Sequence[RelativeSnapshot]) -> None:
        """Tick the box for a person whom somebody represents by law, and say why."""
        if representatives:
            self.initial["is_protected"] = True
            names = " et ".join(f"{one.given} {one.family}" for one in representatives)
            self.fields["is_protected"].help_text = REPRESENTED_HELP.format(names=names)


class _AuthorisationFields(ProtectionField):
    authority = line("Qui a donné l’autorisation", help_text="Juge des tutelles ou conseil de famille.")
    authorised_on = day("Date de l’autorisation", required=False)
    authorisation_file = NewFileField(
        title="Autorisation du juge ou du conseil de famille",
        label="Document de l’autorisation",
        required=False,
        help_text=KINDS_HELP,
    )

    def authorisation(self) -> Authorisation | None:
        """Return the authorisation once its author and its date are both there."""
        given = self.cleaned_data
        if not (given["authority"].strip() and given["authorised_on"]):
            return None
        return Authorisation(authority=given["authority"].strip(), given_on=given["authorised_on"])


class _WitnessFields(forms.Form):
    witness_1_name = line(
        "Premier témoin : nom et prénom", help_text=f"Si la personne ne peut pas écrire ni signer. {WITNESSES_TOLD}"
    )
    witness_1_capacity = line("Premier témoin : sa qualité", help_text="Par exemple personne de confiance, voisin.")
    witness_2_name = line("Second témoin : nom et prénom")
    witness_2_capacity = line("Second témoin : sa qualité")
    witness_reason = words(
        "Si la personne de confiance n’est pas témoin, pourquoi ?",
        rows=2,
        help_text="La loi la prévoit parmi les deux témoins quand elle est désignée.",
    )

    def witnesses(self) -> tuple[Witness, ...]:
        """Return the witnesses that are named."""
        pairs = [tuple(self.cleaned_data[f"witness_{one}_{part}"] for part in ("name", "capacity")) for one in (1, 2)]
        return tuple(Witness(name=name, capacity=capacity) for name, capacity in pairs if name or capacity)


WITNESS_FIELDS = tuple(_WitnessFields.base_fields)


class RecordDirectiveForm(_AuthorisationFields, _WitnessFields, RecordForm):
    """A document of directives, on one page in four steps."""

    medium = forms.ChoiceField(
        label="Sous quelle forme ?",
        choices=list(MEDIUM_LABELS.items()),
        initial=Medium.PAPER_SCAN,
        widget=forms.RadioSelect,
    )
    file = NewFileField(title="Directives anticipées", label="Le document", required=False, help_text=KINDS_HELP)
    holder_name = line(
        "Qui conserve l’original ou l’enregistrement", help_text="Par exemple une fille, le notaire, Mon espace santé."
    )
    holder_phone = line("Son téléphone")
    signed_on = day(
        "Date écrite sur le document",
        required=False,
        help_text="C’est elle qui compte, même ancienne : les directives n’expirent pas.",
    )
    is_undated = yes("Le document n’est pas daté", help_text="Il sera gardé à vérifier, sans remplacer un autre.")
    has_signature = yes("La signature de la personne est sur le document")
    written_by = line("Écrit par quelqu’un d’autre", help_text="Le nom de qui a tenu la plume, s’il y a lieu.")
    model = forms.ChoiceField(label="Modèle utilisé", choices=list(MODEL_LABELS.items()), initial=Model.FREE)
    comfort_only = yes("La personne demande des soins de confort uniquement")
    text = forms.CharField(
        label="Ce qu’elle a écrit",
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Ses propres mots, recopiés du document ou saisis avec elle.",
    )
    shared_with_coordination = yes(
        "La personne accepte que sa coordination lise le contenu",
        help_text="Sans cet accord, la coordination sait seulement que les directives existent.",
    )

    def __init__(
        self, *args: Any, person_id: UUID, representatives: Sequence[RelativeSnapshot] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id
        self.tell_represented(representatives)
        for number, subject in enumerate(ASKED):
            choices = [("", "Non précisé"), *DECISION_LABELS.items()]
            self.fields[f"wish_{number}"] = forms.ChoiceField(label=subject.label, choices=choices, required=False)
            note = words("Avec ses mots", rows=2)
            note.widget.attrs["aria-label"] = f"Avec ses mots : {subject.label}"
            self.fields[f"note_{number}"] = note
        for heading in headings():
            self.fields[f"section_{heading.code}"] = words(
                heading.title,
                rows=3,
                help_text=heading.help if len(heading.models) > 1 else f"{heading.help} Modèle A seulement.",
            )

    def steps(self) -> Iterator[Step]:
        """Yield the four steps in order, with their fields."""
        yield self._step("1. Le document", "medium", "file", "holder_name", "holder_phone")
        yield self._step(
            "2. Date et signature", "signed_on", "is_undated", "has_signature",
            folded_title="La personne ne peut pas écrire, ou quelqu’un a tenu la plume",
            folded=(*WITNESS_FIELDS, "written_by"),
        )  # fmt: skip
        wishes = self._step(
            "3. Ce que souhaite la personne", "model", "text", "comfort_only",
            folded_title="Recopier les rubriques du modèle A ou B",
            folded=[f"section_{heading.code}" for heading in headings()],
        )  # fmt: skip
        yield replace(
            wishes,
            help="Rien n’est obligatoire : notez seulement ce que dit le document.",
            pairs=[(self[f"wish_{number}"], self[f"note_{number}"]) for number in range(len(ASKED))],
        )
        yield self._step(
            "4. Avant d’enregistrer", "shared_with_coordination",
            folded_title="La personne a une mesure de protection",
            folded=("is_protected", "authority", "authorised_on", "authorisation_file"),
        )  # fmt: skip

    def to_record(self) -> RecordDirective:
        """Return the document."""
        given = self.cleaned_data
        return RecordDirective(
            person_id=self.person_id,
            medium=Medium(given["medium"]),
            signed_on=given["signed_on"],
            is_undated=given["is_undated"],
            model=Model(given["model"]),
            has_signature=given["has_signature"],
            witnesses=self.witnesses(),
            witness_reason=given["witness_reason"],
            written_by=given["written_by"],
            is_protected=given["is_protected"],
            authorisation=self.authorisation(),
            wishes=tuple(self._wishes()),
            comfort_only=given["comfort_only"],
            text=given["text"],
            sections={one.code: text for one in headings() if (text := given[f"section_{one.code}"])},
            holder=Holder(name=given["holder_name"], phone=given["holder_phone"]) if given["holder_name"] else None,
            shared_with_coordination=given["shared_with_coordination"],
            file=given["file"],
            authorisation_file=given["authorisation_file"],
        )

    def _step(self, title: str, *names: str, folded_title: str = "", folded: Sequence[str] = ()) -> Step:
        hidden = [self[name] for name in folded]
        return Step(
            title,
            fields=[self[name] for name in names],
            folded_title=folded_title,
            folded=hidden,
            is_open=any(field.errors or field.value() for field in hidden),
        )

    def _wishes(self) -> Iterator[Wish]:
        for number, subject in enumerate(ASKED):
            decision, note = self.cleaned_data[f"wish_{number}"], self.cleaned_data[f"note_{number}"]
            if decision or note:
                yield Wish(code=subject.code, decision=Decision(decision or Decision.OTHER), note=note)


class _ForDirective(RecordForm):
    def __init__(self, *args: Any, directive_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.directive_id = directive_id


class ConfirmForm(_ForDirective, _AuthorisationFields, _WitnessFields):
    """What was missing; what is left empty stays as it was.

    So does the measure of protection for who may not read whether there is one (`knows_protection` false).
    """

    signed_on = day("Date écrite sur le document", required=False)
    has_signature = yes("La signature de la personne est sur le document")
    file = NewFileField(title="Directives anticipées", label="Le document", required=False, help_text=KINDS_HELP)

    field_order = [
        "signed_on", "has_signature", "file", *WITNESS_FIELDS,
        "is_protected", "authority", "authorised_on", "authorisation_file",
    ]  # fmt: skip

    def __init__(
        self,
        *args: Any,
        knows_protection: bool = False,
        representatives: Sequence[RelativeSnapshot] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.knows_protection = knows_protection
        self.tell_represented(representatives)

    def to_record(self) -> ConfirmDirective:
        """Return what completes the document."""
        given = self.cleaned_data
        return ConfirmDirective(
            directive_id=self.directive_id,
            version=given["version"],
            signed_on=given["signed_on"],
            has_signature=given["has_signature"],
            witnesses=self.witnesses(),
            witness_reason=given["witness_reason"],
            is_protected=given["is_protected"] if self.knows_protection or given["is_protected"] else None,
            authorisation=self.authorisation(),
            file=given["file"],
            authorisation_file=given["authorisation_file"],
        )


class DepositForm(_ForDirective):
    """A copy that somebody put somewhere."""

    place = forms.ChoiceField(label="Où ?", choices=list(PLACE_LABELS.items()), widget=forms.RadioSelect)
    where = line("Lequel", help_text="Le nom du médecin, de l’établissement ou de l’endroit.")
    deposited_on = day("Date du dépôt", initial=today)
    deposited_by = line("Déposé par", required=True, help_text="Nom et prénom de qui a fait le dépôt.")

    def to_record(self) -> RecordDeposit:
        """Return the deposit."""
        given = self.cleaned_data
        return RecordDeposit(
            directive_id=self.directive_id,
            version=given["version"],
            place=Place(given["place"]),
            where=given["where"],
            deposited_on=given["deposited_on"],
            deposited_by=given["deposited_by"],
        )


class RevokeForm(_ForDirective):
    """The person takes her directives back, in whatever way she said so."""

    revoked_on = day("Date de la révocation", initial=today)
    means = forms.ChoiceField(
        label="Comment l’a-t-elle dit ?", choices=list(REVOCATION_MEANS_LABELS.items()), widget=forms.RadioSelect
    )
    received_by = line("Qui l’a reçue", required=True, help_text="Nom et fonction de la personne qui l’a entendue.")
    witness = line("Témoin", help_text="Nécessaire si la révocation n’est pas écrite.")
    file = NewFileField(
        title="Révocation des directives anticipées",
        label="Document de révocation",
        required=False,
        help_text=KINDS_HELP,
    )

    def to_record(self) -> RevokeDirective:
        """Return the revocation."""
        given = self.cleaned_data
        return RevokeDirective(
            directive_id=self.directive_id,
            version=given["version"],
            revoked_on=given["revoked_on"],
            means=RevocationMeans(given["means"]),
            received_by=given["received_by"],
            witness=given["witness"],
            file=given["file"],
        )


class WithdrawForm(_ForDirective):
    """The record was a mistake; nothing to fill in."""

    def to_record(self) -> WithdrawDirective:
        """Return the withdrawal."""
        return WithdrawDirective(directive_id=self.directive_id, version=self.cleaned_data["version"])
