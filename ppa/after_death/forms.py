"""Forms of the time after a death."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.kernel.clock import today
from accounts.kernel.form_fields import day, line, words
from accounts.kernel.http import RecordForm
from ppa.after_death.records import MoveContact, NoteContact, PlanContact, StateTellingWish, StopContacts
from ppa.after_death.states import NEWS_LABELS, OUTCOME_LABELS, Outcome


class WishForm(RecordForm):
    """What the person says of how her relatives are to be told."""

    by_whom = line("Qui prévient ses proches ?", help_text="Une personne, un proche, l’équipe.")
    words_chosen = words(
        "Avec quels mots, de quelle façon ?", help_text="Les mots de la personne, tels qu’elle les dit."
    )
    not_so = words("Ce qu’elle ne souhaite pas", help_text="Par exemple : pas la nuit, pas par message.")
    stated_on = day("Dit le", initial=today)

    def __init__(self, *args: Any, person_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id = person_id

    def to_record(self) -> StateTellingWish:
        """Return the statement."""
        given = self.cleaned_data
        return StateTellingWish(
            person_id=self.person_id,
            by_whom=given["by_whom"],
            words=given["words_chosen"],
            not_so=given["not_so"],
            stated_on=given["stated_on"],
        )


class NoteForm(RecordForm):
    """How a contact went."""

    outcome = forms.ChoiceField(label="Comment cela s’est-il passé ?", widget=forms.RadioSelect)
    happened_on = day("Le", initial=today)
    by_whom = line("Qui lui a parlé ?")
    note = words("Ce qu’il est utile de retenir")

    def __init__(self, *args: Any, contact_id: UUID, is_news: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contact_id = contact_id
        outcome: Any = self.fields["outcome"]
        outcome.choices = list((NEWS_LABELS if is_news else OUTCOME_LABELS).items())

    def to_record(self) -> NoteContact:
        """Return how it went."""
        given = self.cleaned_data
        return NoteContact(
            contact_id=self.contact_id,
            version=given["version"],
            outcome=Outcome(given["outcome"]),
            happened_on=given["happened_on"],
            by_whom=given["by_whom"],
            note=given["note"],
        )


class MoveForm(RecordForm):
    """Another day for a contact."""

    due_on = day("Nouveau jour")

    def __init__(self, *args: Any, contact_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contact_id = contact_id

    def to_record(self) -> MoveContact:
        """Return the day."""
        given = self.cleaned_data
        return MoveContact(contact_id=self.contact_id, version=given["version"], due_on=given["due_on"])


class PlanForm(RecordForm):
    """A day for one more contact."""

    due_on = day("Rappeler ce proche le")

    def __init__(self, *args: Any, person_id: UUID, relative_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id, self.relative_id = person_id, relative_id

    def to_record(self) -> PlanContact:
        """Return the contact to plan."""
        return PlanContact(person_id=self.person_id, relative_id=self.relative_id, due_on=self.cleaned_data["due_on"])


class StopForm(RecordForm):
    """Nothing to fill in."""

    def __init__(self, *args: Any, person_id: UUID, relative_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id, self.relative_id = person_id, relative_id

    def to_record(self) -> StopContacts:
        """Return whose contacts end."""
        return StopContacts(person_id=self.person_id, relative_id=self.relative_id)
