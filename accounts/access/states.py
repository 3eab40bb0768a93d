"""Why an organisation stands in a person's circle."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class Basis(StrEnum):
    """The legal basis of one membership of the circle of care. Source: domain.md §4.1; security.md §3.2."""

    KNOWN = "known"
    SAME_TEAM = "same_team"
    COORDINATION = "coordination"
    CONSENT = "consent"
    TREATING = "treating"
    ADDRESSED_REFERRAL = "addressed_referral"
    ACCEPTED_REFERRAL = "accepted_referral"
    BREAK_GLASS = "break_glass"


BASIS_LABELS = {
    Basis.KNOWN: "Connue de la structure (identité seule)",
    Basis.SAME_TEAM: "Équipe de soins",
    Basis.COORDINATION: "Dispositif d’appui à la coordination",
    Basis.CONSENT: "Accord de la personne",
    Basis.TREATING: "Relation de soin déclarée",
    Basis.ADDRESSED_REFERRAL: "Demande reçue (données minimales)",
    Basis.ACCEPTED_REFERRAL: "Demande acceptée",
    Basis.BREAK_GLASS: "Accès d’urgence, 4 heures (bris de glace)",
}

CIRCLE = frozenset({Basis.SAME_TEAM, Basis.COORDINATION, Basis.CONSENT, Basis.TREATING, Basis.ACCEPTED_REFERRAL})
VISIBLE = CIRCLE | {Basis.KNOWN}
TEAM = frozenset({Basis.SAME_TEAM, Basis.COORDINATION})
ADDRESSED = frozenset({Basis.ADDRESSED_REFERRAL, Basis.ACCEPTED_REFERRAL})
ACCEPTED = frozenset({Basis.ACCEPTED_REFERRAL})


class Category(StrEnum):
    """The data that an agreement or a refusal is about. Source: D.1110-3-1 CSP; domain.md §4.3.

    `EMERGENCY` is no kind of data: it can only be refused, and closes access in an emergency.
    """

    ALL = "all"
    IDENTITY = "identity"
    PLAN = "plan"
    DIRECTIVES = "directives"
    SOCIAL = "social"
    REQUESTS = "requests"
    WHAT_MATTERS = "what_matters"
    EMERGENCY = "emergency"


CATEGORY_LABELS = {
    Category.ALL: "Tout le dossier",
    Category.IDENTITY: "Identité, proches et cercle de soins",
    Category.PLAN: "Annonce et plan personnalisé d’accompagnement",
    Category.DIRECTIVES: "Directives anticipées et personne de confiance",
    Category.SOCIAL: "Situation sociale et coordination",
    Category.REQUESTS: "Demandes, interventions et séjours",
    Category.WHAT_MATTERS: "Ce qui compte pour elle, pour les bénévoles",
    Category.EMERGENCY: "Accès en urgence, sans son accord",
}
"""What each covers, in a person's words."""

SHAREABLE = (Category.PLAN, Category.DIRECTIVES, Category.SOCIAL, Category.REQUESTS, Category.WHAT_MATTERS)
"""What an agreement may leave out; the identity always goes with it."""

CLOSED_IN_EMERGENCY = frozenset({Category.ALL, Category.EMERGENCY})
"""The refusals that win over break-glass."""


class ConsentMeans(StrEnum):
    """How a person gave or withdrew an agreement."""

    SPOKEN = "spoken"
    WRITTEN = "written"
    ELECTRONIC = "electronic"
    REPRESENTATIVE = "representative"


CONSENT_MEANS_LABELS = {
    ConsentMeans.SPOKEN: "De vive voix",
    ConsentMeans.WRITTEN: "Par écrit",
    ConsentMeans.ELECTRONIC: "Par voie électronique",
    ConsentMeans.REPRESENTATIVE: "Par son représentant légal",
}


class ClaimState(StrEnum):
    """Where a declared treating relation stands: it opens the file at once, and is reviewed afterwards."""

    TO_REVIEW = "to_review"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class ClaimAction(StrEnum):
    """What a reviewer answers."""

    CONFIRM = "confirm"
    REFUSE = "refuse"


CLAIM_LABELS: dict[StrEnum, str] = {
    ClaimState.TO_REVIEW: "À relire",
    ClaimState.CONFIRMED: "Confirmée",
    ClaimState.REFUSED: "Refusée",
}

CLAIM = Lifecycle(
    name="treating_claim",
    initial=ClaimState.TO_REVIEW,
    labels=CLAIM_LABELS,
    moves=(
        moves(
            ClaimAction.CONFIRM, [ClaimState.TO_REVIEW], ClaimState.CONFIRMED, "Relation de soin confirmée", "Confirmer"
        ),
        moves(ClaimAction.REFUSE, [ClaimState.TO_REVIEW], ClaimState.REFUSED, "Relation de soin refusée", "Refuser"),
    ),
    deeds={"declare": "Relation de soin déclarée"},
)

ENDED_BY_HAND = frozenset({Basis.SAME_TEAM, Basis.CONSENT, Basis.TREATING})
"""The memberships that somebody may end; the others end with the request or the file that opened them."""
