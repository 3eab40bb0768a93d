"""The life of one assessment, who answered it, and what a scale measures."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class AssessmentState(StrEnum):
    """An assessment counts until somebody says that it was noted by mistake."""

    RECORDED = "recorded"
    CANCELLED = "cancelled"


class AssessmentAction(StrEnum):
    """What moves an assessment."""

    CANCEL = "cancel"


S = AssessmentState

ASSESSMENT = Lifecycle(
    name="assessment",
    initial=S.RECORDED,
    labels={S.RECORDED: "Notée", S.CANCELLED: "Retirée"},
    moves=(moves(AssessmentAction.CANCEL, [S.RECORDED], S.CANCELLED, "Évaluation retirée", "Retirer"),),
    deeds={"record": "Évaluation notée"},
)


class Respondent(StrEnum):
    """Who answered: the same scale does not say the same when somebody else answers."""

    PERSON = "person"
    RELATIVE = "relative"
    PROFESSIONAL = "professional"


RESPONDENT_LABELS = {
    Respondent.PERSON: "La personne elle-même",
    Respondent.RELATIVE: "Un proche",
    Respondent.PROFESSIONAL: "Un professionnel qui l’observe",
}


class Subject(StrEnum):
    """What a scale is about: the page groups them so."""

    NEED = "need"
    FUNCTION = "function"
    SYMPTOMS = "symptoms"
    CARER = "carer"


SUBJECT_LABELS = {
    Subject.NEED: "Besoin de soins palliatifs",
    Subject.FUNCTION: "État général",
    Subject.SYMPTOMS: "Symptômes et douleur",
    Subject.CARER: "Fatigue des aidants",
}


class Advice(StrEnum):
    """What a result suggests to the professional; nothing follows by itself."""

    PALLIATIVE_TEAM = "palliative_team"
    SYMPTOM = "symptom"
    SECOND_SCALE = "second_scale"
    RESPITE = "respite"


ADVICE_TEXTS = {
    Advice.PALLIATIVE_TEAM: "Une équipe mobile de soins palliatifs (EMSP) peut être sollicitée pour un avis.",
    Advice.SYMPTOM: "Un symptôme paraît mal soulagé : un appel à l’EMSP peut aider.",
    Advice.SECOND_SCALE: "Algoplus est bas ; Doloplus peut montrer une douleur qu’il ne voit pas.",
    Advice.RESPITE: "L’aidant paraît épuisé : un séjour de répit ou une maison d’accompagnement peut être proposé.",
}
"""What the page says, in plain words."""
