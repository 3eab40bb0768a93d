"""The life of an anticipated crisis, and the words of a prescription written ahead.

Source: domain.md §6.4 (prescriptions anticipées personnalisées); FHIR codes stand in the bridge.
"""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class CrisisState(StrEnum):
    """An anticipated crisis counts until somebody says that it does no more."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class CrisisAction(StrEnum):
    """What moves an anticipated crisis."""

    WITHDRAW = "withdraw"


S = CrisisState

CRISIS = Lifecycle(
    name="anticipated_crisis",
    initial=S.ACTIVE,
    labels={S.ACTIVE: "En vigueur", S.WITHDRAWN: "Retirée"},
    moves=(moves(CrisisAction.WITHDRAW, [S.ACTIVE], S.WITHDRAWN, "Conduite à tenir retirée", "Retirer"),),
    deeds={
        "describe": "Conduite à tenir convenue",
        "take_back": "Conduite à tenir reprise : le décès avait été noté par erreur",
        "reword": "Conduite à tenir modifiée",
        "prescribe": "Prescription anticipée écrite",
        "stop": "Prescription anticipée arrêtée",
        "check_home": "Médicaments vérifiés au domicile",
    },
)


class Symptom(StrEnum):
    """What is feared. Source: domain.md §6.4."""

    PAIN = "pain"
    BREATHLESSNESS = "breathlessness"
    SECRETIONS = "secretions"
    ANXIETY = "anxiety"
    AGITATION = "agitation"
    SEIZURE = "seizure"
    BLEEDING = "bleeding"
    NAUSEA = "nausea"
    OBSTRUCTION = "obstruction"
    OTHER = "other"


SYMPTOM_LABELS = {
    Symptom.PAIN: "Douleur",
    Symptom.BREATHLESSNESS: "Essoufflement",
    Symptom.SECRETIONS: "Encombrement",
    Symptom.ANXIETY: "Angoisse",
    Symptom.AGITATION: "Agitation ou confusion",
    Symptom.SEIZURE: "Convulsions",
    Symptom.BLEEDING: "Saignement",
    Symptom.NAUSEA: "Nausées ou vomissements",
    Symptom.OBSTRUCTION: "Occlusion",
    Symptom.OTHER: "Autre",
}


class DoseUnit(StrEnum):
    """The unit of a dose."""

    MILLIGRAM = "mg"
    MICROGRAM = "ug"
    GRAM = "g"
    MILLILITRE = "ml"
    UNIT = "iu"
    DROP = "drop"
    TABLET = "tablet"
    PATCH = "patch"
    PUFF = "puff"
    SUPPOSITORY = "suppository"


UNIT_LABELS = {
    DoseUnit.MILLIGRAM: "mg",
    DoseUnit.MICROGRAM: "µg",
    DoseUnit.GRAM: "g",
    DoseUnit.MILLILITRE: "mL",
    DoseUnit.UNIT: "UI",
    DoseUnit.DROP: "goutte(s)",
    DoseUnit.TABLET: "comprimé(s)",
    DoseUnit.PATCH: "patch(s)",
    DoseUnit.PUFF: "bouffée(s)",
    DoseUnit.SUPPOSITORY: "suppositoire(s)",
}


class Route(StrEnum):
    """How a drug is given."""

    ORAL = "oral"
    SUBLINGUAL = "sublingual"
    BUCCAL = "buccal"
    SUBCUTANEOUS = "subcutaneous"
    TRANSDERMAL = "transdermal"
    NASAL = "nasal"
    RECTAL = "rectal"
    INHALED = "inhaled"
    INTRAVENOUS = "intravenous"
    TUBE = "tube"


ROUTE_LABELS = {
    Route.ORAL: "Par la bouche",
    Route.SUBLINGUAL: "Sous la langue",
    Route.BUCCAL: "Entre la joue et la gencive",
    Route.SUBCUTANEOUS: "Sous la peau",
    Route.TRANSDERMAL: "Sur la peau (patch)",
    Route.NASAL: "Par le nez",
    Route.RECTAL: "Par voie rectale",
    Route.INHALED: "En inhalation",
    Route.INTRAVENOUS: "Par voie veineuse",
    Route.TUBE: "Par la sonde",
}


class Giver(StrEnum):
    """Who may give a drug prescribed ahead."""

    PHYSICIAN = "physician"
    NURSE = "nurse"
    HOME_TEAM = "home_team"
    RELATIVE = "relative"
    PERSON = "person"


GIVER_LABELS = {
    Giver.PHYSICIAN: "Un médecin",
    Giver.NURSE: "Un infirmier",
    Giver.HOME_TEAM: "L’équipe de l’établissement",
    Giver.RELATIVE: "Un proche à qui on l’a montré",
    Giver.PERSON: "La personne elle-même",
}


class Found(StrEnum):
    """What was really found where the drugs should be."""

    PRESENT = "present"
    PARTIAL = "partial"
    ABSENT = "absent"


FOUND_LABELS = {
    Found.PRESENT: "Présent, en quantité suffisante",
    Found.PARTIAL: "Présent, mais il en manque",
    Found.ABSENT: "Absent",
}
