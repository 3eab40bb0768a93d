"""The life of an alert, and the coded reasons round it. Source: domain.md §5.2 (ERI-SP); product.md §7.8-9."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class AlertState(StrEnum):
    """Where the team is."""

    CALLED = "called"
    ANSWERED = "answered"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    STABILISED = "stabilised"
    RELAYED = "relayed"
    CLOSED = "closed"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class AlertAction(StrEnum):
    """What moves an alert."""

    ANSWER = "answer"
    DEPART = "depart"
    ARRIVE = "arrive"
    STABILISE = "stabilise"
    RELAY = "relay"
    CLOSE = "close"
    DECLINE = "decline"
    CANCEL = "cancel"


S, A = AlertState, AlertAction
OPEN = (S.CALLED, S.ANSWERED, S.DEPARTED, S.ARRIVED, S.STABILISED, S.RELAYED)
BEFORE_VISIT = (S.CALLED, S.ANSWERED, S.DEPARTED)

ALERT = Lifecycle(
    name="eri_sp_alert",
    initial=S.CALLED,
    labels={
        S.CALLED: "Équipe appelée",
        S.ANSWERED: "Appel pris",
        S.DEPARTED: "Équipe en route",
        S.ARRIVED: "Équipe sur place",
        S.STABILISED: "Situation stabilisée",
        S.RELAYED: "Relais pris",
        S.CLOSED: "Intervention terminée",
        S.DECLINED: "Appel réorienté",
        S.CANCELLED: "Appel annulé",
    },
    moves=(
        moves(A.ANSWER, [S.CALLED], S.ANSWERED, "L’équipe rapide a pris l’appel", "Prendre l’appel"),
        moves(A.DEPART, [S.ANSWERED], S.DEPARTED, "L’équipe rapide est partie", "Nous partons"),
        moves(A.ARRIVE, [S.ANSWERED, S.DEPARTED], S.ARRIVED, "L’équipe rapide est sur place", "Nous sommes sur place"),
        moves(A.STABILISE, [S.ARRIVED], S.STABILISED, "La situation est stabilisée", "La situation est stabilisée"),
        moves(A.RELAY, [S.STABILISED], S.RELAYED, "Le relais est pris", "Le relais est pris"),
        moves(A.CLOSE, OPEN, S.CLOSED, "Intervention rapide terminée", "Terminer l’intervention"),
        moves(
            A.DECLINE, [S.CALLED, S.ANSWERED], S.DECLINED, "L’équipe rapide a réorienté l’appel", "Réorienter l’appel"
        ),
        moves(A.CANCEL, BEFORE_VISIT, S.CANCELLED, "Appel à l’équipe rapide annulé", "Annuler l’appel"),
    ),
    deeds={
        "raise": "Équipe rapide appelée",
        "plan_relay": "Relais préparé",
        "pause": "",
        "resume": "",
    },
)


class DeclineReason(StrEnum):
    """Why a team sends a call elsewhere."""

    NOT_PALLIATIVE = "not_palliative"
    OUT_OF_AREA = "out_of_area"
    TEAM_ENGAGED = "team_engaged"
    LIFE_THREATENING = "life_threatening"
    OTHER_LEVEL = "other_level"


DECLINE_LABELS = {
    DeclineReason.NOT_PALLIATIVE: "La situation ne relève pas des soins palliatifs",
    DeclineReason.OUT_OF_AREA: "Le domicile est hors de notre secteur",
    DeclineReason.TEAM_ENGAGED: "L’équipe est déjà engagée",
    DeclineReason.LIFE_THREATENING: "Urgence vitale : appel transmis au SAMU",
    DeclineReason.OTHER_LEVEL: "Une autre réponse convient mieux",
}


class CloseReason(StrEnum):
    """How an intervention ends."""

    RELAYED = "relayed"
    NO_RELAY_NEEDED = "no_relay_needed"
    ADMITTED = "admitted"
    DIED = "died"


CLOSE_LABELS = {
    CloseReason.RELAYED: "Le relais est en place",
    CloseReason.NO_RELAY_NEEDED: "Aucun relais n’est nécessaire",
    CloseReason.ADMITTED: "La personne est hospitalisée",
    CloseReason.DIED: "La personne est décédée",
}


class PauseReason(StrEnum):
    """Why the clock stands still; published, so that nobody wonders."""

    FAMILY_ASKED = "family_asked"
    WAITING_PRESCRIPTION = "waiting_prescription"
    ACCESS_IMPOSSIBLE = "access_impossible"


PAUSE_LABELS = {
    PauseReason.FAMILY_ASKED: "La personne ou ses proches demandent d’attendre",
    PauseReason.WAITING_PRESCRIPTION: "Attente d’une prescription",
    PauseReason.ACCESS_IMPOSSIBLE: "Accès au domicile impossible",
}
