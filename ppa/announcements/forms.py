"""Forms of the announcement, of the proposal of a plan and of the person's answer."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.clock import today
from accounts.kernel.form_fields import day, line
from accounts.kernel.http import RecordForm
from ppa.announcements.records import ANSWER_LABELS, Announce, Answer, AnswerProposal, ProposePlan, RecordAnnouncement
from ppa.announcements.states import TRIGGER_LABELS, Trigger


def _text(**options: Any) -> forms.CharField:
    return forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False, max_length=100_000, **options)


class AnnounceForm(RecordForm):
    """What was announced, and whether a plan was proposed the same day or later."""

    trigger = forms.ChoiceField(label="De quoi s’agit-il ?", choices=list(TRIGGER_LABELS.items()))
    announced_on = day("Date de l’annonce", initial=today)
    diagnosis_label = line("Diagnostic annoncé", help_text="Avec les mots employés pour la personne.")
    diagnosis_code = forms.CharField(
        label="Code CIM-10",
        required=False,
        max_length=10,
        help_text="Par exemple C34.1 ; il peut être ajouté sans le libellé.",
    )
    present = _text(label="Personnes présentes", help_text="Qui entourait la personne ce jour-là.")
    knows = _text(label="Ce que la personne a compris", help_text="Avec ses propres mots, si possible.")
    wishes_to_know = _text(
        label="Ce qu’elle souhaite savoir",
        help_text="Ne pas vouloir savoir est aussi un souhait : notez-le simplement.",
    )
    proposed_on = day(
        "Date de la proposition d’un plan personnalisé",
        required=False,
        help_text="Laissez vide si le plan n’a pas encore été proposé : ce pourra être un autre jour.",
    )

    def __init__(self, *args: Any, person_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id

    def to_record(self) -> Announce:
        """Return the announcement and the day of the proposal."""
        given = self.cleaned_data
        return Announce(
            announcement=RecordAnnouncement(
                person_id=self.person_id,
                trigger=Trigger(given["trigger"]),
                announced_on=given["announced_on"],
                diagnosis_code=given["diagnosis_code"],
                diagnosis_label=given["diagnosis_label"],
                present=given["present"],
                knows=given["knows"],
                wishes_to_know=given["wishes_to_know"],
            ),
            proposed_on=given["proposed_on"],
        )


class ProposeForm(RecordForm):
    """The day on which a plan was proposed."""

    proposed_on = day("Date de la proposition", initial=today)

    def __init__(self, *args: Any, announcement_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.announcement_id = announcement_id

    def to_record(self) -> ProposePlan:
        """Return the proposal."""
        return ProposePlan(announcement_id=self.announcement_id, proposed_on=self.cleaned_data["proposed_on"])


class AnswerForm(RecordForm):
    """What the person answers; every answer is normal and may change."""

    answer = forms.ChoiceField(
        label="Réponse de la personne", choices=list(ANSWER_LABELS.items()), widget=forms.RadioSelect
    )
    answered_on = day("Date de la réponse", initial=today)
    come_back_on = day("En reparler le", required=False, help_text="Seulement pour « pas maintenant ».")
    reason = _text(label="Ce qu’elle en dit", help_text="Rien n’oblige la personne à donner une raison.")

    def __init__(self, *args: Any, proposal_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposal_id = proposal_id

    @classmethod
    def accepted_today(cls, *, proposal_id: UUID, version: int) -> "AnswerForm":
        """Return the ordinary answer as one button, with nothing to fill in."""
        given = {"answer": Answer.ACCEPTED, "version": version}
        form = cls(proposal_id=proposal_id, initial=given, auto_id="accepted_%s")
        for name in ("come_back_on", "reason"):
            del form.fields[name]
        for name in ("answer", "answered_on"):
            form.fields[name].widget = forms.HiddenInput()
        return form

    def to_record(self) -> AnswerProposal:
        """Return the answer."""
        given = self.cleaned_data
        return AnswerProposal(
            proposal_id=self.proposal_id,
            version=given["version"],
            answer=Answer(given["answer"]),
            answered_on=given["answered_on"],
            come_back_on=given["come_back_on"],
            reason=given["reason"],
        )
