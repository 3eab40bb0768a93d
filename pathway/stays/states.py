"""The life of a stay, and what kind of stay it is."""

from collections.abc import Mapping
from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves
from pathway.structures.states import OfferKind


class StayState(StrEnum):
    """Where a stay stands."""

    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    ON_LEAVE = "on_leave"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class StayAction(StrEnum):
    """What happens to a stay."""

    START = "start"
    LEAVE = "leave"
    RETURN = "return"
    FINISH = "finish"
    CANCEL = "cancel"


PRESENT = (StayState.IN_PROGRESS, StayState.ON_LEAVE)
OPEN = (StayState.PLANNED, *PRESENT)

STAY = Lifecycle(
    name="stay",
    initial=StayState.PLANNED,
    labels={
        StayState.PLANNED: "Attendue",
        StayState.IN_PROGRESS: "Présente",
        StayState.ON_LEAVE: "En permission",
        StayState.FINISHED: "Sortie",
        StayState.CANCELLED: "Annulée",
    },
    moves=(
        moves(
            StayAction.START,
            [StayState.PLANNED],
            StayState.IN_PROGRESS,
            deed="Admission",
            label="La personne est arrivée",
        ),
        moves(
            StayAction.LEAVE,
            [StayState.IN_PROGRESS],
            StayState.ON_LEAVE,
            deed="Départ en permission",
            label="Départ en permission",
        ),
        moves(
            StayAction.RETURN,
            [StayState.ON_LEAVE],
            StayState.IN_PROGRESS,
            deed="Retour de permission",
            label="Retour de permission",
        ),
        moves(StayAction.FINISH, PRESENT, StayState.FINISHED, deed="Fin du séjour", label="Préparer la sortie"),
        moves(StayAction.CANCEL, [StayState.PLANNED], StayState.CANCELLED),
    ),
    deeds={
        "plan": "Séjour prévu",
        "admit": "Admission",
        "talk": "Directives et personne de confiance : la question a été posée",
    },
)


class StayKind(StrEnum):
    """What kind of accompaniment a stay is; it decides its lane and its Encounter.class."""

    HOSPITAL = "hospital"
    HOME_HOSPITAL = "had"
    HOUSE = "house"
    HOME = "home"


STAY_KIND_LABELS: Mapping[StayKind, str] = {
    StayKind.HOSPITAL: "Séjour à l’hôpital",
    StayKind.HOME_HOSPITAL: "Hospitalisation à domicile",
    StayKind.HOUSE: "Séjour en lieu de vie",
    StayKind.HOME: "Accompagnement par une équipe",
}

LANES: Mapping[StayKind, str] = {
    StayKind.HOSPITAL: "Hôpital",
    StayKind.HOME_HOSPITAL: "Domicile",
    StayKind.HOUSE: "Lieu de vie",
    StayKind.HOME: "Domicile",
}

_KINDS: Mapping[OfferKind, StayKind] = {
    OfferKind.USP: StayKind.HOSPITAL,
    OfferKind.USPP: StayKind.HOSPITAL,
    OfferKind.LISP: StayKind.HOSPITAL,
    OfferKind.DAY_HOSPITAL: StayKind.HOSPITAL,
    OfferKind.HOME_HOSPITAL: StayKind.HOME_HOSPITAL,
    OfferKind.SUPPORT_HOUSE: StayKind.HOUSE,
    OfferKind.CARE_HOME: StayKind.HOUSE,
}


def kind_of(offer: OfferKind) -> StayKind:
    """Return the kind of stay that an offer gives; a team that comes to the person gives `HOME`."""
    return _KINDS.get(offer, StayKind.HOME)
