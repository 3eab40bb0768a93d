"""Forms of the acts on a coordination file."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.clock import today
from accounts.kernel.form_fields import day, line
from accounts.kernel.http import RecordForm
from pathway.cases.records import (
    AssignCase,
    CaseSnapshot,
    CloseCase,
    DeclineCase,
    HandOverCase,
    IncludeAndAssign,
    PlanNextAction,
    RecordLevel,
    SignalCase,
    StartCase,
)
from pathway.cases.states import (
    CLOSING_LABELS,
    LEVEL_LABELS,
    PHASE_LABELS,
    URGENCY_LABELS,
    ClosingReason,
    Phase,
    Urgency,
)


def _text(**options: Any) -> forms.CharField:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=100_000, **options)


class SignalForm(RecordForm):
    """Why the DAC is called, by whom, how soon."""

    reason = _text(
        label="Pourquoi demander l’appui du DAC ?", help_text="Ce qui rend la situation difficile aujourd’hui."
    )
    caller = forms.CharField(
        label="Qui appelle", required=False, max_length=200, help_text="Nom, fonction et téléphone pour vous répondre."
    )
    urgency = forms.ChoiceField(label="Dans quel délai ?", choices=list(URGENCY_LABELS.items()))

    def __init__(self, *args: Any, person_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id

    def to_record(self) -> SignalCase:
        """Return the request for support."""
        given = self.cleaned_data
        return SignalCase(
            person_id=self.person_id,
            reason=given["reason"],
            caller=given["caller"],
            urgency=Urgency(given["urgency"]),
        )


class CaseForm(RecordForm):
    """The common part: which file, read at which version. `colleagues` are the coordinators of its DAC, by id; `me` acts."""

    def __init__(
        self, *args: Any, case: CaseSnapshot, colleagues: dict[UUID, str], me: UUID | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, initial={"version": case.version, **self.prefill(case)}, **kwargs)
        self.case = case
        self.me = me
        if "coordinator" in self.fields:
            choices = [(str(one), name) for one, name in colleagues.items() if one != case.coordinator_id]
            self.fields["coordinator"].choices = choices  # type: ignore[attr-defined]  # (a ChoiceField)

    def prefill(self, case: CaseSnapshot) -> dict[str, Any]:
        """Return what the fields hold at first."""
        return {}


class IncludeForm(CaseForm):
    """The person's référent: whoever includes her, unless she chooses a colleague or leaves it for later."""

    coordinator = forms.ChoiceField(label="Référent du parcours", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = self.fields["coordinator"]
        named.choices = [*named.choices, ("", "À désigner plus tard")]  # type: ignore[attr-defined]  # (a ChoiceField)
        named.initial = str(self.me or "")

    def to_record(self) -> IncludeAndAssign:
        """Return the inclusion."""
        given = self.cleaned_data
        chosen = UUID(given["coordinator"]) if given["coordinator"] else None
        return IncludeAndAssign(case_id=self.case.id, version=given["version"], coordinator_id=chosen)


class DeclineForm(CaseForm):
    """Why not, and whom else to ask."""

    reason = _text(
        label="Pourquoi, et vers qui orienter ?", help_text="Ce texte est lu par la personne qui a fait la demande."
    )

    def to_record(self) -> DeclineCase:
        """Return the answer."""
        given = self.cleaned_data
        return DeclineCase(case_id=self.case.id, version=given["version"], reason=given["reason"])


class AssignForm(CaseForm):
    """Who becomes the référent."""

    coordinator = forms.ChoiceField(label="Référent du parcours")

    def to_record(self) -> AssignCase:
        """Return the assignment."""
        given = self.cleaned_data
        return AssignCase(case_id=self.case.id, version=given["version"], coordinator_id=UUID(given["coordinator"]))


class StartForm(CaseForm):
    """Nothing to fill."""

    def to_record(self) -> StartCase:
        """Return the beginning of the follow-up."""
        return StartCase(case_id=self.case.id, version=self.cleaned_data["version"])


class HandOverForm(CaseForm):
    """Who takes over, and what she must know."""

    coordinator = forms.ChoiceField(label="Qui prend le relais")
    note = _text(label="À savoir pour la suite", required=False)

    def to_record(self) -> HandOverCase:
        """Return the hand-over."""
        given = self.cleaned_data
        return HandOverCase(
            case_id=self.case.id,
            version=given["version"],
            coordinator_id=UUID(given["coordinator"]),
            note=given["note"],
        )


class LevelForm(CaseForm):
    """The level of gradation and what justifies it."""

    level = forms.TypedChoiceField(label="Niveau", choices=list(LEVEL_LABELS.items()), coerce=int)
    reason = _text(label="Ce qui justifie ce niveau")
    phase = forms.ChoiceField(
        label="Phase de la maladie", choices=[("", "Non précisée"), *PHASE_LABELS.items()], required=False
    )
    assessed_on = day("Date de l’évaluation", initial=today)

    def prefill(self, case: CaseSnapshot) -> dict[str, Any]:
        """Show the present level and phase."""
        return {"level": case.level or 1, "phase": case.phase or ""}

    def to_record(self) -> RecordLevel:
        """Return the assessment."""
        given = self.cleaned_data
        return RecordLevel(
            case_id=self.case.id,
            version=given["version"],
            level=given["level"],
            reason=given["reason"],
            assessed_on=given["assessed_on"],
            phase=Phase(given["phase"]) if given["phase"] else None,
        )


class NextActionForm(CaseForm):
    """What to do next and by when; both empty when it is done."""

    action = line("Prochaine action")
    due_on = day("Échéance", required=False, help_text="Videz les deux champs quand l’action est faite.")

    def prefill(self, case: CaseSnapshot) -> dict[str, Any]:
        """Show the present action."""
        return {"action": case.next_action, "due_on": case.due_on}

    def to_record(self) -> PlanNextAction:
        """Return the next action."""
        given = self.cleaned_data
        return PlanNextAction(
            case_id=self.case.id, version=given["version"], action=given["action"], due_on=given["due_on"]
        )


class CloseForm(CaseForm):
    """Why the support ends."""

    reason = forms.ChoiceField(
        label="Pourquoi le suivi se termine",
        choices=[choice for choice in CLOSING_LABELS.items() if choice[0] != ClosingReason.DEATH],
    )
    note = _text(label="Pour mémoire", required=False)

    def to_record(self) -> CloseCase:
        """Return the closing."""
        given = self.cleaned_data
        return CloseCase(
            case_id=self.case.id,
            version=given["version"],
            reason=ClosingReason(given["reason"]),
            note=given["note"],
        )
