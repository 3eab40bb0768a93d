"""Where a designation stands. Source: CSP L1111-6; domain.md §3."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class State(StrEnum):
    """Where one designation stands: active only with both signatures."""

    PROPOSED = "proposed"
    DECLINED_FOR_NOW = "declined_for_now"
    DESIGNATED_UNSIGNED = "designated_unsigned"
    ACTIVE = "active"
    REVOKED = "revoked"
    RENOUNCED = "renounced"
    REPLACED = "replaced"
    SUSPENDED = "suspended"
    LAPSED = "lapsed"
    ENTERED_IN_ERROR = "entered_in_error"


class Action(StrEnum):
    """What moves a designation."""

    DECLINE = "decline"
    PROPOSE_AGAIN = "propose_again"
    PREPARE = "prepare"
    SIGN = "sign"
    REVOKE = "revoke"
    RENOUNCE = "renounce"
    REPLACE = "replace"
    OVERTAKE = "overtake"
    SUSPEND = "suspend"
    RESUME = "resume"
    LAPSE = "lapse"
    WITHDRAW = "withdraw"


UNDER_WAY = frozenset({State.PROPOSED, State.DECLINED_FOR_NOW, State.DESIGNATED_UNSIGNED})
"""States before any signed designation."""
IN_DOUBT = frozenset({State.DESIGNATED_UNSIGNED, State.ACTIVE, State.SUSPENDED})
"""States in which it still matters whether an older designation was meant for one stay."""
REPLACING = frozenset({State.ACTIVE, State.SUSPENDED, State.REVOKED, State.RENOUNCED, State.REPLACED})
"""States in which a designation that both signed keeps one signed earlier from counting: what ended it revives no other."""
OPEN = UNDER_WAY | {State.ACTIVE, State.SUSPENDED}

DESIGNATION = Lifecycle(
    name="designation",
    initial=State.PROPOSED,
    labels={
        State.PROPOSED: "Proposée",
        State.DECLINED_FOR_NOW: "Pas maintenant",
        State.DESIGNATED_UNSIGNED: "En attente de signature",
        State.ACTIVE: "Active",
        State.REVOKED: "Révoquée",
        State.RENOUNCED: "La personne de confiance a renoncé",
        State.REPLACED: "Remplacée",
        State.SUSPENDED: "Suspendue par le juge",
        State.LAPSED: "Ne valait que pour un séjour",
        State.ENTERED_IN_ERROR: "Saisie par erreur",
    },
    moves=(
        moves(
            Action.DECLINE,
            [State.PROPOSED],
            State.DECLINED_FOR_NOW,
            "Personne de confiance : pas maintenant",
            "Pas maintenant",
        ),
        moves(
            Action.PROPOSE_AGAIN,
            [State.DECLINED_FOR_NOW],
            State.PROPOSED,
            "Personne de confiance : proposition reprise",
        ),
        moves(
            Action.PREPARE,
            [State.PROPOSED, State.DECLINED_FOR_NOW],
            State.DESIGNATED_UNSIGNED,
            "Personne de confiance choisie, en attente de signature",
        ),
        moves(
            Action.SIGN,
            [State.DESIGNATED_UNSIGNED],
            State.ACTIVE,
            "Personne de confiance désignée, les deux ont signé",
            "Noter les signatures",
        ),
        moves(
            Action.REVOKE,
            [State.DESIGNATED_UNSIGNED, State.ACTIVE, State.SUSPENDED],
            State.REVOKED,
            "Désignation de la personne de confiance révoquée",
            "La personne révoque",
        ),
        moves(
            Action.RENOUNCE,
            [State.DESIGNATED_UNSIGNED, State.ACTIVE, State.SUSPENDED],
            State.RENOUNCED,
            "La personne de confiance a renoncé à ce rôle",
            "La personne de confiance renonce",
        ),
        moves(
            Action.REPLACE,
            [State.ACTIVE, State.SUSPENDED],
            State.REPLACED,
            "Personne de confiance remplacée par une autre",
        ),
        moves(
            Action.OVERTAKE,
            [State.DESIGNATED_UNSIGNED],
            State.REPLACED,
            "Ancienne désignation gardée : une autre, signée plus tard, l’emporte",
        ),
        moves(
            Action.SUSPEND,
            [State.ACTIVE],
            State.SUSPENDED,
            "Personne de confiance suspendue par le juge",
            "Le juge suspend",
        ),
        moves(
            Action.RESUME,
            [State.SUSPENDED],
            State.ACTIVE,
            "Personne de confiance rétablie par le juge",
            "Le juge rétablit",
        ),
        moves(
            Action.LAPSE,
            [State.ACTIVE, State.SUSPENDED],
            State.LAPSED,
            "La désignation de la personne de confiance ne valait que pour un séjour",
        ),
        moves(
            Action.WITHDRAW,
            set(State) - UNDER_WAY - {State.ENTERED_IN_ERROR} | {State.DESIGNATED_UNSIGNED},
            State.ENTERED_IN_ERROR,
            "Désignation de la personne de confiance retirée : saisie par erreur",
            "Retirer, saisie par erreur",
        ),
    ),
    deeds={
        "propose": "Personne de confiance proposée",
        "prepare": "Personne de confiance choisie, en attente de signature",
        "invite": "Accord demandé à la personne de confiance",
        "accept": "La personne de confiance accepte ce rôle",
        "guide": "Guide remis à la personne de confiance",
        "take_back": "Désignation reprise : celle qui l’avait remplacée était une erreur de saisie",
        "last": "Désignation confirmée : elle vaut sans limite de durée",
    },
)


class Scope(StrEnum):
    """For which care a trusted person was designated."""

    ALL = "all"
    HEALTH = "health"
    SOCIAL = "social"


SCOPE_LABELS = {
    Scope.ALL: "Santé et accompagnement médico-social",
    Scope.HEALTH: "Santé seulement",
    Scope.SOCIAL: "Accompagnement médico-social seulement",
}


class Duration(StrEnum):
    """For how long an older designation was meant. Source: domain.md §3 (trap)."""

    UNKNOWN = "unknown"
    LASTING = "lasting"
    STAY_ONLY = "stay_only"


DURATION_LABELS = {
    Duration.UNKNOWN: "On ne le sait pas encore",
    Duration.LASTING: "Elle vaut sans limite de durée : la personne l’a dit ou écrit",
    Duration.STAY_ONLY: "Elle ne valait que pour un séjour",
}


class EndMeans(StrEnum):
    """How the end of a designation was said."""

    WRITTEN = "written"
    SPOKEN = "spoken"
    JUDGE = "judge"


END_MEANS_LABELS = {
    EndMeans.WRITTEN: "Par écrit",
    EndMeans.SPOKEN: "De vive voix",
    EndMeans.JUDGE: "Par décision du juge",
}
