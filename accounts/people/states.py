"""Where an identity stands, and what the people round a person are to her."""

from enum import StrEnum


class IdentityStatus(StrEnum):
    """The four exclusive states of the national rules on identity (RNIV). Source: interop_fr.md §1.4."""

    PROVISIONAL = "PROV"
    RETRIEVED = "RECUP"
    VALIDATED = "VALI"
    QUALIFIED = "QUAL"


IDENTITY_LABELS = {
    IdentityStatus.PROVISIONAL: "Identité provisoire",
    IdentityStatus.RETRIEVED: "Identité récupérée",
    IdentityStatus.VALIDATED: "Identité validée",
    IdentityStatus.QUALIFIED: "INS qualifiée",
}


class Sex(StrEnum):
    """The sex of the national identity: there is no fourth value. Source: interop_fr.md §1.3."""

    FEMALE = "female"
    MALE = "male"
    UNKNOWN = "unknown"


SEX_LABELS = {Sex.FEMALE: "Femme", Sex.MALE: "Homme", Sex.UNKNOWN: "Sexe non précisé"}


class RelativeRole(StrEnum):
    """Five distinct roles; one relative may have several. Values are R260 codes, but the delegate's, which is ours.

    Source: interop_fr.md §1.5; domain.md §2.5 (delegate) and §3.
    """

    TRUSTED_PERSON = "NOK"
    CONTACT = "ECON"
    CARER = "CAREGIVER"
    LEGAL_REPRESENTATIVE = "GUARD"
    ENS_DELEGATE = "ENSDEL"


RELATIVE_ROLE_LABELS = {
    RelativeRole.TRUSTED_PERSON: "Personne de confiance",
    RelativeRole.CONTACT: "Personne à prévenir",
    RelativeRole.CARER: "Proche aidant",
    RelativeRole.LEGAL_REPRESENTATIVE: "Représentant légal",
    RelativeRole.ENS_DELEGATE: "Délégué de Mon espace santé",
}
STATEABLE_ROLES = (
    RelativeRole.CONTACT,
    RelativeRole.CARER,
    RelativeRole.LEGAL_REPRESENTATIVE,
    RelativeRole.ENS_DELEGATE,
)
"""Roles that somebody writes down as stated; the trusted person is designated, with two signatures."""

RELATION_LABELS = {
    "SPS": "Époux ou épouse",
    "DOMPART": "Concubin ou partenaire de PACS",
    "MTH": "Mère",
    "FTH": "Père",
    "DAUC": "Fille",
    "SONC": "Fils",
    "CHILD": "Enfant",
    "SIS": "Sœur",
    "BRO": "Frère",
    "GRMTH": "Grand-mère",
    "GRFTH": "Grand-père",
    "GRNDDAU": "Petite-fille",
    "GRNDSO": "Petit-fils",
    "NIECE": "Nièce",
    "NEPHEW": "Neveu",
    "AUNT": "Tante",
    "UNCLE": "Oncle",
    "COUSN": "Cousin ou cousine",
    "FAMMEMB": "Autre membre de la famille",
    "FRND": "Proche ou ami",
    "NBOR": "Voisin ou voisine",
    "ROOM": "Vit au même domicile",
}


class DeathMistake(StrEnum):
    """How a death came to be recorded by mistake."""

    WRONG_RECORD = "wrong_record"
    WRONG_NEWS = "wrong_news"
    MISTYPED = "mistyped"


DEATH_MISTAKE_LABELS = {
    DeathMistake.WRONG_RECORD: "Le décès est celui d’une autre personne",
    DeathMistake.WRONG_NEWS: "L’information reçue était fausse",
    DeathMistake.MISTYPED: "Erreur de saisie",
}


class AlertKind(StrEnum):
    """Why two records must be looked at by a person."""

    SAME_INS_OTHER_TRAITS = "same_ins_other_traits"
    SIMILAR_TRAITS = "similar_traits"


class AlertState(StrEnum):
    """Where an identity alert stands."""

    OPEN = "open"
    DISTINCT = "distinct"
    SAME = "same"
