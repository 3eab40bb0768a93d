"""Which decisions, on what ground, how far they are, and the order in which the person's will is looked for."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class DecisionState(StrEnum):
    """Where one decision stands."""

    PREPARED = "prepared"
    DECIDED = "decided"
    ENDED = "ended"
    CANCELLED = "cancelled"


class DecisionAction(StrEnum):
    """What moves a decision."""

    DECIDE = "decide"
    END = "end"
    CANCEL = "cancel"


S = DecisionState

DECISION = Lifecycle(
    name="collegial_decision",
    initial=S.PREPARED,
    labels={S.PREPARED: "En préparation", S.DECIDED: "Décidée", S.ENDED: "Terminée", S.CANCELLED: "Abandonnée"},
    moves=(
        moves(DecisionAction.DECIDE, [S.PREPARED], S.DECIDED, "Décision médicale notée", "Noter la décision"),
        moves(DecisionAction.END, [S.DECIDED], S.ENDED, "Décision médicale terminée", "Terminer"),
        moves(DecisionAction.CANCEL, [S.PREPARED], S.CANCELLED, "Procédure abandonnée", "Abandonner"),
    ),
    deeds={
        "open": "Procédure collégiale ouverte",
        "search": "Recherche des volontés notée",
        "opinion": "Avis d’un médecin consultant noté",
        "tell": "Ouverture de la procédure annoncée",
    },
)


class Kind(StrEnum):
    """What is decided."""

    NON_APPLICATION = "non_application"
    LIMITATION = "limitation"
    DEEP_SEDATION = "deep_sedation"


KIND_LABELS = {
    Kind.NON_APPLICATION: "Ne pas appliquer des directives anticipées",
    Kind.LIMITATION: "Limiter ou arrêter un traitement, la personne ne pouvant s’exprimer",
    Kind.DEEP_SEDATION: "Sédation profonde et continue jusqu’au décès",
}


class Ground(StrEnum):
    """On what ground, by kind. Source: CSP L1111-11 (directives), L1110-5-1 (limitation), L1110-5-2 (sedation)."""

    EMERGENCY = "emergency"
    INAPPROPRIATE = "inappropriate"
    NOT_MATCHING = "not_matching"
    OBSTINACY = "obstinacy"
    REFRACTORY = "refractory"
    TREATMENT_STOPPED = "treatment_stopped"
    CANNOT_EXPRESS = "cannot_express"


GROUND_LABELS = {
    Ground.EMERGENCY: "Urgence vitale, le temps d’évaluer complètement la situation",
    Ground.INAPPROPRIATE: "Directives manifestement inappropriées",
    Ground.NOT_MATCHING: "Directives non conformes à la situation médicale",
    Ground.OBSTINACY: "Traitement inutile, disproportionné, ou maintenant seulement artificiellement en vie",
    Ground.REFRACTORY: "Affection grave et incurable, décès proche, souffrance réfractaire, à la demande de la personne",
    Ground.TREATMENT_STOPPED: "La personne arrête un traitement ; décès proche et souffrance insupportable à craindre",
    Ground.CANNOT_EXPRESS: "La personne ne peut s’exprimer ; le maintien en vie est arrêté comme obstination déraisonnable",
}
GROUNDS = {
    Kind.NON_APPLICATION: (Ground.EMERGENCY, Ground.INAPPROPRIATE, Ground.NOT_MATCHING),
    Kind.LIMITATION: (Ground.OBSTINACY,),
    Kind.DEEP_SEDATION: (Ground.REFRACTORY, Ground.TREATMENT_STOPPED, Ground.CANNOT_EXPRESS),
}
AT_HER_REQUEST = frozenset({Ground.REFRACTORY, Ground.TREATMENT_STOPPED})
SEARCHED = frozenset({Ground.OBSTINACY, Ground.CANNOT_EXPRESS})
"""Grounds on which the person's will is looked for first: she cannot say it. Source: CSP R1111-20, R4127-37-2."""


class AskedBy(StrEnum):
    """Who wants the procedure: the physician may open it, and must when one of the others asks. Source: CSP R4127-37-2."""

    PHYSICIAN = "physician"
    TRUSTED_PERSON = "trusted_person"
    FAMILY = "family"
    RELATIVE = "relative"


ASKED_BY_LABELS = {
    AskedBy.PHYSICIAN: "Le médecin",
    AskedBy.TRUSTED_PERSON: "La personne de confiance",
    AskedBy.FAMILY: "À défaut, la famille",
    AskedBy.RELATIVE: "À défaut, un proche",
}


class Step(StrEnum):
    """Where directives are looked for, in the order of the law. Source: CSP R1111-20."""

    OWN_FILE = "own_file"
    HEALTH_RECORD = "health_record"
    TRUSTED_PERSON = "trusted_person"
    RELATIVES = "relatives"
    PHYSICIAN = "physician"


STEP_LABELS = {
    Step.OWN_FILE: "Le dossier de la personne ici",
    Step.HEALTH_RECORD: "Mon espace santé (DMP)",
    Step.TRUSTED_PERSON: "La personne de confiance",
    Step.RELATIVES: "La famille ou les proches",
    Step.PHYSICIAN: "Le médecin traitant ou le médecin qui l’a adressée",
}


class Result(StrEnum):
    """What a step of the search gave."""

    FOUND = "found"
    NOTHING = "nothing"
    IMPOSSIBLE = "impossible"


RESULT_LABELS = {
    Result.FOUND: "Des directives ou une volonté sont connues",
    Result.NOTHING: "Rien n’est connu",
    Result.IMPOSSIBLE: "Impossible de consulter ou de joindre",
}


class Informed(StrEnum):
    """Who was told of the decision, in the order of the law. Source: CSP L1111-11."""

    TRUSTED_PERSON = "trusted_person"
    FAMILY = "family"
    RELATIVE = "relative"
    NOBODY = "nobody"


INFORMED_LABELS = {
    Informed.TRUSTED_PERSON: "La personne de confiance",
    Informed.FAMILY: "À défaut, la famille",
    Informed.RELATIVE: "À défaut, un proche",
    Informed.NOBODY: "Personne n’est connu ou joignable",
}
