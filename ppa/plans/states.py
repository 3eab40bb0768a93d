"""Where a plan stands, at which pace a topic is spoken of, whose words a goal is in, how an action goes."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class PlanState(StrEnum):
    """The life of one plan. What comes before (proposed, deferred, declined, accepted) is the announcement's."""

    DRAFTING = "drafting"
    SHARED = "shared"
    AGREED = "agreed"
    SIGNED = "signed"
    UNDER_REVIEW = "under_review"
    CLOSED = "closed"


class PlanAction(StrEnum):
    """What moves a plan."""

    SHARE = "share"
    AGREE = "agree"
    SIGN = "sign"
    REVISE = "revise"
    CLOSE = "close"


S, A = PlanState, PlanAction

PLAN = Lifecycle(
    name="plan",
    initial=S.DRAFTING,
    labels={
        S.DRAFTING: "En préparation",
        S.SHARED: "Relu avec la personne",
        S.AGREED: "Accord recueilli",
        S.SIGNED: "Signé",
        S.UNDER_REVIEW: "En révision",
        S.CLOSED: "Clos",
    },
    moves=(
        moves(A.SHARE, [S.DRAFTING, S.UNDER_REVIEW], S.SHARED, "Plan partagé avec la personne", "Partager"),
        moves(A.AGREE, [S.SHARED, S.AGREED], S.AGREED, "Accord de la personne recueilli", "Recueillir l’accord"),
        moves(A.SIGN, [S.AGREED], S.SIGNED, "Plan signé", "Signer"),
        moves(A.REVISE, [S.SIGNED], S.UNDER_REVIEW, "Révision du plan commencée", "Réviser"),
        moves(
            A.CLOSE, [S.DRAFTING, S.SHARED, S.AGREED, S.SIGNED, S.UNDER_REVIEW], S.CLOSED, "Plan clos", "Clore le plan"
        ),
    ),
    deeds={"open": "Plan commencé"},
)

DRAFTS = frozenset({S.DRAFTING, S.SHARED, S.AGREED, S.UNDER_REVIEW})
"""States in which the content may still change; after an agreement a change calls for a new one."""


class Pace(StrEnum):
    """How far the person wishes to go on one topic, now. Every pace may change, none is final."""

    OPEN = "open"
    NOT_NOW = "not_now"
    NEVER = "never"
    WITH_SOMEONE = "with_someone"


PACE_LABELS = {
    Pace.OPEN: "D’accord pour en parler",
    Pace.NOT_NOW: "Pas maintenant",
    Pace.NEVER: "Ne souhaite pas en parler",
    Pace.WITH_SOMEONE: "En présence d’un proche",
}


class Domain(StrEnum):
    """Whose part of the plan a topic is: it decides who may write it."""

    MEDICAL = "medical"
    NURSING = "nursing"
    COORDINATION = "coordination"
    SOCIAL = "social"


class Words(StrEnum):
    """Whose words a goal is in."""

    PERSON = "person"
    RELATIVE = "relative"
    PROFESSIONAL = "professional"


WORDS_LABELS = {
    Words.PERSON: "Les mots de la personne",
    Words.RELATIVE: "Les mots d’un proche",
    Words.PROFESSIONAL: "Les mots d’un professionnel",
}


class ActionStatus(StrEnum):
    """How a planned action goes."""

    PLANNED = "planned"
    DOING = "doing"
    DONE = "done"
    DROPPED = "dropped"


TO_DO = (ActionStatus.PLANNED, ActionStatus.DOING)
"""An action that still waits for somebody."""

ACTION_LABELS = {
    ActionStatus.PLANNED: "À faire",
    ActionStatus.DOING: "En cours",
    ActionStatus.DONE: "Fait",
    ActionStatus.DROPPED: "Abandonné",
}


class AgreementMeans(StrEnum):
    """How the person made her agreement known."""

    SIGNATURE = "signature"
    SPOKEN_WITH_WITNESS = "spoken_with_witness"
    ADAPTED = "adapted"


MEANS_LABELS = {
    AgreementMeans.SIGNATURE: "Par sa signature",
    AgreementMeans.SPOKEN_WITH_WITNESS: "De vive voix, devant un témoin",
    AgreementMeans.ADAPTED: "Par un moyen adapté (FALC, pictogrammes, interprète…)",
}


class ClosingReason(StrEnum):
    """Why a plan comes to its end."""

    DEATH = "death"
    RECOVERY = "recovery"
    WITHDRAWAL = "withdrawal"
    MOVED = "moved"


CLOSING_LABELS = {
    ClosingReason.DEATH: "Décès de la personne",
    ClosingReason.RECOVERY: "La situation s’est améliorée",
    ClosingReason.WITHDRAWAL: "La personne ne souhaite plus de plan",
    ClosingReason.MOVED: "La personne est suivie ailleurs",
}
