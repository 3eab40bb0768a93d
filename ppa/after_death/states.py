"""How a contact with a relative after a death goes. Not wishing it, not answering, are outcomes like any other."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class ContactState(StrEnum):
    """Where one contact stands."""

    PLANNED = "planned"
    DONE = "done"
    UNREACHABLE = "unreachable"
    NOT_WISHED = "not_wished"
    CANCELLED = "cancelled"


class ContactAction(StrEnum):
    """What moves a contact."""

    FOLLOW = "follow"
    MISS = "miss"
    MOVE = "move"
    STOP = "stop"
    CANCEL = "cancel"


S, A = ContactState, ContactAction
OPEN = frozenset({S.PLANNED, S.UNREACHABLE})
"""States in which somebody may still call."""

CONTACT = Lifecycle(
    name="bereavement_contact",
    initial=S.PLANNED,
    labels={
        S.PLANNED: "Prévu",
        S.DONE: "Fait",
        S.UNREACHABLE: "Pas joint",
        S.NOT_WISHED: "Non souhaité",
        S.CANCELLED: "Annulé",
    },
    moves=(
        moves(A.FOLLOW, OPEN, S.DONE, "Contact avec un proche après le décès", "Noter"),
        moves(A.MISS, OPEN, S.UNREACHABLE, "Un proche n’a pas pu être joint"),
        moves(A.MOVE, OPEN, S.PLANNED, "", "Reporter"),
        moves(A.STOP, OPEN, S.NOT_WISHED, "Un proche ne souhaite pas être contacté"),
        moves(A.CANCEL, OPEN, S.CANCELLED),
    ),
    deeds={"plan": ""},
)


class Outcome(StrEnum):
    """What somebody notes of a contact."""

    DONE = "done"
    UNREACHABLE = "unreachable"
    NOT_WISHED = "not_wished"


ACTIONS = {Outcome.DONE: A.FOLLOW, Outcome.UNREACHABLE: A.MISS, Outcome.NOT_WISHED: A.STOP}
OUTCOME_LABELS = {
    Outcome.DONE: "Nous nous sommes parlé",
    Outcome.UNREACHABLE: "Ce proche n’a pas pu être joint",
    Outcome.NOT_WISHED: "Ce proche ne souhaite plus être contacté",
}
NEWS_LABELS = {
    Outcome.DONE: "Ce proche a été prévenu, ou était présent",
    Outcome.UNREACHABLE: "Ce proche n’a pas pu être joint",
    Outcome.NOT_WISHED: "Ce proche ne souhaite pas être contacté",
}
