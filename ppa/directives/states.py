"""Where a document of directives stands, how it came, and the wishes that have a national code."""

from dataclasses import dataclass
from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class State(StrEnum):
    """Where one document of directives stands. No state is an expiry: directives have none."""

    TO_VERIFY = "to_verify"
    VALID = "valid"
    LEGAL_BASIS_TO_CONFIRM = "legal_basis_to_confirm"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"
    ENTERED_IN_ERROR = "entered_in_error"


class Action(StrEnum):
    """What moves a document."""

    CONFIRM = "confirm"
    SET_APART = "set_apart"
    SUPERSEDE = "supersede"
    RESTORE = "restore"
    REVOKE = "revoke"
    WITHDRAW = "withdraw"


OPEN = frozenset({State.TO_VERIFY, State.VALID, State.LEGAL_BASIS_TO_CONFIRM})
"""States of documents that may still speak for the person."""

DIRECTIVE = Lifecycle(
    name="directive",
    initial=State.TO_VERIFY,
    labels={
        State.TO_VERIFY: "À vérifier",
        State.VALID: "Valides",
        State.LEGAL_BASIS_TO_CONFIRM: "Cadre légal à confirmer",
        State.SUPERSEDED: "Remplacées",
        State.REVOKED: "Révoquées",
        State.ENTERED_IN_ERROR: "Saisies par erreur",
    },
    moves=(
        moves(Action.CONFIRM, [State.TO_VERIFY], State.VALID, "Directives anticipées vérifiées", "Confirmer"),
        moves(Action.SET_APART, [State.TO_VERIFY], State.LEGAL_BASIS_TO_CONFIRM),
        moves(
            Action.SUPERSEDE,
            [State.VALID],
            State.SUPERSEDED,
            "Directives anticipées remplacées par un document plus récent",
        ),
        moves(Action.RESTORE, [State.SUPERSEDED], State.VALID, "Directives anticipées précédentes rétablies"),
        moves(Action.REVOKE, OPEN, State.REVOKED, "Directives anticipées révoquées par la personne", "Révoquer"),
        moves(
            Action.WITHDRAW,
            [*OPEN, State.SUPERSEDED],
            State.ENTERED_IN_ERROR,
            "Directives anticipées retirées : saisies par erreur",
            "Retirer, saisi par erreur",
        ),
    ),
    deeds={"record": "Directives anticipées enregistrées", "deposit": "Dépôt des directives anticipées noté"},
)


class Medium(StrEnum):
    """How the document came to us."""

    PAPER_SCAN = "paper_scan"
    DIGITAL = "digital"
    LOCATION_ONLY = "location_only"
    AUDIO = "audio"
    VIDEO = "video"


MEDIUM_LABELS = {
    Medium.PAPER_SCAN: "Document papier, numérisé ou photographié",
    Medium.DIGITAL: "Document écrit à l’ordinateur",
    Medium.LOCATION_ONLY: "Document conservé ailleurs : noter seulement où il se trouve",
    Medium.AUDIO: "Enregistrement sonore",
    Medium.VIDEO: "Enregistrement vidéo",
}
RECORDINGS = frozenset({Medium.AUDIO, Medium.VIDEO})


class Model(StrEnum):
    """Which of the two official forms was used, or none. Source: CSP R1111-18; domain.md §2.2."""

    A = "a"
    B = "b"
    FREE = "free"


MODEL_LABELS = {
    Model.FREE: "Texte libre",
    Model.A: "Modèle A : personne en fin de vie ou se sachant gravement malade",
    Model.B: "Modèle B : personne sans maladie grave",
}


class Decision(StrEnum):
    """What the person wants about one subject."""

    PERMIT = "permit"
    DENY = "deny"
    OTHER = "other"


DECISION_LABELS = {Decision.PERMIT: "Je l’accepte", Decision.DENY: "Je le refuse", Decision.OTHER: "Je précise"}
STATED_LABELS = {Decision.PERMIT: "Accepte", Decision.DENY: "Refuse", Decision.OTHER: "Précise"}


class RevocationMeans(StrEnum):
    """How the person took her directives back: by any means. Source: CSP L1111-11."""

    WRITTEN = "written"
    SPOKEN = "spoken"
    OTHER = "other"


REVOCATION_MEANS_LABELS = {
    RevocationMeans.WRITTEN: "Par écrit",
    RevocationMeans.SPOKEN: "De vive voix, devant témoin",
    RevocationMeans.OTHER: "Par un autre moyen, devant témoin",
}


class Place(StrEnum):
    """Where the person had a copy kept, so that it is found when it is needed. Source: CSP R1111-19."""

    HEALTH_RECORD = "dmp"
    GENERAL_PRACTITIONER = "gp"
    HOSPITAL = "hospital"
    CARE_HOME = "care_home"
    TRUSTED_PERSON = "trusted_person"
    HERSELF = "herself"
    OTHER = "other"


PLACE_LABELS = {
    Place.HEALTH_RECORD: "Mon espace santé (DMP)",
    Place.GENERAL_PRACTITIONER: "Médecin traitant, ou un autre médecin choisi",
    Place.HOSPITAL: "Dossier de l’établissement de santé",
    Place.CARE_HOME: "Dossier de l’établissement médico-social",
    Place.TRUSTED_PERSON: "Personne de confiance",
    Place.HERSELF: "Sur elle, ou chez elle",
    Place.OTHER: "Un autre endroit",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject of the national list of directives: its code, its system and its name in French."""

    code: str
    system: str
    label: str


LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
CISIS = "https://smt.esante.gouv.fr/fhir/CodeSystem/terminologie-cisis"
WHOLE_DOCUMENT = "42348-3"
OTHER_SUBJECT = "75793-0"

LIFE_SUPPORT = "75789-8"
RESUSCITATION = "75779-9"
VENTILATION = "75787-2"
NUTRITION = "77352-3"
DIALYSIS = "MED-295"
SURGERY = "387713003"
DEEP_SEDATION = "MED-298"

SUBJECTS = {
    subject.code: subject
    for subject in (
        Subject(LIFE_SUPPORT, LOINC, "Maintien artificiel en vie"),
        Subject(RESUSCITATION, LOINC, "Réanimation cardiaque et respiratoire"),
        Subject(VENTILATION, LOINC, "Assistance respiratoire"),
        Subject(NUTRITION, LOINC, "Alimentation et hydratation artificielles"),
        Subject(DIALYSIS, CISIS, "Dialyse rénale"),
        Subject(SURGERY, SNOMED, "Intervention chirurgicale"),
        Subject(DEEP_SEDATION, CISIS, "Sédation profonde et continue associée à un traitement de la douleur"),
        Subject(OTHER_SUBJECT, LOINC, "Autre souhait"),
        Subject(WHOLE_DOCUMENT, LOINC, "Directives anticipées, l’ensemble du document"),
    )
}
"""The nine codes. Source: ANS, JDV_TypeDirectiveAnticipee_CISIS (2025-02-19)."""
