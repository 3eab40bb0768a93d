"""Forms of a request: what is asked, of whom, with which agreement, and each answer of a structure."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django import forms

from accounts.access.states import CONSENT_MEANS_LABELS, ConsentMeans
from accounts.kernel.clock import PARIS, today
from accounts.kernel.form_fields import day, instant
from accounts.kernel.http import RecordForm
from pathway.referrals.records import (
    SECTION_LABELS,
    ChooseRecipients,
    CloseRequest,
    CreateDraft,
    DeclineLine,
    Dossier,
    LineStep,
    RequestSnapshot,
    RevokeRequest,
    SendToMoreWithConsent,
    SendWithConsent,
    UpdateDraft,
    WaitlistLine,
    WithdrawLine,
    WriteOnLine,
)
from pathway.referrals.rules import NEEDED_SECTIONS
from pathway.referrals.states import (
    DECLINE_LABELS,
    URGENCY_LABELS,
    WITHDRAW_LABELS,
    ClosingReason,
    DeclineReason,
    Urgency,
    WithdrawReason,
)
from pathway.structures.states import EXCLUSION_LABELS, KINDS, REFERRAL_KINDS, Exclusion, OfferKind

LEVELS = (
    ("1", "Niveau 1 : situation stable"),
    ("2", "Niveau 2 : complexité intermédiaire"),
    ("3", "Niveau 3 : situation complexe ou instable"),
)
KIND_CHOICES = [(str(kind), facts.long_label) for kind, facts in KINDS.items() if kind in REFERRAL_KINDS]
_UNSAID = (WithdrawReason.NOT_CHOSEN, WithdrawReason.REQUEST_REVOKED)
STATED_REASONS = [(str(code), text) for code, text in WITHDRAW_LABELS.items() if code not in _UNSAID]
_SHORT = {"place_now", "autonomy", "callback"}
_HELP = {
    "reason": "En quelques mots : c’est ce que la structure lit en premier.",
    "question": "Accueil, évaluation, soutien de l’équipe, répit…",
    "awareness": "Ce qui a été dit, et ce que la personne souhaite savoir ou ne pas savoir.",
    "callback": "La structure rappellera ce numéro.",
}


def _words(**options: Any) -> forms.CharField:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=20_000, **options)


class DraftForm(RecordForm):
    """What is asked and what is told: the minimum first, then what a structure reads once it may."""

    kind = forms.ChoiceField(label="Type de structure", choices=KIND_CHOICES)
    urgency = forms.ChoiceField(
        label="Quand", choices=list(URGENCY_LABELS.items()), initial=Urgency.URGENT, widget=forms.RadioSelect
    )
    level = forms.TypedChoiceField(label="Niveau de recours", choices=LEVELS, coerce=int, initial="2")
    answer_wanted_by = instant("Réponse souhaitée avant le", required=False)
    needs = forms.MultipleChoiceField(
        label="À savoir pour l’accueil",
        choices=list(EXCLUSION_LABELS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(
        self, *args: Any, person_id: UUID | None = None, request: RequestSnapshot | None = None, **kwargs: Any
    ) -> None:
        self.person_id, self.request_id = person_id, request.id if request else None
        super().__init__(*args, initial=_initial(request) if request else None, **kwargs)
        for name, label in SECTION_LABELS.items():
            widget = forms.TextInput() if name in _SHORT else forms.Textarea(attrs={"rows": 3})
            self.fields[name] = forms.CharField(
                label=label,
                help_text=_HELP.get(name, ""),
                widget=widget,
                required=name in NEEDED_SECTIONS,
                max_length=20_000,
            )

    @property
    def first_fields(self) -> list[forms.BoundField]:
        """The fields that say what is asked."""
        return [self[name] for name in ("kind", "urgency", "level", "answer_wanted_by", "reason", "question")]

    @property
    def minimum_fields(self) -> list[forms.BoundField]:
        """The rest of the minimum set."""
        return [self[name] for name in ("place_now", "needs")]

    @property
    def dossier_fields(self) -> list[forms.BoundField]:
        """What is read once the structure has the right to it."""
        return [self[name] for name in SECTION_LABELS if name not in ("reason", "question", "place_now")]

    def to_record(self) -> CreateDraft | UpdateDraft:
        """Return a new draft, or the new content of one."""
        given = self.cleaned_data
        content: dict[str, Any] = {
            "kind": OfferKind(given["kind"]),
            "urgency": Urgency(given["urgency"]),
            "level": given["level"],
            "answer_wanted_by": given["answer_wanted_by"],
            "needs": frozenset(Exclusion(need) for need in given["needs"]),
            "dossier": Dossier(**{name: given[name] for name in SECTION_LABELS}),
        }
        if self.request_id:
            return UpdateDraft(request_id=self.request_id, version=given["version"], **content)
        if self.person_id is None:
            raise TypeError("A new request needs its person.")
        return CreateDraft(person_id=self.person_id, **content)


def _initial(request: RequestSnapshot) -> dict[str, Any]:
    wanted = request.answer_wanted_by
    return {
        "version": request.version,
        "kind": request.kind,
        "urgency": request.urgency,
        "level": str(request.level),
        "answer_wanted_by": wanted.astimezone(PARIS) if wanted else None,
        "needs": sorted(request.needs),
        **asdict(request.dossier),
    }


class ChooseForm(RecordForm):
    """Which structures are asked; the page draws the boxes beside the reasons."""

    offers = forms.TypedMultipleChoiceField(label="Structures", coerce=UUID, required=False)

    def __init__(self, *args: Any, request_id: UUID, offers: dict[UUID, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request_id = request_id
        self.fields["offers"].choices = [(str(id), name) for id, name in offers.items()]  # type: ignore[attr-defined]

    @property
    def ticked(self) -> frozenset[str]:
        """The ids that are ticked now."""
        return frozenset(str(value) for value in self["offers"].value() or [])

    def to_record(self) -> ChooseRecipients:
        """Return the structures chosen for a draft."""
        given = self.cleaned_data
        return ChooseRecipients(
            request_id=self.request_id, version=given["version"], offer_ids=frozenset(given["offers"])
        )


class ConsentFields(RecordForm):
    """The person's agreement, as it was given."""

    consent_given_on = day("La personne a donné son accord le", initial=today)
    consent_means = forms.ChoiceField(label="Comment", choices=list(CONSENT_MEANS_LABELS.items()))
    informed = forms.BooleanField(
        label="La personne sait à quelles structures cette demande est envoyée, et elle est d’accord"
    )


