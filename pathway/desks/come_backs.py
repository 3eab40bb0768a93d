"""What comes back on its day, for the professionals and never for the person: what was put off, and drugs to look at again."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse

from accounts.kernel.actor import Actor
from accounts.people.queries import people_lines
from ppa.crises.queries import orders_to_review
from ppa.plans.queries import topics_to_offer_again
from ppa.trusted_persons.queries import designations_to_propose_again

DRUGS = "Prescriptions anticipées à réévaluer"
TOPICS = "Thèmes à reproposer"
TRUSTED = "Personne de confiance à reproposer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeBack:
    """One reason to come back to a person, since the first of its days; `about` names each thing."""

    person_id: UUID
    person_name: str
    why: str
    about: tuple[str, ...]
    since: date
    url: str

    @property
    def is_late(self) -> bool:
        """Tell whether care may suffer: what she put off herself is never late."""
        return self.why == DRUGS


def come_backs(actor: Actor) -> list[ComeBack]:
    """Return what the actor's circle has to come back to, one line a person and reason, the oldest day first."""
    due = [
        *((one.person_id, DRUGS, one.drug, one.review_by, "crises:index") for one in orders_to_review(actor=actor)),
        *(
            (one.person_id, TOPICS, one.title, one.come_back_on, "plans:page")
            for one in topics_to_offer_again(actor=actor)
        ),
        *(
            (one.person_id, TRUSTED, "", one.come_back_on, "trusted_persons:index")
            for one in designations_to_propose_again(actor=actor)
            if one.come_back_on
        ),
    ]
    people = people_lines(person_id for person_id, *_ in due)
    found: dict[tuple[UUID, str], ComeBack] = {}
    for person_id, why, about, day, page in due:
        before = found.get((person_id, why))
        named = (*(before.about if before else ()), *((about,) if about else ()))
        found[person_id, why] = ComeBack(
            person_id=person_id,
            person_name=people[person_id].name,
            why=why,
            about=tuple(dict.fromkeys(named)),
            since=before.since if before else day,
            url=reverse(page, args=[person_id]),
        )
    return sorted(found.values(), key=lambda one: (one.since, one.person_name, one.why))
