"""What the pages of the directory receive."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.errors import DomainError
from accounts.kernel.form_fields import yes
from accounts.kernel.http import RecordForm
from pathway.structures.reading import MOST_PLACES, read_structures
from pathway.structures.records import Criteria, ImportStructures, LineProblem, OfferSnapshot, UpdateOffer
from pathway.structures.rules import OLDEST, StructureFileRefused, is_phone
from pathway.structures.states import EXCLUSION_LABELS, KINDS, Exclusion

LARGEST = 5_000_000
LEVELS = (("1", "Niveau 1"), ("2", "Niveau 2"), ("3", "Niveau 3"))


class DirectoryFilter(forms.Form):
    """What to show of the directory; whatever cannot be read is left aside."""

    texte = forms.CharField(label="Nom ou ville", required=False, max_length=100)
    type = forms.ChoiceField(label="Type d’offre", required=False)
    departement = forms.ChoiceField(label="Département", required=False)

    def __init__(self, *args: Any, departements: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        kinds = [(str(kind), f"{facts.label} – {facts.long_label}") for kind, facts in KINDS.items()]
        self.fields["type"].choices = [("", "Tous"), *kinds]  # type: ignore[attr-defined]  # (a choice field has choices)
        places = [(code, f"{code} – {name}") for code, name in departements]
        self.fields["departement"].choices = [("", "Tous"), *places]  # type: ignore[attr-defined]  # (a choice field has choices)

    def wanted(self) -> dict[str, str]:
        """Return the filters that hold something usable."""
        self.is_valid()
        kept = self.cleaned_data
        return {
            "text": kept.get("texte", ""),
            "kind": kept.get("type", ""),
            "departement": kept.get("departement", ""),
        }


class ImportForm(RecordForm):
    """A directory file."""

    file = forms.FileField(
        label="Fichier CSV",
        help_text="UTF-8, colonnes séparées par « ; », une offre par ligne. Rien n’est gardé tant qu’une ligne est à corriger.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.problems: tuple[LineProblem, ...] = ()

    def clean_file(self) -> str:
        """Return the text of the file."""
        sent = self.cleaned_data["file"]
        if sent.size > LARGEST:
            raise forms.ValidationError("Ce fichier dépasse 5 Mo. Partagez-le en plusieurs fichiers.")
        try:
            text: str = sent.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise forms.ValidationError(
                "Ce fichier n’est pas en UTF-8. Enregistrez-le en « CSV UTF-8 », puis recommencez."
            ) from error
        return text

    def to_record(self) -> ImportStructures:
        """Return the file, read; raises `StructureFileRefused`."""
        return read_structures(self.cleaned_data["file"])

    def refuse(self, refusal: DomainError) -> None:
        """Keep each bad line for the report."""
        if isinstance(refusal, StructureFileRefused):
            self.problems = refusal.problems
        super().refuse(refusal)


class UpdateOfferForm(RecordForm):
    """What a structure says of its own offer."""

    name = forms.CharField(label="Nom de l’offre", max_length=200)
    hours = forms.CharField(label="Horaires", max_length=200, required=False)
    phone = forms.CharField(label="Téléphone", max_length=20, required=False)
    night_phone = forms.CharField(label="Téléphone de nuit ou d’urgence", max_length=20, required=False)
    email = forms.EmailField(label="Adresse électronique", required=False)
    installed = forms.IntegerField(label="Lits ou places installés", min_value=0, max_value=MOST_PLACES)
    levels = forms.MultipleChoiceField(
        label="Niveaux reçus", choices=LEVELS, required=False, widget=forms.CheckboxSelectMultiple
    )
    min_age = forms.IntegerField(label="Âge minimal", min_value=0, max_value=OLDEST, required=False)
    max_age = forms.IntegerField(label="Âge maximal", min_value=0, max_value=OLDEST, required=False)
    needs_home_carer = yes("Un proche doit être présent au domicile")
    excludes = forms.MultipleChoiceField(
        label="Ce que la structure ne peut pas accueillir",
        choices=[(str(one), label) for one, label in EXCLUSION_LABELS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    criteria_text = forms.CharField(
        label="Précisions sur l’admission",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    medical_referent = forms.ChoiceField(label="Référent médical", required=False)
    nursing_referent = forms.ChoiceField(label="Référent soignant", required=False)

    def __init__(self, *args: Any, offer: OfferSnapshot, staff: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, initial=_initial(offer), **kwargs)
        self.offer_id = offer.id
        for name in ("medical_referent", "nursing_referent"):
            self.fields[name].choices = [("", "Aucun"), *staff]  # type: ignore[attr-defined]  # (a choice field has choices)

    def clean_phone(self) -> str:
        """Return the day number."""
        return _phone(self.cleaned_data["phone"])

    def clean_night_phone(self) -> str:
        """Return the night number."""
        return _phone(self.cleaned_data["night_phone"])

    def to_record(self) -> UpdateOffer:
        """Return the correction."""
        sent = self.cleaned_data
        return UpdateOffer(
            offer_id=self.offer_id,
            version=sent["version"],
            name=sent["name"],
            criteria=Criteria(
                levels=frozenset(int(level) for level in sent["levels"]),
                min_age=sent["min_age"],
                max_age=sent["max_age"],
                needs_home_carer=sent["needs_home_carer"],
                excludes=frozenset(Exclusion(one) for one in sent["excludes"]),
                text=sent["criteria_text"],
            ),
            hours=sent["hours"],
            phone=sent["phone"],
            night_phone=sent["night_phone"],
            email=sent["email"],
            installed=sent["installed"],
            medical_referent_id=UUID(sent["medical_referent"]) if sent["medical_referent"] else None,
            nursing_referent_id=UUID(sent["nursing_referent"]) if sent["nursing_referent"] else None,
        )


def _phone(text: str) -> str:
    if text and not is_phone(text):
        raise forms.ValidationError("Indiquez un numéro français à dix chiffres, ou un numéro court comme le 15.")
    return text


def _initial(offer: OfferSnapshot) -> dict[str, Any]:
    return {
        "version": offer.version,
        "name": offer.name,
        "hours": offer.hours,
        "phone": offer.phone,
        "night_phone": offer.night_phone,
        "email": offer.email,
        "installed": offer.installed,
        "levels": sorted(str(level) for level in offer.criteria.levels),
        "min_age": offer.criteria.min_age,
        "max_age": offer.criteria.max_age,
        "needs_home_carer": offer.criteria.needs_home_carer,
        "excludes": sorted(offer.criteria.excludes),
        "criteria_text": offer.criteria.text,
        "medical_referent": str(offer.medical_referent.id) if offer.medical_referent else "",
        "nursing_referent": str(offer.nursing_referent.id) if offer.nursing_referent else "",
    }
