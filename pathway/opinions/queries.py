"""Reading requests for an opinion: those of a person, those that wait for the actor, those that time has closed."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from accounts.access.circle import present
from accounts.access.gate import permit, scope
from accounts.access.models import SharingConsent
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound
from accounts.organisations.directory import colleagues_with_account, organisation_names, professional_names
from accounts.people.queries import people_lines
from accounts.people.records import FoundPerson
from pathway.opinions.models import Opinion
from pathway.opinions.records import OpinionSnapshot
from pathway.opinions.states import OpinionState

WAITING_SHOWN = 50


def opinions_of(person_id: UUID, *, actor: Actor) -> list[OpinionSnapshot]:
    """Return the opinions asked about a person, newest first."""
    permit(actor, Permission.OPINION_READ, Facts(type=Opinion.AGGREGATE, person_id=person_id))
    return _snapshots(opinion_rows(person_id))


@Rows
def opinion_rows() -> QuerySet[Opinion]:
    """Read the opinions asked about a person, newest first."""
    return Opinion.objects.filter(person_id=ASKED).order_by("-created_at", "-id")


def opinion_for(opinion_id: UUID, *, actor: Actor) -> OpinionSnapshot:
    """Return one request to an actor of the person's circle; raises `NotFound` otherwise."""
    row = Opinion.objects.filter(pk=opinion_id).first()
    if row is None:
        raise NotFound
    permit(actor, Permission.OPINION_READ, row.facts())
    return _snapshots([row])[0]


def opinions_awaited_from(actor: Actor) -> list[tuple[OpinionSnapshot, FoundPerson]]:
    """Return the questions that wait for the actor himself, with the person, the first to end first."""
    waiting = Opinion.objects.filter(
        scope(actor, Permission.OPINION_READ), expert_id=actor.professional_id, state=OpinionState.ASKED
    )
    found = _snapshots(waiting.order_by("until", "id")[:WAITING_SHOWN])
    people = people_lines(one.person_id for one in found)
    return [(one, people[one.person_id]) for one in found]


def askable(person_id: UUID, *, actor: Actor) -> dict[UUID, tuple[UUID, str]]:
    """Return who can be asked about a person: professional → (structure, name and structure).

    They work, with an account, for a structure of a standing agreement other than the actor's.
    The caller has asked the gate.
    """
    agreed = SharingConsent.objects.filter(person_id=person_id, withdrawn_on=None)
    structures = set(agreed.values_list("organisations", flat=True)) - actor.organisations - {None}
    colleagues = colleagues_with_account(structures)
    names, places = professional_names(set(colleagues)), organisation_names(structures)
    return {who: (where, f"{names[who]} – {places[where]}") for who, where in colleagues.items()}


def opinions_past_their_term(*, at: datetime) -> Iterator[tuple[UUID, int]]:
    """Yield the id and version of each open question whose term is over, unscoped: for the clock."""
    yield from _open_ones().filter(until__lte=at).values_list("id", "version")


def open_opinions_of(
    *, person_id: UUID | None = None, case_id: UUID | None = None, organisation_ids: Iterable[UUID] | None = None
) -> list[UUID]:
    """Return the ids of the open questions about a person or a file, to some structures when they are named; unscoped."""
    rows = _open_ones()
    if person_id is not None:
        rows = rows.filter(person_id=person_id)
    if case_id is not None:
        rows = rows.filter(case_id=case_id)
    if organisation_ids is not None:
        rows = rows.filter(expert_organisation_id__in=list(organisation_ids))
    return list(rows.values_list("id", flat=True))


def open_opinions_outside_circle(person_id: UUID) -> list[UUID]:
    """Return the ids of the open questions about a person whose expert is no longer in her circle; unscoped."""
    inside = present(person_id).filter(source_id=OuterRef("id"))
    return list(_open_ones().filter(~Exists(inside), person_id=person_id).values_list("id", flat=True))


def _open_ones() -> QuerySet[Opinion]:
    return Opinion.objects.filter(state=OpinionState.ASKED).order_by("until", "id")


def _snapshots(rows: Iterable[Opinion]) -> list[OpinionSnapshot]:
    kept = list(rows)
    people = professional_names({id for row in kept for id in (row.asker_id, row.expert_id) if id})
    places = organisation_names({id for row in kept for id in (row.organisation_id, row.expert_organisation_id)})
    return [
        OpinionSnapshot(
            id=row.id,
            version=row.version,
            person_id=row.person_id,
            state=OpinionState(row.state),
            asker=people.get(row.asker_id, "") if row.asker_id else "",
            organisation_id=row.organisation_id,
            organisation=places[row.organisation_id],
            expert_id=row.expert_id,
            expert=people[row.expert_id],
            expert_organisation=places[row.expert_organisation_id],
            question=row.question,
            answer=row.answer,
            asked_at=row.created_at,
            until=row.until,
        )
        for row in kept
    ]
