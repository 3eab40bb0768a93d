"""Where a plan stands, at which pace a topic is spoken of, whose words a goal is in, how an action goes."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class PlanState(StrEnum):
    """The life of one plan. What comes before (proposed, deferred, declined, accepted) is the announcement's."""

    DRAFTING = "drafting"
    SHARED = "shared"
    AGREED = "agreed"
    SIGNED = "signed"
    PUBLISHED = "published"
    PUBLICATION_REFUSED = "publication_refused"
    UNDER_REVIEW = "under_review"
    CLOSED = "closed"


class PlanAction(StrEnum):
    """What moves a plan."""

    SHARE = "share"
    AGREE = "agree"
    TAKE_AGREEMENT_BACK = "take_agreement_back"
    SIGN = "sign"
    PUBLISH = "publish"
    REFUSE_PUBLICATION = "refuse_publication"
    REVISE = "revise"
    ABANDON = "abandon"
    ABANDON_TO_PUBLISHED = "abandon_to_published"
    ABANDON_TO_REFUSED = "abandon_to_refused"
    CLOSE = "close"


S, A = PlanState, PlanAction
_ABANDONED = "Révision abandonnée : la version signée reste en vigueur"

IN_FORCE = frozenset({S.SIGNED, S.PUBLISHED, S.PUBLICATION_REFUSED})
"""States in which the last version is signed and nothing newer is being written."""
UNDER_REVISION = frozenset({S.UNDER_REVIEW, S.SHARED})
"""States from which a revision may be abandoned: while the person agrees to the next version, it is hers."""

PLAN = Lifecycle(
    name="plan",
    initial=S.DRAFTING,
    labels={
        S.DRAFTING: "En préparation",
        S.SHARED: "Relu avec la personne",
        S.AGREED: "Accord recueilli",
        S.SIGNED: "Signé",
        S.PUBLISHED: "Signé et déposé",
        S.PUBLICATION_REFUSED: "Signé, non déposé",
        S.UNDER_REVIEW: "En révision",
        S.CLOSED: "Clos",
    },
    moves=(
        moves(A.SHARE, [S.DRAFTING, S.UNDER_REVIEW], S.SHARED, "Plan partagé avec la personne", "Partager"),
        moves(A.AGREE, [S.SHARED, S.AGREED], S.AGREED, "Accord de la personne recueilli", "Recueillir l’accord"),
        moves(
            A.TAKE_AGREEMENT_BACK,
            [S.AGREED],
            S.SHARED,
            "La personne est revenue sur son accord",
            "La personne revient sur son accord",
        ),
        moves(A.SIGN, [S.AGREED], S.SIGNED, "Plan signé", "Signer"),
        moves(A.PUBLISH, IN_FORCE, S.PUBLISHED, "Plan déposé", "Noter un dépôt"),
        moves(
            A.REFUSE_PUBLICATION,
            [S.SIGNED, S.PUBLICATION_REFUSED],
            S.PUBLICATION_REFUSED,
            "La personne ne souhaite pas de dépôt du plan",
            "Noter un refus",
        ),
        moves(A.REVISE, IN_FORCE, S.UNDER_REVIEW, "Révision du plan commencée", "Réviser"),
        moves(A.ABANDON, UNDER_REVISION, S.SIGNED, _ABANDONED, "Abandonner la révision"),
        moves(A.ABANDON_TO_PUBLISHED, UNDER_REVISION, S.PUBLISHED, _ABANDONED),
        moves(A.ABANDON_TO_REFUSED, UNDER_REVISION, S.PUBLICATION_REFUSED, _ABANDONED),
        moves(A.CLOSE, set(S) - {S.CLOSED}, S.CLOSED, "Plan clos", "Clore le plan"),
    ),
    deeds={
        "open": "Plan commencé",
        "take_back": "Plan repris : le décès avait été noté par erreur",
        "record_conversation": "Conversation notée",
        "hand_out": "Plan remis sur papier",
        "note_deposit": "Dépôt de la version signée noté",
        "note_refusal": "La personne ne souhaite pas de dépôt de la version signée",
        "set_review": "Date de révision du plan choisie",
        "confirm": "Plan relu : rien ne change",
    },
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


class EntryKind(StrEnum):
    """What is kept beside the text of a plan, in its order, never rewritten."""

    CONVERSATION = "conversation"
    PLACE = "place"
    DEPOSIT = "deposit"
    REFUSAL = "refusal"
    HAND_OUT = "hand_out"
    REVIEWED = "reviewed"
    ABANDONED = "abandoned"
    TAKEN_BACK = "taken_back"


class PlaceMoment(StrEnum):
    """For what a place is wished."""

    CARE = "care"
    DEATH = "death"


MOMENT_LABELS = {
    PlaceMoment.CARE: "Où la personne souhaite être soignée",
    PlaceMoment.DEATH: "Où la personne souhaite finir sa vie",
}


class Place(StrEnum):
    """A place that a person may wish. Not knowing and not saying are answers."""

    HOME = "home"
    RELATIVE = "relative"
    CARE_HOME = "care_home"
    HOSPITAL = "hospital"
    PALLIATIVE_UNIT = "palliative_unit"
    SUPPORT_HOUSE = "support_house"
    ELSEWHERE = "elsewhere"
    UNDECIDED = "undecided"
    RATHER_NOT = "rather_not"


PLACE_LABELS = {
    Place.HOME: "Chez elle",
    Place.RELATIVE: "Chez un proche",
    Place.CARE_HOME: "En EHPAD ou en établissement",
    Place.HOSPITAL: "À l’hôpital",
    Place.PALLIATIVE_UNIT: "En unité de soins palliatifs",
    Place.SUPPORT_HOUSE: "En maison d’accompagnement",
    Place.ELSEWHERE: "Ailleurs",
    Place.UNDECIDED: "Elle ne sait pas encore",
    Place.RATHER_NOT: "Elle préfère ne pas le dire",
}


class Domain(StrEnum):
    """Whose part of the plan a topic is: it decides who may write it."""

    MEDICAL = "medical"
    NURSING = "nursing"
    COORDINATION = "coordination"
    SOCIAL = "social"


CONVERSATION, NEED = "conversation", "need"
"""The places, beside the topics, where a text that is being typed is kept for its author."""


class ReviewReason(StrEnum):
    """Why a plan is to be read again; values are words of addresses."""

    DATE = "date"
    WISHES = "volontes"
    DRUGS = "medicaments"
    PHASE = "phase"
    ADMISSION = "hospitalisation"


REVIEW_REASON_LABELS = {
    ReviewReason.DATE: "Date atteinte",
    ReviewReason.WISHES: "Volontés",
    ReviewReason.DRUGS: "Médicaments",
    ReviewReason.PHASE: "Phase de la maladie",
    ReviewReason.ADMISSION: "Hospitalisation",
}


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


class GoalStatus(StrEnum):
    """Where a goal stands. One that was given up has left the plan."""

    IN_PROGRESS = "in_progress"
    REACHED = "reached"
    GIVEN_UP = "given_up"


GOAL_LABELS = {
    GoalStatus.IN_PROGRESS: "En cours",
    GoalStatus.REACHED: "Atteint",
    GoalStatus.GIVEN_UP: "Abandonné",
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
