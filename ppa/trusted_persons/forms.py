"""Forms of the trusted person: proposal, designation, signatures, end."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from accounts.documents.forms import NewFileField
from accounts.kernel.clock import today
from accounts.kernel.form_fields import day, line, words, yes
from accounts.kernel.http import RecordForm
from accounts.people.records import Contact, RecordRelative, RelativeSnapshot
from accounts.people.states import RELATION_LABELS
from ppa.directives.forms import WITNESSES_TOLD, ProtectionField
from ppa.directives.records import Witness
from ppa.trusted_persons.records import (
    LASTING_SINCE,
    AnswerProposal,
    ConfirmDuration,
    DesignateNewRelative,
    DesignateTrustedPerson,
    EndDesignation,
    Leave,
    ProposeTrustedPerson,
    ResumeDesignation,
    Signatures,
    SignDesignation,
    WithdrawDesignation,
)
from ppa.trusted_persons.states import (
    DURATION_LABELS,
    END_MEANS_LABELS,
    SCOPE_LABELS,
    Action,
    Duration,
    EndMeans,
    Scope,
)

NEW_RELATIVE = "new"
ENDINGS = {
    Action.REVOKE: "La personne révoque la désignation",
    Action.RENOUNCE: "La personne de confiance renonce",
    Action.SUSPEND: "Le juge suspend la désignation",
}


class ProposeForm(RecordForm):
    """The person was told that she may designate somebody."""

    proposed_on = day("Date de la proposition", initial=today)

    def __init__(self, *args: Any, person_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id

    def to_record(self) -> ProposeTrustedPerson:
        """Return the proposal."""
        return ProposeTrustedPerson(person_id=self.person_id, proposed_on=self.cleaned_data["proposed_on"])


class _SignatureFields(forms.Form):
    person_signed_on = day("Signature de la personne accompagnée, le", required=False)
    trusted_signed_on = day("Signature de la personne de confiance, le", required=False)
    trusted_is_adult = yes(
        "La personne de confiance est majeure", help_text="À cocher si sa date de naissance n’est pas connue."
    )
    authority = line(
        "Autorisation donnée par",
        help_text="Juge ou conseil de famille, pour une personne protégée avec représentation.",
    )
    authorised_on = day("Date de l’autorisation", required=False)
    file = NewFileField(
        title="Désignation de la personne de confiance",
        label="Le document signé",
        required=False,
        help_text="PDF, ou photo en JPEG ou PNG, 20 Mo au plus.",
    )

    def signatures(self) -> Signatures:
        """Return the days that were given."""
        given = self.cleaned_data
        return Signatures(person_signed_on=given["person_signed_on"], trusted_signed_on=given["trusted_signed_on"])

    def leave(self) -> Leave | None:
        """Return the judge's leave once its author and its date are both there."""
        given = self.cleaned_data
        if not (given["authority"].strip() and given["authorised_on"]):
            return None
        return Leave(authority=given["authority"].strip(), given_on=given["authorised_on"])


class _WitnessFields(forms.Form):
    witness_1_name = line(
        "Premier témoin : nom et prénom",
        help_text=f"La date de signature de la personne est alors celle de l’attestation, jointe au document. {WITNESSES_TOLD}",
    )
    witness_1_capacity = line("Premier témoin : sa qualité", help_text="Par exemple voisine, infirmier.")
    witness_2_name = line("Second témoin : nom et prénom")
    witness_2_capacity = line("Second témoin : sa qualité")

    def witnesses(self) -> tuple[Witness, ...]:
        """Return the witnesses that are named."""
        given = self.cleaned_data
        pairs = [(given[f"witness_{one}_name"], given[f"witness_{one}_capacity"]) for one in (1, 2)]
        return tuple(
            Witness(name=name.strip(), capacity=capacity.strip()) for name, capacity in pairs if name or capacity
        )


