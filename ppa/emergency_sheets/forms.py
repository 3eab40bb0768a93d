"""Forms of the emergency sheet, each making the input of one command."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.clock import today
from accounts.kernel.form_fields import day, line, yes
from accounts.kernel.http import RecordForm
from ppa.emergency_sheets.records import Holder, NoteHolder, SignSheet, TakeBack, WithdrawSheet, WriteSheet, Written
from ppa.emergency_sheets.states import (
    HOLDER_LABELS,
    MEANS_LABELS,
    MEASURE_LABELS,
    PHASE_LABELS,
    SEDATION_LABELS,
    STANCE_LABELS,
    TRANSFER_LABELS,
    WITHDRAWAL_LABELS,
    HolderKind,
    Means,
    Measure,
    Phase,
    Sedation,
    Stance,
    Transfer,
    WithdrawalReason,
)

MOST_CHARACTERS = 100_000
BY_HAND = [(one, label) for one, label in WITHDRAWAL_LABELS.items() if one != WithdrawalReason.DEATH]


def _text(label: str, rows: int, *, required: bool = False, **options: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=MOST_CHARACTERS, widget=widget, **options)


def _choice(label: str, choices: Mapping[Any, str], **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=list(choices.items()), **options)


class WriteForm(RecordForm):
    """What a physician completes; the rest comes from the file. Each measure has a field of its own, by its code."""

    phase = _choice("Où en est la maladie ?", PHASE_LABELS, widget=forms.RadioSelect)
    illness = _text("Maladies", 2, help_text="L’essentiel, en quelques mots.")
    symptoms = _text("Symptômes attendus", 3)
    conduct = _text(
        "Conduite à tenir si la situation s’aggrave",
        5,
        help_text="Dans l’ordre. Six lignes tiennent sur la première page.",
    )
    goals = _text("Objectifs des soins", 2)
    comfort_only = yes("Soins de confort uniquement")
    sedation = _choice("Sédation en cas de détresse", SEDATION_LABELS)
    transfer = _choice("Transfert à l’hôpital", TRANSFER_LABELS)
    transfer_to = line("Service qui la connaît", help_text="Le nom du service, et son numéro direct.")
    devices = _text("Matériel au domicile", 2, help_text="Oxygène, pompe, chambre implantable…")
    call = _text("Qui appeler, dans quel ordre", 2)
    comments = _text("Commentaires", 3, help_text="Ils s’impriment sur la page suivante.")

    def __init__(self, *args: Any, person_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id
        for measure, label in MEASURE_LABELS.items():
            self.fields[measure] = _choice(label, STANCE_LABELS, required=False)
        self.order_fields(
            [
                "phase",
                "illness",
                "symptoms",
                "conduct",
                "goals",
                "comfort_only",
                *MEASURE_LABELS,
                "sedation",
                "transfer",
            ]
        )

    def to_record(self) -> WriteSheet:
        """Return what was written."""
        given = self.cleaned_data
        said = {measure: Stance(given[measure] or Stance.UNSAID) for measure in Measure}
        texts = ("illness", "symptoms", "goals", "conduct", "transfer_to", "devices", "call", "comments")
        written = Written(
            phase=Phase(given["phase"]),
            comfort_only=given["comfort_only"],
            measures={measure: stance for measure, stance in said.items() if stance != Stance.UNSAID},
            sedation=Sedation(given["sedation"]),
            transfer=Transfer(given["transfer"]),
            **{name: given[name].strip() for name in texts},
        )
        return WriteSheet(person_id=self.person_id, version=given["version"], written=written)


def initial_of(written: Written) -> dict[str, Any]:
    """Return the first values of a `WriteForm`."""
    names = ("phase", "illness", "symptoms", "goals", "conduct", "comfort_only", "sedation", "transfer", "transfer_to", "devices", "call", "comments")  # fmt: skip
    return {
        **{name: getattr(written, name) for name in names},
        **{str(one): said for one, said in written.measures.items()},
    }


class SheetForm(RecordForm):
    """The base of what is done with a sheet; `target` is its id."""

    def __init__(self, *args: Any, target: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.target = target


class SignForm(SheetForm):
    """A signature of what was shown."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def to_record(self) -> SignSheet:
        """Return what is signed."""
        return SignSheet(sheet_id=self.target, version=self.cleaned_data["version"], digest=self.cleaned_data["digest"])


class HolderForm(SheetForm):
    """Who was given the last signed version."""

    kind = _choice("Qui a maintenant la fiche ?", HOLDER_LABELS, widget=forms.RadioSelect)
    departement = line("Département du SAMU", help_text="Pour un SAMU : 21, 2A, 971…")
    name = line("Nom ou endroit", help_text="L’équipe, le professionnel, ou « enveloppe sur le réfrigérateur ».")
    phone = line("Son téléphone", help_text="Pour prévenir quand une nouvelle version la remplace.")
    means = _choice("Par quel moyen", MEANS_LABELS)
    who = line("Qui l’a fait", required=True, help_text="La fiche n’est jamais envoyée toute seule.")
    done_on = day("Le", initial=today)

    def to_record(self) -> NoteHolder:
        """Return the holder."""
        given = self.cleaned_data
        return NoteHolder(
            sheet_id=self.target,
            version=given["version"],
            kind=HolderKind(given["kind"]),
            name=given["name"],
            departement=given["departement"],
            phone=given["phone"],
            means=Means(given["means"]),
            who=given["who"],
            done_on=given["done_on"],
        )


class RenewForm(SheetForm):
    """A holder was given the new version in the place of his."""

    means = _choice("Par quel moyen", MEANS_LABELS)
    who = line("Qui l’a fait", required=True)
    done_on = day("Le", initial=today)

    def __init__(self, *args: Any, holder: Holder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.holder = holder
        self.fields["means"].initial = holder.means

    def to_record(self) -> NoteHolder:
        """Return the same holder, with the last version."""
        given, held = self.cleaned_data, self.holder
        return NoteHolder(
            sheet_id=self.target,
            version=given["version"],
            kind=held.kind,
            name=held.name,
            departement=held.departement,
            phone=held.phone,
            means=Means(given["means"]),
            who=given["who"],
            done_on=given["done_on"],
            holder_id=held.id,
        )


class TakeBackForm(SheetForm):
    """A holder has no copy any more."""

    who = line("Qui l’a reprise ou détruite", required=True)
    done_on = day("Le", initial=today)

    def __init__(self, *args: Any, holder_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.holder_id = holder_id

    def to_record(self) -> TakeBack:
        """Return whose copy."""
        given = self.cleaned_data
        return TakeBack(
            sheet_id=self.target,
            version=given["version"],
            holder_id=self.holder_id,
            who=given["who"],
            done_on=given["done_on"],
        )


class WithdrawForm(SheetForm):
    """Why the sheet speaks no more."""

    reason = forms.ChoiceField(label="Pourquoi la retirer ?", choices=BY_HAND)

    def to_record(self) -> WithdrawSheet:
        """Return the reason."""
        given = self.cleaned_data
        return WithdrawSheet(sheet_id=self.target, version=given["version"], reason=WithdrawalReason(given["reason"]))


class CodeForm(forms.Form):
    """What a phone reads on a paper, to be checked without opening anything."""

    code = forms.CharField(
        label="Texte du code",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Scannez le code de la fiche et collez ici le texte entier.",
    )
