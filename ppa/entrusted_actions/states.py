"""The life of an action that was given to another structure, and what it says of the action in the plan."""

from collections.abc import Mapping
from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves
from ppa.plans.states import ActionStatus


class EntrustedState(StrEnum):
    """Where an action stands that was given to another structure."""

    GIVEN = "given"
    TAKEN = "taken"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class EntrustedMove(StrEnum):
    """What moves it: the first three are the structure's answers."""

    TAKE = "take"
    FINISH = "finish"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


S, M = EntrustedState, EntrustedMove

OPEN = (S.GIVEN, S.TAKEN)
"""States in which the structure still has something to do."""

ENTRUSTED = Lifecycle(
    name="entrusted_action",
    initial=S.GIVEN,
    labels={
        S.GIVEN: "Attend une réponse",
        S.TAKEN: "Prise en charge",
        S.DONE: "Faite",
        S.DECLINED: "Pas possible",
        S.WITHDRAWN: "Reprise",
    },
    moves=(
        moves(M.TAKE, [S.GIVEN], S.TAKEN, "Action prise en charge", "Nous nous en chargeons"),
        moves(M.FINISH, OPEN, S.DONE, "Action faite", "C’est fait"),
        moves(M.DECLINE, OPEN, S.DECLINED, "Action déclinée", "Ce n’est pas possible"),
        moves(M.WITHDRAW, OPEN, S.WITHDRAWN, "Action reprise", "Reprendre l’action"),
    ),
    deeds={
        "give": "Action confiée à une structure",
        "take_back": "Action rendue à la structure : le décès avait été noté par erreur",
    },
)

ANSWERS = (M.TAKE, M.FINISH, M.DECLINE)

IN_THE_PLAN: Mapping[EntrustedState, ActionStatus] = {
    S.TAKEN: ActionStatus.DOING,
    S.DONE: ActionStatus.DONE,
    S.DECLINED: ActionStatus.PLANNED,
    S.WITHDRAWN: ActionStatus.PLANNED,
}
"""How the action of the plan goes once the structure has answered; refused or taken back, it is left to do by somebody else."""