class DesignateForm(ProtectionField, _SignatureFields, _WitnessFields, RecordForm):
    """Somebody the person chose among those round her, or somebody new."""

    relative = forms.ChoiceField(
        label="Qui la personne a-t-elle choisi ?",
        widget=forms.RadioSelect,
        help_text="Dites à la personne choisie que son nom et ses coordonnées sont notés dans ce dossier.",
    )
    family = line("Nom")
    given = line("Prénom")
    relation = forms.ChoiceField(
        label="Lien avec la personne", choices=[("", "Choisir"), *RELATION_LABELS.items()], required=False
    )
    birth_date = day("Date de naissance", required=False)
    phone = line("Téléphone")
    duration = forms.ChoiceField(
        label="Datée d’avant avril 2024 : valable pour le séjour seulement ?",
        choices=[("", "Sans objet, ou à préciser"), *DURATION_LABELS.items()],
        required=False,
        help_text="Avant avril 2024, une désignation faite à l’hôpital pouvait ne valoir que pour le séjour.",
    )
    awaits_signature = yes(
        "Une signature viendra plus tard", help_text="La désignation sera gardée et comptera avec les deux signatures."
    )
    scope = forms.ChoiceField(label="Pour quoi ?", choices=list(SCOPE_LABELS.items()), initial=Scope.ALL)
    knows_wishes = yes("La personne de confiance connaît ses souhaits")
    holds_copy = yes("Elle a une copie des directives anticipées")
    limits = words("Limites posées par la personne", rows=2)

    def __init__(
        self,
        *args: Any,
        person_id: UUID,
        relatives: Sequence[RelativeSnapshot],
        representatives: Sequence[RelativeSnapshot] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id
        self.tell_represented(representatives)
        known = [(str(one.id), f"{one.given} {one.family} ({one.relation_label})") for one in relatives if one.active]
        choices: Any = self.fields["relative"]
        choices.choices = [*known, (NEW_RELATIVE, "Quelqu’un d’autre, à ajouter")]
        if not known:
            choices.initial = NEW_RELATIVE

    @property
    def is_new(self) -> bool:
        """Tell whether the person chose somebody who is not recorded yet."""
        return bool(self.cleaned_data["relative"] == NEW_RELATIVE)

    def clean(self) -> dict[str, Any]:
        """Ask for the names and the link of somebody new."""
        given = super().clean() or self.cleaned_data
        if given.get("relative") == NEW_RELATIVE:
            for name in ("family", "given", "relation"):
                if not given.get(name):
                    self.add_error(name, "Indiquez le nom, le prénom et le lien de la personne choisie.")
        signed_on = given.get("person_signed_on")
        if signed_on and signed_on < LASTING_SINCE and not given.get("duration"):
            self.add_error(
                "duration", "Ce document date d’avant avril 2024 : dites s’il valait pour le séjour seulement."
            )
        return given

    def groups(self) -> list[dict[str, Any]]:
        """Return the parts of the page with their fields; what few designations need is folded until it is filled."""
        return [
            self._group("La personne choisie", "relative"),
            self._group(
                "Si elle n’est pas dans la liste", "family", "given", "relation", "birth_date", "phone", folded=True
            ),
            self._group(
                "Les deux signatures",
                "person_signed_on", "trusted_signed_on", "duration", "awaits_signature", "trusted_is_adult", "file",
            ),
            self._group("La personne ne peut pas écrire", *_WitnessFields.base_fields, folded=True),
            self._group("Son rôle", "scope", "knows_wishes", "holds_copy", "limits"),
            self._group("Mesure de protection", "is_protected", "authority", "authorised_on", folded=True),
        ]  # fmt: skip

    def _group(self, title: str, *names: str, folded: bool = False) -> dict[str, Any]:
        fields = [self[name] for name in names]
        only_new = names[0] == "family" and self.fields["relative"].initial == NEW_RELATIVE
        is_open = only_new or any(field.errors or field.value() for field in fields)
        return {"title": title, "fields": fields, "folded": folded, "is_open": is_open}

    def to_record(self) -> DesignateTrustedPerson | DesignateNewRelative:
        """Return the designation, with the new relative when there is one."""
        given = self.cleaned_data
        designation = DesignateTrustedPerson(
            person_id=self.person_id,
            relative_id=self.person_id if self.is_new else UUID(given["relative"]),
            signatures=self.signatures(),
            awaits_signature=given["awaits_signature"],
            scope=Scope(given["scope"]),
            limits=given["limits"],
            knows_wishes=given["knows_wishes"],
            holds_copy=given["holds_copy"],
            trusted_is_adult=given["trusted_is_adult"],
            is_protected=given["is_protected"],
            leave=self.leave(),
            file=given["file"],
            duration=Duration(given["duration"] or Duration.UNKNOWN),
            witnesses=self.witnesses(),
        )
        if not self.is_new:
            return designation
        relative = RecordRelative(
            person_id=self.person_id,
            family=given["family"],
            given=given["given"],
            relation=given["relation"],
            birth_date=given["birth_date"],
            contact=Contact(phones=(given["phone"],) if given["phone"] else ()),
        )
        return DesignateNewRelative(relative=relative, designation=designation)


class _ForDesignation(RecordForm):
    def __init__(self, *args: Any, designation_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.designation_id = designation_id


class AnswerForm(_ForDesignation):
    """« Pas maintenant », and when to speak of it again."""

    answered_on = day("Date de la réponse", initial=today)
    come_back_on = day("En reparler le", required=False)

    def to_record(self) -> AnswerProposal:
        """Return the answer."""
        given = self.cleaned_data
        return AnswerProposal(
            designation_id=self.designation_id,
            version=given["version"],
            answered_on=given["answered_on"],
            come_back_on=given["come_back_on"],
        )


class ProposeAgainForm(_ForDesignation):
    """The subject is taken up again today; nothing to fill in."""

    def to_record(self) -> AnswerProposal:
        """Return the new proposal."""
        return AnswerProposal(
            designation_id=self.designation_id,
            version=self.cleaned_data["version"],
            answered_on=today(),
            declines=False,
        )


class SignForm(_ForDesignation, ProtectionField, _SignatureFields, _WitnessFields):
    """The signatures that were missing."""

    field_order = [
        "person_signed_on", "trusted_signed_on", "trusted_is_adult", "file", *_WitnessFields.base_fields,
        "is_protected", "authority", "authorised_on",
    ]  # fmt: skip

    def __init__(self, *args: Any, representatives: Sequence[RelativeSnapshot] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tell_represented(representatives)

    def to_record(self) -> SignDesignation:
        """Return the signatures."""
        given = self.cleaned_data
        return SignDesignation(
            designation_id=self.designation_id,
            version=given["version"],
            signatures=self.signatures(),
            trusted_is_adult=given["trusted_is_adult"],
            is_protected=given["is_protected"],
            leave=self.leave(),
            file=given["file"],
            witnesses=self.witnesses(),
        )


class EndForm(_ForDesignation):
    """Who ends the designation, when, how, and who received it."""

    action = forms.ChoiceField(label="Que se passe-t-il ?", choices=list(ENDINGS.items()), widget=forms.RadioSelect)
    ended_on = day("Date", initial=today)
    means = forms.ChoiceField(label="Comment ?", choices=list(END_MEANS_LABELS.items()))
    received_by = line("Qui l’a reçue", required=True, help_text="Nom et fonction.")

    def to_record(self) -> EndDesignation:
        """Return the end."""
        given = self.cleaned_data
        return EndDesignation(
            designation_id=self.designation_id,
            version=given["version"],
            action=Action(given["action"]),
            ended_on=given["ended_on"],
            means=EndMeans(given["means"]),
            received_by=given["received_by"],
        )


class ResumeForm(_ForDesignation):
    """The judge gives the role back."""

    resumed_on = day("Date de la décision", initial=today)

    def to_record(self) -> ResumeDesignation:
        """Return the decision."""
        given = self.cleaned_data
        return ResumeDesignation(
            designation_id=self.designation_id, version=given["version"], resumed_on=given["resumed_on"]
        )


class WithdrawForm(_ForDesignation):
    """The record was a mistake, and why."""

    why = words(
        "Pourquoi est-ce une erreur ?",
        rows=2,
        required=True,
        help_text="Par exemple le document d’une autre personne, ou un proche noté à la place d’un autre.",
    )

    def to_record(self) -> WithdrawDesignation:
        """Return the withdrawal."""
        given = self.cleaned_data
        return WithdrawDesignation(designation_id=self.designation_id, version=given["version"], why=given["why"])


class DurationForm(_ForDesignation):
    """For how long an older designation was meant."""

    duration = forms.ChoiceField(
        label="Pour combien de temps ?",
        choices=[(one, DURATION_LABELS[one]) for one in (Duration.LASTING, Duration.STAY_ONLY)],
        widget=forms.RadioSelect,
    )

    def to_record(self) -> ConfirmDuration:
        """Return the answer."""
        return ConfirmDuration(
            designation_id=self.designation_id,
            version=self.cleaned_data["version"],
            duration=Duration(self.cleaned_data["duration"]),
        )
