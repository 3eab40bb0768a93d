"""What a period runs from, and the life of an order to erase."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class Trigger(StrEnum):
    """What a period of conservation runs from. Source: R.1112-7 CSP."""

    LAST_ACTIVITY = "last_activity"
    BIRTH = "birth"
    DEATH = "death"


TRIGGER_LABELS = {
    Trigger.LAST_ACTIVITY: "Dernier séjour, dernière visite ou dernier acte inscrit",
    Trigger.BIRTH: "Naissance : jamais avant cet âge",
    Trigger.DEATH: "Décès, s’il survient moins de dix ans après la dernière visite",
}


SHORT_LABELS = {"text_draft": "Textes commencés dans un plan, jamais enregistrés"}
"""What is no part of a file and is kept for some days only, by the name of its rule."""


class OrderState(StrEnum):
    """Where an order to erase stands."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    EXECUTING = "executing"
    DONE = "done"
    CANCELLED = "cancelled"


class OrderAction(StrEnum):
    """What moves an order."""

    CONFIRM = "confirm"
    CANCEL = "cancel"
    BEGIN = "begin"
    FINISH = "finish"


UNDER_WAY = (OrderState.ASKED, OrderState.CONFIRMED, OrderState.EXECUTING)
"""One order at a time is in one of these."""

ORDER_LABELS: dict[StrEnum, str] = {
    OrderState.ASKED: "À confirmer par une autre personne",
    OrderState.CONFIRMED: "Confirmé, en attente d’exécution",
    OrderState.EXECUTING: "En cours",
    OrderState.DONE: "Exécuté",
    OrderState.CANCELLED: "Annulé",
}

ORDER = Lifecycle(
    name="purge_order",
    initial=OrderState.ASKED,
    labels=ORDER_LABELS,
    moves=(
        moves(OrderAction.CONFIRM, [OrderState.ASKED], OrderState.CONFIRMED, "Effacement confirmé", "Confirmer"),
        moves(OrderAction.CANCEL, [OrderState.ASKED, OrderState.CONFIRMED], OrderState.CANCELLED, "Effacement annulé", "Annuler"),
        moves(OrderAction.BEGIN, [OrderState.CONFIRMED, OrderState.EXECUTING], OrderState.EXECUTING),
        moves(OrderAction.FINISH, [OrderState.EXECUTING], OrderState.DONE, "Effacement exécuté"),
    ),
    deeds={"ask": "Effacement demandé"},
)  # fmt: skip
