"""Forms of collegial decisions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.clock import today
from accounts.kernel.form_fields import day, line, yes
from accounts.kernel.http import RecordForm
from ppa.collegial_decisions.records import (
    CancelDecision,
    Decide,
    EndDecision,
    NoteOpinion,
    NoteSearch,
    NoteTold,
    OpenDecision,
)
from ppa.collegial_decisions.states import (
    ASKED_BY_LABELS,
    AT_HER_REQUEST,
    GROUND_LABELS,
    GROUNDS,
    INFORMED_LABELS,
    RESULT_LABELS,
    STEP_LABELS,
    AskedBy,
    Ground,
    Informed,
    Kind,
    Result,
    Step,
)


def words(label: str, *, required: bool = True, **options: Any) -> forms.CharField:
    """Return some lines of text."""
    widget = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(label=label, required=required, max_length=100_000, widget=widget, **options)


class OpenForm(RecordForm):
    """The ground and the object of a decision of one kind."""

    ground = forms.ChoiceField(label="Motif", widget=forms.RadioSelect)
    about = words("De quoi s’agit-il ?", help_text="Les traitements, ou les volontés, dont il est question.")
    requested_on = day("Demande de la personne, le", required=False, help_text="Si la décision se prend à sa demande.")
    asked_by = forms.ChoiceField(
        label="Qui demande la procédure ?",
        choices=list(ASKED_BY_LABELS.items()),
        initial=AskedBy.PHYSICIAN,
        required=False,
        help_text="Demandée par la personne de confiance, à défaut par la famille ou un proche, elle est ouverte de droit.",
    )

    def __init__(self, *args: Any, person_id: UUID, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id, self.kind = person_id, kind
        ground: Any = self.fields["ground"]
        ground.choices = [(one, GROUND_LABELS[one]) for one in GROUNDS[kind]]
        if not AT_HER_REQUEST & set(GROUNDS[kind]):
            del self.fields["requested_on"]

    def to_record(self) -> OpenDecision:
        """Return the procedure to open."""
        given = self.cleaned_data
        return OpenDecision(
            person_id=self.person_id,
            kind=self.kind,
            ground=Ground(given["ground"]),
            about=given["about"],
            requested_on=given.get("requested_on"),
            asked_by=AskedBy(given["asked_by"] or AskedBy.PHYSICIAN),
        )


class _ForDecision(RecordForm):
    def __init__(self, *args: Any, decision_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decision_id = decision_id


class SearchForm(_ForDecision):
    """What one step of the search gave."""

    step = forms.ChoiceField(
        label="Où, ou auprès de qui ?", choices=list(STEP_LABELS.items()), widget=forms.RadioSelect
    )
    result = forms.ChoiceField(label="Réponse", choices=list(RESULT_LABELS.items()), widget=forms.RadioSelect)
    searched_on = day("Le", initial=today)
    note = line("Ce qui a été dit ou trouvé")

    def to_record(self) -> NoteSearch:
        """Return the step."""
        given = self.cleaned_data
        return NoteSearch(
            decision_id=self.decision_id,
            version=given["version"],
            step=Step(given["step"]),
            result=Result(given["result"]),
            searched_on=given["searched_on"],
            note=given["note"],
        )


class TellForm(_ForDecision):
    """Who was told that the procedure is under way."""

    told = forms.ChoiceField(
        label="Qui a été informé ?", choices=list(INFORMED_LABELS.items()), widget=forms.RadioSelect
    )
    name = line("Son nom")
    told_on = day("Le", initial=today)

    def to_record(self) -> NoteTold:
        """Return what is noted."""
        given = self.cleaned_data
        return NoteTold(
            decision_id=self.decision_id,
            version=given["version"],
            told=Informed(given["told"]),
            told_on=given["told_on"],
            name=given["name"],
        )


class OpinionForm(_ForDecision):
    """The opinion of a consultant physician; `heard`: the names of those who gave one already."""

    name = line("Médecin consultant", required=True)
    rpps = forms.RegexField(
        r"^[0-9]{11}$",
        label="Son numéro RPPS",
        required=False,
        help_text="Onze chiffres. Il dit sans doute possible de quel médecin il s’agit.",
        error_messages={"invalid": "Un numéro RPPS a onze chiffres."},
    )
    heard_before = forms.ChoiceField(
        label="A‑t‑il déjà donné un avis dans cette procédure ?",
        choices=[("no", "Non, c’est un autre médecin"), ("yes", "Oui, il complète son avis")],
        widget=forms.RadioSelect,
    )
    structure = line("Son lieu d’exercice")
    is_independent = yes("Il n’a pas de lien hiérarchique avec le médecin qui décide")
    opinion = words("Son avis motivé")
    given_on = day("Donné le", initial=today)
    asks_second = yes("Un second avis est demandé", help_text="Si l’un des deux médecins l’estime utile.")

    def __init__(self, *args: Any, heard: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if heard:
            self.fields["heard_before"].help_text = f"Avis déjà notés : {', '.join(heard)}."
        else:
            del self.fields["heard_before"]

    def to_record(self) -> NoteOpinion:
        """Return the opinion."""
        given = self.cleaned_data
        return NoteOpinion(
            decision_id=self.decision_id,
            version=given["version"],
            name=given["name"],
            rpps=given["rpps"],
            is_another=given.get("heard_before") == "no",
            structure=given["structure"],
            is_independent=given["is_independent"],
            opinion=given["opinion"],
            given_on=given["given_on"],
            asks_second=given["asks_second"],
        )


SEDATION_FIELDS = ("place", "has_pain_relief", "stops_life_support")


class DecideForm(_ForDecision):
    """The decision, its motives, who took part and who was told."""

    motives = words("Motifs de la décision")
    guardian_opinion = words(
        "Avis des parents, ou de la personne chargée de la protection",
        required=False,
        help_text="Pour une personne mineure, ou protégée avec représentation : qui, et ce qui a été dit.",
    )
    team = words("Équipe présente à la concertation", required=False, help_text="Noms et fonctions.")
    decided_on = day("Décidé le", initial=today)
    starts_on = day("Vaut à partir du", initial=today)
    informed = forms.ChoiceField(
        label="Qui a été informé ?", choices=list(INFORMED_LABELS.items()), widget=forms.RadioSelect
    )
    informed_name = line("Nom de la personne informée")
    informed_on = day("Informée le", required=False)
    place = line("Lieu de la sédation", help_text="Domicile, hôpital ou établissement médico-social.")
    has_pain_relief = yes("Un traitement de la douleur est associé")
    stops_life_support = yes("Les traitements de maintien en vie sont arrêtés")

    def __init__(self, *args: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind != Kind.DEEP_SEDATION:
            for name in SEDATION_FIELDS:
                del self.fields[name]

    def to_record(self) -> Decide:
        """Return the decision."""
        given = self.cleaned_data
        return Decide(
            decision_id=self.decision_id,
            version=given["version"],
            decided_on=given["decided_on"],
            motives=given["motives"],
            team=given["team"],
            guardian_opinion=given["guardian_opinion"],
            starts_on=given["starts_on"],
            informed=Informed(given["informed"]),
            informed_name=given["informed_name"],
            informed_on=given["informed_on"],
            **{name: given[name] for name in SEDATION_FIELDS if name in self.fields},
        )


class EndForm(_ForDecision):
    """From when it no longer holds."""

    ended_on = day("Fin, le", initial=today)
    note = line("Pourquoi")

    def to_record(self) -> EndDecision:
        """Return the end."""
        given = self.cleaned_data
        return EndDecision(
            decision_id=self.decision_id, version=given["version"], ended_on=given["ended_on"], note=given["note"]
        )


class CancelForm(_ForDecision):
    """Nothing to fill in."""

    def to_record(self) -> CancelDecision:
        """Return the procedure to give up."""
        return CancelDecision(decision_id=self.decision_id, version=self.cleaned_data["version"])