class SendForm(ConsentFields):
    """Sending a draft."""

    def __init__(self, *args: Any, request_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request_id = request_id

    def to_record(self) -> SendWithConsent:
        """Return the sending with the agreement."""
        given = self.cleaned_data
        return SendWithConsent(
            request_id=self.request_id,
            version=given["version"],
            consent_given_on=given["consent_given_on"],
            consent_means=ConsentMeans(given["consent_means"]),
        )


class SendToMoreForm(ChooseForm, ConsentFields):
    """Asking further structures."""

    def to_record(self) -> SendToMoreWithConsent:  # type: ignore[override]  # (another command takes this form)
        """Return the further structures with the agreement."""
        given = self.cleaned_data
        return SendToMoreWithConsent(
            request_id=self.request_id,
            version=given["version"],
            offer_ids=frozenset(given["offers"]),
            consent_given_on=given["consent_given_on"],
            consent_means=ConsentMeans(given["consent_means"]),
        )


class RevokeForm(RecordForm):
    """Why the whole request ends before an admission."""

    reason = forms.ChoiceField(label="Pourquoi", choices=STATED_REASONS)

    def __init__(self, *args: Any, request_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request_id = request_id

    def to_record(self) -> RevokeRequest | CloseRequest:
        """Return the closing when the person went home, else the withdrawal."""
        given = self.cleaned_data
        if given["reason"] == WithdrawReason.RETURNED_HOME:
            return CloseRequest(
                request_id=self.request_id, version=given["version"], reason=ClosingReason.RETURNED_HOME
            )
        return RevokeRequest(
            request_id=self.request_id, version=given["version"], reason=WithdrawReason(given["reason"])
        )


class LineForm(RecordForm):
    """A step of a line that needs nothing more than a confirmation."""

    def __init__(self, *args: Any, line_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line_id = line_id

    def to_record(self) -> Any:
        """Return the plain step."""
        return LineStep(line_id=self.line_id, version=self.cleaned_data["version"])


class MessageForm(LineForm):
    """A question, an answer or a reminder."""

    text = _words(label="Votre message", required=False)

    def to_record(self) -> WriteOnLine:
        """Return the message."""
        given = self.cleaned_data
        return WriteOnLine(line_id=self.line_id, version=given["version"], text=given["text"])


class WaitlistForm(LineForm):
    """A place on the waiting list."""

    rank = forms.IntegerField(label="Rang sur la liste d’attente", min_value=1, initial=1)

    def to_record(self) -> WaitlistLine:
        """Return the place on the list."""
        given = self.cleaned_data
        return WaitlistLine(line_id=self.line_id, version=given["version"], rank=given["rank"])


class DeclineForm(LineForm):
    """Why it is not possible, and what could be tried."""

    reason = forms.ChoiceField(label="Pourquoi", choices=[("", "À choisir"), *DECLINE_LABELS.items()])
    alternative = forms.ChoiceField(
        label="Ce qui pourrait convenir", choices=[("", "Rien à proposer"), *KIND_CHOICES], required=False
    )
    note = _words(
        label="Un mot pour l’équipe qui demande",
        required=False,
        help_text="Une piste, un délai, un contact : cela aide à trouver une autre solution.",
    )

    def to_record(self) -> DeclineLine:
        """Return the answer."""
        given = self.cleaned_data
        return DeclineLine(
            line_id=self.line_id,
            version=given["version"],
            reason=DeclineReason(given["reason"]),
            note=given["note"],
            alternative=OfferKind(given["alternative"]) if given["alternative"] else None,
        )


class WithdrawForm(LineForm):
    """Why the request is taken back from one structure."""

    reason = forms.ChoiceField(label="Pourquoi", choices=STATED_REASONS)

    def to_record(self) -> WithdrawLine:
        """Return the withdrawal."""
        given = self.cleaned_data
        return WithdrawLine(line_id=self.line_id, version=given["version"], reason=WithdrawReason(given["reason"]))
