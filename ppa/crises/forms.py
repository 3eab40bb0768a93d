"""Forms of anticipated crises, each making the input of one command."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.clock import today
from accounts.kernel.form_fields import day, line
from accounts.kernel.http import RecordForm
from ppa.crises.records import (
    CheckHome,
    DescribeCrisis,
    Order,
    PrescribeAhead,
    RewordCrisis,
    StopPrescription,
    Told,
    WithdrawCrisis,
)
from ppa.crises.states import (
    FOUND_LABELS,
    GIVER_LABELS,
    ROUTE_LABELS,
    SYMPTOM_LABELS,
    UNIT_LABELS,
    DoseUnit,
    Found,
    Giver,
    Route,
    Symptom,
)

MOST_CHARACTERS = 100_000


def _text(rows: int, **options: Any) -> forms.CharField:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": rows}), max_length=MOST_CHARACTERS, **options)


def _number(label: str, **options: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=9, decimal_places=3, localize=True, widget=forms.TextInput(), **options
    )


class CrisisForm(RecordForm):
    """What may happen and what to do then; `target` is the person, or the crisis that is said otherwise."""

    symptom = forms.ChoiceField(label="Ce qui peut arriver", choices=list(SYMPTOM_LABELS.items()))
    title = line("Son nom, en quelques mots", help_text="Nécessaire seulement pour « Autre ».")
    signs = _text(3, label="À quoi on le reconnaît", help_text="Les signes que la personne ou ses proches verront.")
    response = _text(5, label="Ce qui est convenu de faire", help_text="Dans l’ordre, avec des mots simples.")
    call = line("Qui appeler, dans quel ordre")

    def __init__(self, *args: Any, target: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.target = target

    @property
    def told(self) -> Told:
        """What was written."""
        given = self.cleaned_data
        return Told(
            symptom=Symptom(given["symptom"]),
            title=given["title"],
            signs=given["signs"],
            response=given["response"],
            call=given["call"],
        )

    def to_record(self) -> DescribeCrisis | RewordCrisis:
        """Return the crisis."""
        return DescribeCrisis(person_id=self.target, told=self.told)


class RewordForm(CrisisForm):
    """What is said otherwise; `target` is the crisis."""

    def to_record(self) -> RewordCrisis:
        """Return the other wording."""
        return RewordCrisis(crisis_id=self.target, version=self.cleaned_data["version"], told=self.told)


class PrescriptionForm(RecordForm):
    """A drug prescribed ahead; `replaces_id` is the prescription that it takes over."""

    drug = line("Médicament", required=True, help_text="Nom, forme et dosage : « morphine, ampoule de 10 mg/1 mL ».")
    dose = _number("Dose d’une prise")
    unit = forms.ChoiceField(label="Unité", choices=list(UNIT_LABELS.items()))
    route = forms.ChoiceField(label="Voie", choices=list(ROUTE_LABELS.items()))
    interval_hours = _number("Au moins combien d’heures entre deux prises", help_text="Une demi-heure s’écrit 0,5.")
    max_24h = _number("Maximum sur 24 heures", help_text="Dans la même unité que la dose.")
    givers = forms.MultipleChoiceField(
        label="Qui peut le donner", choices=list(GIVER_LABELS.items()), widget=forms.CheckboxSelectMultiple
    )
    place = line("Où il se trouve", required=True, help_text="Pièce, meuble, réfrigérateur, pharmacie…")
    starts_on = day("À partir du", initial=today)
    review_by = day("À réévaluer avant le")
    remark = _text(2, label="Précisions", required=False)

    def __init__(self, *args: Any, crisis_id: UUID, replaces_id: UUID | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.crisis_id, self.replaces_id = crisis_id, replaces_id

    def to_record(self) -> PrescribeAhead:
        """Return the prescription."""
        given = self.cleaned_data
        order = Order(
            drug=given["drug"].strip(),
            dose=given["dose"],
            unit=DoseUnit(given["unit"]),
            route=Route(given["route"]),
            interval_hours=given["interval_hours"],
            max_24h=given["max_24h"],
            givers=frozenset(map(Giver, given["givers"])),
            starts_on=given["starts_on"],
            review_by=given["review_by"],
            place=given["place"].strip(),
            remark=given["remark"].strip(),
        )
        return PrescribeAhead(crisis_id=self.crisis_id, order=order, replaces_id=self.replaces_id)


class HomeForm(RecordForm):
    """What was found where a drug should be."""

    found = forms.ChoiceField(label="Au domicile", choices=list(FOUND_LABELS.items()), widget=forms.RadioSelect)
    checked_on = day("Vérifié le", initial=today)
    expires_on = day("Date de péremption", required=False, help_text="Celle de la boîte, si elle est là.")
    note = line("Remarque", help_text="Par exemple le nombre d’ampoules.")

    def __init__(self, *args: Any, prescription_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prescription_id = prescription_id

    def to_record(self) -> CheckHome:
        """Return what was found."""
        given = self.cleaned_data
        return CheckHome(
            prescription_id=self.prescription_id,
            checked_on=given["checked_on"],
            found=Found(given["found"]),
            expires_on=given["expires_on"],
            note=given["note"],
        )


class StopForm(RecordForm):
    """A button: this prescription holds no more."""

    def __init__(self, *args: Any, prescription_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prescription_id = prescription_id

    def to_record(self) -> StopPrescription:
        """Return which prescription."""
        return StopPrescription(prescription_id=self.prescription_id, version=self.cleaned_data["version"])


class WithdrawForm(RecordForm):
    """A button: this is feared no more."""

    def __init__(self, *args: Any, crisis_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.crisis_id = crisis_id

    def to_record(self) -> WithdrawCrisis:
        """Return which crisis."""
        return WithdrawCrisis(crisis_id=self.crisis_id, version=self.cleaned_data["version"])
