"""A collegial procedure as a Procedure: what was in question, who was heard, what was decided, on what ground.

The Procedure is the deliberation, not the treatment: it is completed when the decision is taken, and its
outcome says whether that decision still holds: its period ends on the day of the decision, and a note
says when the decision itself ended. Source: FHIR R4 Procedure; CSP R4127-37-2; ADR 0028.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from fhir_bridge.mappers.care_plan import said
from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, extension, identifier, moment, period, reference
from fhir_bridge.r4.systems import LOCAL_COLLEGIAL_DECISION, RPPS, SUPPORTING_INFO
from ppa.collegial_decisions.records import Decided, DecisionSnapshot
from ppa.collegial_decisions.rules import second_opinions
from ppa.collegial_decisions.states import (
    ASKED_BY_LABELS,
    DECISION,
    GROUND_LABELS,
    INFORMED_LABELS,
    RESULT_LABELS,
    STEP_LABELS,
    DecisionState,
    Kind,
)

STATUSES: Final[Mapping[DecisionState, str]] = {
    DecisionState.PREPARED: "in-progress",
    DecisionState.DECIDED: "completed",
    DecisionState.ENDED: "completed",
    DecisionState.CANCELLED: "stopped",
}
CODES: Final[Mapping[Kind, str]] = {
    Kind.NON_APPLICATION: "non-application",
    Kind.LIMITATION: "limitation",
    Kind.DEEP_SEDATION: "deep-sedation",
}


def to_resource(decision: DecisionSnapshot) -> Json:
    """Return one procedure, as far as it is."""
    code = (LOCAL_COLLEGIAL_DECISION, CODES[decision.kind])
    decided = decision.decided
    about = [reference(f"Consent/{decision.directive_id}")] if decision.directive_id else []
    return compact(
        resourceType="Procedure",
        id=str(decision.id),
        extension=[extension(SUPPORTING_INFO, valueReference=one) for one in about],
        status=STATUSES[decision.state],
        code=concept(coding(*code, code_list("local").display(*code))),
        subject=reference(f"Patient/{decision.person_id}"),
        performedPeriod=period(decision.opened_on, decided.decided_on if decided else None),
        performer=[*_decider(decision), *_consultants(decision), *_team(decision)],
        reasonCode=[concept(text=GROUND_LABELS[decision.ground])],
        outcome=concept(text=DECISION.label(decision.state)) if decided else None,
        note=[{"text": text} for text in _told(decision)] + _opinions(decision),
    )


def _decider(decision: DecisionSnapshot) -> Iterator[Json]:
    if decision.decided_by_id:
        place = f"Organization/{decision.organisation_id}" if decision.organisation_id else None
        yield compact(
            function=concept(text="Médecin qui décide"),
            actor=reference(f"Practitioner/{decision.decided_by_id}"),
            onBehalfOf=reference(place) if place else None,
        )


def _consultants(decision: DecisionSnapshot) -> Iterator[Json]:
    for one in decision.opinions:
        if said(one.name):
            is_second = one in second_opinions(decision.opinions)
            number = identifier(RPPS, one.rpps) if one.rpps else None
            yield compact(
                function=concept(text="Médecin consultant, second avis" if is_second else "Médecin consultant"),
                actor=reference(type_="Practitioner", identifier=number, display=said(one.name)),
                onBehalfOf=reference(type_="Organization", display=said(one.structure))
                if said(one.structure)
                else None,
            )


def _team(decision: DecisionSnapshot) -> Iterator[Json]:
    """Tell who took part in the concertation, as they were named: one line is one of them."""
    for line in (decision.decided.team if decision.decided else "").splitlines():
        if said(line):
            yield {"function": concept(text="Équipe de soins, concertation"), "actor": reference(display=said(line))}


def _opinions(decision: DecisionSnapshot) -> list[Json]:
    return [
        compact(authorString=said(one.name), time=moment(one.given_on), text=said(one.opinion))
        for one in decision.opinions
        if said(one.opinion)
    ]


def _told(decision: DecisionSnapshot) -> Iterator[str]:
    yield f"En question : {said(decision.about)}"
    if decision.requested_on:
        yield f"Demande de la personne : le {decision.requested_on:%d/%m/%Y}"
    yield f"Procédure demandée par : {ASKED_BY_LABELS[decision.asked_by]}"
    if decision.told:
        yield f"Informé de l’ouverture : {INFORMED_LABELS[decision.told.told]}, le {decision.told.told_on:%d/%m/%Y}"
    for one in decision.searches:
        yield f"Recherche des volontés, {STEP_LABELS[one.step]} : {RESULT_LABELS[one.result]}, le {one.searched_on:%d/%m/%Y}"
    for opinion in decision.opinions:
        if opinion.asks_second:
            yield f"Un second avis a été demandé le {opinion.given_on:%d/%m/%Y}"
    if decision.decided:
        yield f"Motifs : {said(decision.decided.motives)}"
        if said(decision.decided.guardian_opinion):
            yield f"Avis des parents, ou de la personne chargée de la protection : {said(decision.decided.guardian_opinion)}"
        yield f"Vaut à partir du {decision.decided.starts_on:%d/%m/%Y}"
        told_on = decision.decided.informed_on
        yield f"Informé : {INFORMED_LABELS[decision.decided.informed]}" + (
            f", le {told_on:%d/%m/%Y}" if told_on else ""
        )
        if decision.kind == Kind.DEEP_SEDATION:
            yield from _sedation(decision.decided)
    if decision.ended_on:
        ended = f"A pris fin le {decision.ended_on:%d/%m/%Y}"
        yield f"{ended} : {said(decision.end_note)}" if said(decision.end_note) else ended


def _sedation(decided: Decided) -> Iterator[str]:
    if said(decided.place):
        yield f"Lieu de la sédation : {said(decided.place)}"
    yield f"Traitement de la douleur associé : {'oui' if decided.has_pain_relief else 'non'}"
    yield f"Arrêt des traitements de maintien en vie : {'oui' if decided.stops_life_support else 'non'}"
