"""What contradicts what, how it was settled, with whom, and the life of one settlement."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class SettlementState(StrEnum):
    """A settlement stands until somebody takes the question up again."""

    SETTLED = "settled"
    REOPENED = "reopened"


class SettlementAction(StrEnum):
    """What moves a settlement."""

    REOPEN = "reopen"


SETTLEMENT = Lifecycle(
    name="contradiction",
    initial=SettlementState.SETTLED,
    labels={SettlementState.SETTLED: "Levée", SettlementState.REOPENED: "À revoir"},
    moves=(
        moves(
            SettlementAction.REOPEN,
            [SettlementState.SETTLED],
            SettlementState.REOPENED,
            "Contradiction à revoir",
            "La revoir",
        ),
    ),
    deeds={"settle": "Contradiction levée"},
)


class Kind(StrEnum):
    """Where two passages contradict each other."""

    WITHIN = "within"
    VERSIONS = "versions"
    PLAN = "plan"
    SHEET = "sheet"
    PRESCRIPTION = "prescription"
    PLAN_SHEET = "plan_sheet"
    PLAN_PRESCRIPTION = "plan_prescription"
    SHEET_PRESCRIPTION = "sheet_prescription"


KIND_LABELS = {
    Kind.WITHIN: "Dans un même document",
    Kind.VERSIONS: "Entre deux documents de directives",
    Kind.PLAN: "Entre les directives et le plan",
    Kind.SHEET: "Entre les directives et la fiche d’urgence",
    Kind.PRESCRIPTION: "Entre les directives et une prescription anticipée",
    Kind.PLAN_SHEET: "Entre le plan et la fiche d’urgence",
    Kind.PLAN_PRESCRIPTION: "Entre le plan et une prescription anticipée",
    Kind.SHEET_PRESCRIPTION: "Entre la fiche d’urgence et une prescription anticipée",
}
BETWEEN_DIRECTIVES = frozenset({Kind.WITHIN, Kind.VERSIONS})
"""Kinds of which both passages are documents of directives."""
WITHOUT_DIRECTIVES = frozenset({Kind.PLAN_SHEET, Kind.PLAN_PRESCRIPTION, Kind.SHEET_PRESCRIPTION})
"""Kinds of which neither passage prevails by law."""
EITHER_MAY_COUNT = WITHOUT_DIRECTIVES | {Kind.WITHIN}


class Outcome(StrEnum):
    """What somebody found once both passages were read."""

    FIRST = "first"
    SECOND = "second"
    SAME = "same"
    NEW_DOCUMENT = "new_document"


OUTCOME_LABELS = {
    Outcome.FIRST: "Le premier passage compte",
    Outcome.SECOND: "Le second passage compte",
    Outcome.SAME: "Les deux passages disent la même chose",
    Outcome.NEW_DOCUMENT: "La personne écrit de nouvelles directives",
}


class SettledWith(StrEnum):
    """Whose word settled it, in the order of the law when she cannot speak. Source: CSP R4127-37-2."""

    PERSON = "person"
    TRUSTED_PERSON = "trusted_person"
    RELATIVES = "relatives"
    TEAM = "team"


SETTLED_WITH_LABELS = {
    SettledWith.PERSON: "La personne elle-même",
    SettledWith.TRUSTED_PERSON: "Sa personne de confiance, si elle ne peut pas s’exprimer",
    SettledWith.RELATIVES: "Sa famille ou un proche, à défaut",
    SettledWith.TEAM: "L’équipe, en relisant les deux passages",
}
