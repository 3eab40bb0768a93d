"""The life of one request for an opinion. Whatever ends it closes the file to who was asked."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class OpinionState(StrEnum):
    """Where a request for an opinion stands."""

    ASKED = "asked"
    ANSWERED = "answered"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class OpinionAction(StrEnum):
    """What moves it."""

    ANSWER = "answer"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"


S, A = OpinionState, OpinionAction

OPINION = Lifecycle(
    name="opinion",
    initial=S.ASKED,
    labels={
        S.ASKED: "Attend une réponse",
        S.ANSWERED: "Avis rendu",
        S.DECLINED: "Pas d’avis possible",
        S.WITHDRAWN: "Demande retirée",
        S.LAPSED: "Restée sans réponse",
    },
    moves=(
        moves(A.ANSWER, [S.ASKED], S.ANSWERED, "Avis rendu", "Rendre l’avis"),
        moves(A.DECLINE, [S.ASKED], S.DECLINED, "Avis non rendu", "Ne pas rendre d’avis"),
        moves(A.WITHDRAW, [S.ASKED], S.WITHDRAWN, "Demande d’avis retirée", "Retirer la demande"),
        moves(A.LAPSE, [S.ASKED], S.LAPSED, "Demande d’avis restée sans réponse", ""),
    ),
    deeds={"ask": "Avis demandé"},
)
