"""Why an organisation stands in a person's circle."""

from enum import StrEnum


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
    EMERGENCY = "emergency"


CATEGORY_LABELS = {
    Category.ALL: "Tout le dossier",
    Category.IDENTITY: "Identité, proches et cercle de soins",
    Category.PLAN: "Annonce et plan personnalisé d’accompagnement",
    Category.DIRECTIVES: "Directives anticipées et personne de confiance",
    Category.SOCIAL: "Situation sociale et coordination",
    Category.REQUESTS: "Demandes, interventions et séjours",
    Category.EMERGENCY: "Accès en urgence, sans son accord",
}
"""What each covers, in a person's words."""

SHAREABLE = (Category.PLAN, Category.DIRECTIVES, Category.SOCIAL, Category.REQUESTS)
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
