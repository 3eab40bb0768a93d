"""Shapes of what is typed about an alert."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms

from accounts.access.states import CONSENT_MEANS_LABELS, ConsentMeans
from accounts.kernel.clock import PARIS, today
from accounts.kernel.form_fields import day, instant, line
from accounts.kernel.http import RecordForm
from pathway.rapid_response.queries import TeamChoice
from pathway.rapid_response.records import (
    CallRapidResponse,
    CancelAlert,
    CloseAlert,
    DeclineAlert,
    FollowAlert,
    PauseAlert,
    PlanRelay,
    RaiseAlert,
    ResumeAlert,
)
from pathway.rapid_response.states import (
    CLOSE_LABELS,
    DECLINE_LABELS,
    PAUSE_LABELS,
    AlertAction,
    CloseReason,
    DeclineReason,
    PauseReason,
)

PALLIATIVE = {"yes": True, "no": False, "unknown": None}


class CallForm(RecordForm):
    """The call: the first question, what happens, where to call back, the person's agreement."""

    offer = forms.ChoiceField(label="Équipe rapide", widget=forms.RadioSelect)
    is_palliative = forms.ChoiceField(
        label="La situation est-elle palliative ?",
        choices=[("yes", "Oui"), ("unknown", "Je ne sais pas"), ("no", "Non")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="Ce qui se passe", widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
    callback_phone = forms.CharField(
        label="Vous rappeler au", max_length=25, widget=forms.TextInput(attrs={"type": "tel"})
    )
    place = line("Accès au domicile", help_text="Étage, code, chien, qui ouvre la porte…")
    agreed_on = day("La personne est d’accord pour cet appel, dit le")
    agreed_by = forms.ChoiceField(label="De quelle façon", choices=list(CONSENT_MEANS_LABELS.items()))

    def __init__(self, *args: Any, person_id: UUID, teams: list[TeamChoice], **kwargs: Any) -> None:
        first = {"agreed_on": today(), "offer": str(teams[0].offer_id) if teams else ""}
        super().__init__(*args, initial={**first, **kwargs.pop("initial", {})}, **kwargs)
        self.person_id = person_id
        self.fields["offer"].choices = [(str(team.offer_id), team.name) for team in teams]  # type: ignore[attr-defined]  # (a choice field)

    def to_record(self) -> CallRapidResponse:
        """Return the command's input."""
        given = self.cleaned_data
        return CallRapidResponse(
            alert=RaiseAlert(
                person_id=self.person_id,
                offer_id=UUID(given["offer"]),
                is_palliative=PALLIATIVE[given["is_palliative"]],
                reason=given["reason"],
                callback_phone=given["callback_phone"],
                place=given["place"],
            ),
            agreed_on=given["agreed_on"],
            agreed_by=ConsentMeans(given["agreed_by"]),
        )


class AlertForm(RecordForm):
    """A form about one alert."""

    def __init__(self, *args: Any, alert_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alert_id = alert_id


class FollowForm(AlertForm):
    """One step of the team, now or at the hour it happened."""

    action = forms.ChoiceField(
        choices=[(action, action) for action in AlertAction], widget=forms.HiddenInput, label="Étape"
    )
    at = forms.TimeField(
        label="À quelle heure",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        help_text="Vide : maintenant.",
    )

    def to_record(self) -> FollowAlert:
        """Return the command's input; an hour typed is one of today."""
        given = self.cleaned_data
        at = datetime.combine(today(), given["at"], tzinfo=PARIS) if given["at"] else None
        return FollowAlert(alert_id=self.alert_id, version=given["version"], action=AlertAction(given["action"]), at=at)


class DeclineForm(AlertForm):
    """Why the call goes elsewhere, and where."""

    reason = forms.ChoiceField(label="Pourquoi", choices=list(DECLINE_LABELS.items()), widget=forms.RadioSelect)
    instead = line("Vers qui se tourner", required=True)

    def to_record(self) -> DeclineAlert:
        """Return the command's input."""
        given = self.cleaned_data
        return DeclineAlert(
            alert_id=self.alert_id,
            version=given["version"],
            reason=DeclineReason(given["reason"]),
            instead=given["instead"],
        )


class CloseForm(AlertForm):
    """How the intervention ends."""

    reason = forms.ChoiceField(
        label="Comment l’intervention se termine", choices=list(CLOSE_LABELS.items()), widget=forms.RadioSelect
    )

    def to_record(self) -> CloseAlert:
        """Return the command's input."""
        given = self.cleaned_data
        return CloseAlert(alert_id=self.alert_id, version=given["version"], reason=CloseReason(given["reason"]))


class CancelForm(AlertForm):
    """Why the call is taken back."""

    reason = line("Pourquoi", required=True)

    def to_record(self) -> CancelAlert:
        """Return the command's input."""
        given = self.cleaned_data
        return CancelAlert(alert_id=self.alert_id, version=given["version"], reason=given["reason"])


class RelayForm(AlertForm):
    """Who takes over, from when."""

    offer = forms.ChoiceField(label="Qui prend le relais")
    from_at = instant("À partir du")
    fallback = line("Et si ce relais fait défaut")

    def __init__(self, *args: Any, offers: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["offer"].choices = [(str(key), name) for key, name in offers]  # type: ignore[attr-defined]  # (a choice field)

    def to_record(self) -> PlanRelay:
        """Return the command's input."""
        given = self.cleaned_data
        return PlanRelay(
            alert_id=self.alert_id,
            version=given["version"],
            offer_id=UUID(given["offer"]),
            from_at=given["from_at"],
            fallback=given["fallback"],
        )


class PauseForm(AlertForm):
    """Why the clock stands still."""

    reason = forms.ChoiceField(label="Pourquoi", choices=list(PAUSE_LABELS.items()), widget=forms.RadioSelect)

    def to_record(self) -> PauseAlert:
        """Return the command's input."""
        given = self.cleaned_data
        return PauseAlert(alert_id=self.alert_id, version=given["version"], reason=PauseReason(given["reason"]))


class ResumeForm(AlertForm):
    """The clock runs again."""

    def to_record(self) -> ResumeAlert:
        """Return the command's input."""
        return ResumeAlert(alert_id=self.alert_id, version=self.cleaned_data["version"])
