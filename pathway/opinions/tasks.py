"""What closes a question without a hand: its term, an agreement taken back, a way out of the circle, a death, the end of the file."""

from datetime import date, timedelta
from uuid import UUID

from accounts.access.events import CircleChanged
from accounts.access.unit import ANY_VERSION, Unit
from accounts.access.withdrawal import on_withdrawal
from accounts.kernel.actor import system_actor
from accounts.kernel.clock import now
from accounts.kernel.errors import StaleVersion, TransitionRefused
from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer, scheduled
from accounts.people.closing import on_death
from pathway.cases.events import CaseClosed
from pathway.opinions.commands import lapse_opinion
from pathway.opinions.queries import open_opinions_of, open_opinions_outside_circle, opinions_past_their_term
from pathway.opinions.records import EndOpinion


@scheduled("opinions-lapse", every=timedelta(hours=1), label="Demandes d’avis restées sans réponse")
def lapse_opinions() -> int:
    """End the questions whose term is over; one that was answered meanwhile is left alone."""
    done = 0
    for opinion_id, version in list(opinions_past_their_term(at=now())):
        try:
            lapse_opinion(EndOpinion(opinion_id=opinion_id, version=version), by=system_actor("opinions-lapse"))
        except (StaleVersion, TransitionRefused):
            continue
        done += 1
    return done


@on_withdrawal("opinions")
def stop_after_withdrawal(person_id: UUID, organisation_ids: frozenset[UUID], run: Unit) -> None:
    """End the questions to structures that the person no longer agrees to."""
    for opinion_id in open_opinions_of(person_id=person_id, organisation_ids=organisation_ids):
        run(lapse_opinion, EndOpinion(opinion_id=opinion_id, version=ANY_VERSION))


@on_death("opinions")
def stop_after_death(person_id: UUID, died_on: date, run: Unit) -> None:
    """End the questions about a person who died."""
    for opinion_id in open_opinions_of(person_id=person_id):
        run(lapse_opinion, EndOpinion(opinion_id=opinion_id, version=ANY_VERSION), by=system_actor("death"))


@consumer("opinions-end", CaseClosed, label="Demandes d’avis des dossiers terminés", prompt=True)
def stop_with_the_file(event: StoredEvent) -> None:
    """End the questions about a file that is closed."""
    for opinion_id in open_opinions_of(case_id=event.aggregate_id):
        record = EndOpinion(opinion_id=opinion_id, version=ANY_VERSION)
        lapse_opinion(record, by=system_actor("opinions-end"))


@consumer("opinions-left", CircleChanged, label="Demandes d’avis dont le confrère a quitté le cercle", prompt=True)
def stop_with_the_membership(event: StoredEvent) -> None:
    """End the questions to whom somebody took out of the person's circle."""
    for opinion_id in open_opinions_outside_circle(event.aggregate_id):
        record = EndOpinion(opinion_id=opinion_id, version=ANY_VERSION)
        lapse_opinion(record, by=system_actor("opinions-left"))
