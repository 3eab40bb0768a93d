"""The paper of a collegial decision: what was in question, what was looked for, who was heard, what was decided and why.

Source: CSP R4127-37-2, R4127-37-3 (the reasons of the decision are kept in the record).
"""

from datetime import UTC, date, datetime, time

from accounts.kernel.written_days import written_day
from accounts.people.records import PersonSnapshot
from ppa.collegial_decisions.records import Decided, DecisionSnapshot
from ppa.collegial_decisions.rules import second_opinions
from ppa.collegial_decisions.states import (
    ASKED_BY_LABELS,
    DECISION,
    GROUND_LABELS,
    INFORMED_LABELS,
    KIND_LABELS,
    RESULT_LABELS,
    STEP_LABELS,
    Kind,
)
from ppa.sheets.paper import Part, Sheet, sheet_pdf


def decision_pdf(person: PersonSnapshot, decision: DecisionSnapshot) -> bytes:
    """Return the record of one decision, as far as it is; the same record gives the same bytes."""
    return sheet_pdf(
        Sheet(
            title="Décision collégiale",
            subtitle=KIND_LABELS[decision.kind],
            version=f"ouverte le {written_day(decision.opened_on)}, version {decision.version}",
            person=person,
            parts=(
                Part(title="La procédure", rows=tuple(_procedure(decision))),
                Part(title="Ce qui est en question", text=decision.about),
                _searches(decision),
                *_opinions(decision),
                *(_decided(decision.decided, decision.kind) if decision.decided else ()),
            ),
            made_at=datetime.combine(_last_day(decision), time(12), UTC),
        )
    )


def _procedure(decision: DecisionSnapshot) -> list[tuple[str, str]]:
    rows = [("État", DECISION.label(decision.state)), ("Situation", GROUND_LABELS[decision.ground])]
    if decision.requested_on:
        rows.append(("Demande de la personne", f"Le {written_day(decision.requested_on)}"))
    rows.append(("Demandée par", ASKED_BY_LABELS[decision.asked_by]))
    if decision.told:
        told = " : ".join(part for part in (INFORMED_LABELS[decision.told.told], decision.told.name) if part)
        rows.append(("Informé de l’ouverture", f"{told}, le {written_day(decision.told.told_on)}"))
    if decision.ended_on:
        ended = f"Le {written_day(decision.ended_on)}"
        rows.append(("Fin", f"{ended}. {decision.end_note}" if decision.end_note else ended))
    return rows


def _searches(decision: DecisionSnapshot) -> Part:
    rows = [
        (
            STEP_LABELS[one.step],
            " ".join(
                part for part in (f"{RESULT_LABELS[one.result]}, le {written_day(one.searched_on)}.", one.note) if part
            ),
        )
        for one in decision.searches
    ]
    return Part(
        title="Recherche des volontés de la personne",
        rows=tuple(rows),
        text="" if rows else "Aucune recherche n’est notée.",
    )


def _opinions(decision: DecisionSnapshot) -> list[Part]:
    second = second_opinions(decision.opinions)
    return [
        Part(
            title=f"{'Second avis' if one in second else 'Avis'} de {one.name}",
            help=", ".join(
                part
                for part in (
                    one.rpps and f"RPPS {one.rpps}",
                    one.structure,
                    f"le {written_day(one.given_on)}",
                    "un second avis est demandé" if one.asks_second else "",
                )
                if part
            ),
            text=one.opinion,
        )
        for one in decision.opinions
    ]


def _decided(decided: Decided, kind: Kind) -> list[Part]:
    told = " : ".join(part for part in (INFORMED_LABELS[decided.informed], decided.informed_name) if part)
    rows = [
        ("Décidée", f"Le {written_day(decided.decided_on)}" + (f", par {decided.by}" if decided.by else "")),
        ("Vaut à partir du", written_day(decided.starts_on)),
        ("Personne informée", f"{told}, le {written_day(decided.informed_on)}" if decided.informed_on else told),
    ]
    if kind == Kind.DEEP_SEDATION:
        rows += [
            ("Lieu de la sédation", decided.place),
            ("Traitement de la douleur associé", "Oui" if decided.has_pain_relief else "Non"),
            ("Arrêt des traitements de maintien en vie", "Oui" if decided.stops_life_support else "Non"),
        ]
    return [
        Part(title="La décision", rows=tuple(rows)),
        Part(title="Les motifs", text=decided.motives),
        *(
            [Part(title="Avis des parents, ou de la personne chargée de la protection", text=decided.guardian_opinion)]
            if decided.guardian_opinion
            else []
        ),
        *([Part(title="L’équipe présente", text=decided.team)] if decided.team else []),
    ]


def _last_day(decision: DecisionSnapshot) -> date:
    decided = decision.decided.decided_on if decision.decided else decision.opened_on
    return decision.ended_on or decided
