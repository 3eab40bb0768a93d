"""Where a coordination file stands, how urgent it is, why it ends."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class CaseState(StrEnum):
    """The life of a coordination file."""

    SIGNALLED = "signalled"
    INCLUDED = "included"
    ASSIGNED = "assigned"
    ACTIVE = "active"
    HANDED_OVER = "handed_over"
    CLOSED = "closed"
    DECLINED = "declined"


class CaseAction(StrEnum):
    """What a DAC may do with a file."""

    INCLUDE = "include"
    DECLINE = "decline"
    ASSIGN = "assign"
    START = "start"
    HAND_OVER = "hand_over"
    CLOSE = "close"


_S, _A = CaseState, CaseAction

CASE = Lifecycle(
    name="case",
    initial=_S.SIGNALLED,
    labels={
        _S.SIGNALLED: "À inclure",
        _S.INCLUDED: "Incluse, sans référent",
        _S.ASSIGNED: "Confiée",
        _S.ACTIVE: "Suivie",
        _S.HANDED_OVER: "Relais en cours",
        _S.CLOSED: "Close",
        _S.DECLINED: "Non retenue",
    },
    moves=(
        moves(_A.INCLUDE, [_S.SIGNALLED], _S.INCLUDED, "Entrée dans la file active du DAC", "Inclure"),
        moves(_A.DECLINE, [_S.SIGNALLED], _S.DECLINED, "Demande d’appui non retenue", "Ne pas retenir"),
        moves(_A.ASSIGN, [_S.INCLUDED, _S.ASSIGNED], _S.ASSIGNED, "Confiée à un référent", "Confier"),
        moves(_A.START, [_S.ASSIGNED, _S.HANDED_OVER], _S.ACTIVE, "Suivi commencé", "Commencer le suivi"),
        moves(_A.HAND_OVER, [_S.ACTIVE], _S.HANDED_OVER, "Relais passé à un autre référent", "Passer le relais"),
        moves(
            _A.CLOSE,
            [_S.SIGNALLED, _S.INCLUDED, _S.ASSIGNED, _S.ACTIVE, _S.HANDED_OVER],
            _S.CLOSED,
            "Suivi du DAC terminé",
            "Clore le dossier",
        ),
    ),
    deeds={
        "signal": "Appui du DAC demandé",
        "take_back": "Suivi du DAC repris : le décès avait été noté par erreur",
        "record_level": "Niveau de gradation évalué",
    },
)

FOLLOWED = frozenset({_S.INCLUDED, _S.ASSIGNED, _S.ACTIVE, _S.HANDED_OVER})
OPEN = FOLLOWED | {_S.SIGNALLED}


class Urgency(StrEnum):
    """How soon the caller needs an answer."""

    ROUTINE = "routine"
    SOON = "soon"
    URGENT = "urgent"


URGENCY_LABELS = {
    Urgency.ROUTINE: "Sans urgence particulière",
    Urgency.SOON: "Dans les jours qui viennent",
    Urgency.URGENT: "Sous 48 heures",
}


class Origin(StrEnum):
    """How a person came to the DAC."""

    PROPOSAL = "proposal"
    CALL = "call"


class ClosingReason(StrEnum):
    """Why the support of the DAC ends."""

    DEATH = "death"
    RECOVERY = "recovery"
    DECLINED = "declined"
    MOVED = "moved"
    OUT_OF_CRITERIA = "out_of_criteria"
    OTHER = "other"


CLOSING_LABELS = {
    ClosingReason.DEATH: "Décès de la personne",
    ClosingReason.RECOVERY: "Amélioration : l’appui n’est plus nécessaire",
    ClosingReason.DECLINED: "La personne ne souhaite plus cet appui",
    ClosingReason.MOVED: "Départ vers un autre territoire",
    ClosingReason.OUT_OF_CRITERIA: "La situation relève d’un autre appui",
    ClosingReason.OTHER: "Autre raison",
}


class Phase(StrEnum):
    """The phase of the illness, as the coordinator sees it. Source: PCOC phases."""

    STABLE = "stable"
    UNSTABLE = "unstable"
    DETERIORATING = "deteriorating"
    TERMINAL = "terminal"


PHASE_LABELS = {
    Phase.STABLE: "Stable",
    Phase.UNSTABLE: "Instable",
    Phase.DETERIORATING: "En aggravation",
    Phase.TERMINAL: "Fin de vie",
}

LEVEL_LABELS = {
    1: "Niveau 1 – situation stable, équipe habituelle",
    2: "Niveau 2 – complexité intermédiaire",
    3: "Niveau 3 – complexité élevée ou instable",
}
