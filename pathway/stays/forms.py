"""Forms of stays: proposing a place, an arrival, a discharge, a death."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.clock import PARIS, now, today
from accounts.kernel.form_fields import day, instant
from accounts.kernel.http import RecordForm
from accounts.people.records import CorrectDeath
from accounts.people.states import DEATH_MISTAKE_LABELS, DeathMistake
from pathway.referrals.states import DESTINATION_LABELS, Destination
from pathway.stays.records import AdmitPerson, Discharge, LeaveStay, OpenStay, ProposePlace, RecordDeath


def _here_and_now() -> datetime:
    return now().astimezone(PARIS)


class ProposeForm(RecordForm):
    """From which day a place is proposed."""

    on = day("Place possible à partir du", initial=today)

    def __init__(self, *args: Any, line_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line_id = line_id

    def to_record(self) -> ProposePlace:
        """Return the proposal."""
        given = self.cleaned_data
        return ProposePlace(line_id=self.line_id, version=given["version"], on=given["on"])


class AdmitForm(RecordForm):
    """When the person of a request line came."""

    admitted_at = instant("La personne est arrivée le", initial=_here_and_now)

    def __init__(self, *args: Any, line_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line_id = line_id

    def to_record(self) -> AdmitPerson:
        """Return the admission."""
        given = self.cleaned_data
        return AdmitPerson(line_id=self.line_id, version=given["version"], admitted_at=given["admitted_at"])


class OpenForm(RecordForm):
    """An arrival without any request."""

    offer = forms.TypedChoiceField(label="Service ou équipe", coerce=UUID)
    admitted_at = instant("La personne est arrivée le", initial=_here_and_now)

    def __init__(self, *args: Any, person_id: UUID, offers: dict[UUID, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id
        self.fields["offer"].choices = [(str(id), name) for id, name in offers.items()]  # type: ignore[attr-defined]

    def to_record(self) -> OpenStay:
        """Return the new stay."""
        given = self.cleaned_data
        return OpenStay(person_id=self.person_id, offer_id=given["offer"], admitted_at=given["admitted_at"])


class StepForm(RecordForm):
    """A step of a stay that needs nothing more than a confirmation."""

    def __init__(self, *args: Any, stay_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stay_id = stay_id

    def to_record(self) -> LeaveStay | Discharge:
        """Return the step."""
        return LeaveStay(stay_id=self.stay_id, version=self.cleaned_data["version"])


class DischargeForm(StepForm):
    """Where the person goes."""

    ended_at = instant("Départ le", initial=_here_and_now)
    destination = forms.ChoiceField(
        label="La personne rejoint",
        choices=[(str(code), text) for code, text in DESTINATION_LABELS.items() if code != Destination.DIED],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="À transmettre",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=20_000,
        help_text="Ce qui est en place au retour, qui appeler.",
    )

    def to_record(self) -> Discharge:
        """Return the discharge."""
        given = self.cleaned_data
        return Discharge(
            stay_id=self.stay_id,
            version=given["version"],
            ended_at=given["ended_at"],
            destination=Destination(given["destination"]),
            note=given["note"],
        )


class DeathForm(RecordForm):
    """The day of a death, said twice: by its date and by a tick."""

    died_on = day("Date du décès", initial=today)
    is_sure = forms.BooleanField(label="Je confirme le décès de cette personne")

    def __init__(self, *args: Any, person_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id

    def to_record(self) -> RecordDeath:
        """Return the death."""
        return RecordDeath(person_id=self.person_id, died_on=self.cleaned_data["died_on"])


class CorrectDeathForm(RecordForm):
    """Why a death is taken back."""

    reason = forms.ChoiceField(
        label="D’où vient l’erreur ?", choices=list(DEATH_MISTAKE_LABELS.items()), widget=forms.RadioSelect
    )
    is_sure = forms.BooleanField(label="Je confirme que cette personne est vivante")

    def __init__(self, *args: Any, person_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id

    def to_record(self) -> CorrectDeath:
        """Return the correction."""
        return CorrectDeath(person_id=self.person_id, reason=DeathMistake(self.cleaned_data["reason"]))
