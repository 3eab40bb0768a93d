"""What can be searched, type by type: one table that the index, the search and the CapabilityStatement share.

A parameter is the standard one of FHIR R4 (its name, kind and path) or is absent: what is
absent is answered 400 by name. Source: states.md, "How encrypted values are searched";
R4 search parameter registry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from accounts.access.permissions import Permission


class Kind(StrEnum):
    """How a parameter's values are indexed and compared."""

    TOKEN = "token"  # noqa: S105 (a kind of search parameter)
    NUMBER_OF_PERSON = "identifier of a person"
    STRING = "string"
    PHONE = "phone"
    BIRTH = "birth"
    REFERENCE = "reference"
    DATE = "date"
    URI = "uri"


FHIR_TYPES: Final[Mapping[Kind, str]] = {
    Kind.TOKEN: "token",
    Kind.NUMBER_OF_PERSON: "token",
    Kind.STRING: "string",
    Kind.PHONE: "token",
    Kind.BIRTH: "date",
    Kind.REFERENCE: "reference",
    Kind.DATE: "date",
    Kind.URI: "uri",
}


@dataclass(frozen=True, slots=True)
class Param:
    """One search parameter: the paths of its values in the resource, and what a reference may point to."""

    kind: Kind
    paths: tuple[str, ...]
    targets: frozenset[str] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One resource type of the store: the rights its resources may be guarded by, and its parameters.

    `also` is a right that opens the minimum set when the resource's own right does not.
    `whole_only` are the parameters on what the minimum set leaves out: only who reads the
    whole resource may search by them or follow them, or a search would tell what a body hides.
    `is_dated` is whether a resource tells when it last changed.
    """

    rights: tuple[Permission, ...]
    params: Mapping[str, Param] = field(default_factory=dict)
    also: Permission | None = None
    whole_only: frozenset[str] = frozenset()
    is_dated: bool = True

    def references(self) -> dict[str, Param]:
        """Return the parameters that `_include` may follow."""
        return {name: param for name, param in self.params.items() if param.kind == Kind.REFERENCE}


def _token(*paths: str) -> Param:
    return Param(Kind.TOKEN, paths)


def _string(*paths: str) -> Param:
    return Param(Kind.STRING, paths, note="Début d’un nom, deux lettres au moins ; « :exact » pour le nom entier.")


def _date(*paths: str) -> Param:
    return Param(Kind.DATE, paths)


def _to(path: str, *targets: str) -> Param:
    return Param(Kind.REFERENCE, (path,), frozenset(targets))


_PATIENT = _to("subject", "Patient")
_OF_A_PERSON: Final = {"patient": _PATIENT, "subject": _PATIENT}
_DIRECTORY: Final = (Permission.STRUCTURE_DIRECTORY_READ,)
_ACTORS: Final = ("Organization", "Practitioner", "PractitionerRole", "HealthcareService", "Patient", "RelatedPerson")

CATALOGUE: Final[Mapping[str, Served]] = {
    "Patient": Served(
        rights=(Permission.PATIENT_IDENTITY_READ,),
        also=Permission.REFERRAL_READ_MINIMUM_DATASET,
        params={
            "identifier": Param(
                Kind.NUMBER_OF_PERSON,
                ("identifier",),
                note="Matricule INS, ou numéro interne de l’établissement appelant : dans le corps de POST _search seulement.",
            ),
            "name": _string("name.family", "name.given"),
            "family": _string("name.family"),
            "given": _string("name.given"),
            "birthdate": Param(Kind.BIRTH, ("birthDate",), note="Un jour, un mois ou une année, sans intervalle."),
            "phone": Param(Kind.PHONE, ("telecom",), note="Numéro entier."),
        },
        whole_only=frozenset({"phone"}),
    ),
    "RelatedPerson": Served(
        rights=(Permission.RELATIVE_READ, Permission.TRUSTED_PERSON_READ),
        params={
            "patient": _to("patient", "Patient"),
            "relationship": _token("relationship"),
            "active": _token("active"),
            "identifier": _token("identifier"),
        },
    ),
    "Practitioner": Served(
        rights=_DIRECTORY,
        params={
            "identifier": _token("identifier"),
            "name": _string("name.family", "name.given"),
            "family": _string("name.family"),
            "given": _string("name.given"),
            "active": _token("active"),
        },
    ),
    "PractitionerRole": Served(
        rights=_DIRECTORY,
        params={
            "practitioner": _to("practitioner", "Practitioner"),
            "organization": _to("organization", "Organization"),
            "role": _token("code"),
            "active": _token("active"),
        },
    ),
    "Organization": Served(
        rights=_DIRECTORY,
        params={
            "identifier": _token("identifier"),
            "name": _string("name", "alias"),
            "type": _token("type"),
            "partof": _to("partOf", "Organization"),
            "active": _token("active"),
        },
    ),
    "HealthcareService": Served(
        rights=_DIRECTORY,
        params={
            "identifier": _token("identifier"),
            "name": _string("name"),
            "organization": _to("providedBy", "Organization"),
            "location": _to("location", "Location"),
            "specialty": _token("specialty"),
            "service-type": _token("type"),
            "service-category": _token("category"),
            "characteristic": _token("characteristic"),
            "active": _token("active"),
        },
    ),
    "Location": Served(
        rights=(Permission.BED_AVAILABILITY_READ,),
        params={
            "identifier": _token("identifier"),
            "name": _string("name", "alias"),
            "organization": _to("managingOrganization", "Organization"),
            "partof": _to("partOf", "Location"),
            "status": _token("status"),
        },
    ),
    "Condition": Served(
        rights=(Permission.ANNOUNCEMENT_READ,),
        params={
            **_OF_A_PERSON,
            "code": _token("code"),
            "clinical-status": _token("clinicalStatus"),
            "recorded-date": _date("recordedDate"),
        },
    ),
    "Communication": Served(
        rights=(
            Permission.ANNOUNCEMENT_READ,
            Permission.PATIENT_IDENTITY_READ,
            Permission.PPA_READ_VALIDATED,
            Permission.ADVANCE_DIRECTIVE_READ_CONTENT,
            Permission.TRUSTED_PERSON_READ,
            Permission.ASSESSMENT_READ,
            Permission.ANTICIPATED_CRISIS_READ,
            Permission.COLLEGIAL_DECISION_READ,
            Permission.COORDINATION_FILE_READ,
            Permission.STAY_READ,
            Permission.OPINION_READ,
        ),
        params={
            **_OF_A_PERSON,
            "status": _token("status"),
            "category": _token("category"),
            "sent": _date("sent"),
            "sender": _to("sender", *_ACTORS),
            "recipient": _to("recipient", *_ACTORS),
        },
    ),
    "EpisodeOfCare": Served(
        rights=(Permission.COORDINATION_FILE_READ,),
        params={
            "patient": _to("patient", "Patient"),
            "status": _token("status"),
            "date": _date("period"),
            "organization": _to("managingOrganization", "Organization"),
            "care-manager": _to("careManager", "Practitioner", "PractitionerRole"),
        },
    ),
    "CareTeam": Served(
        rights=(Permission.CIRCLE_MEMBERSHIP_READ,),
        params={
            **_OF_A_PERSON,
            "status": _token("status"),
            "participant": _to("participant.member", *_ACTORS),
        },
    ),
    "CarePlan": Served(
        rights=(Permission.PPA_READ_VALIDATED, Permission.PPA_READ_DRAFT, Permission.ANTICIPATED_CRISIS_READ),
        params={
            **_OF_A_PERSON,
            "status": _token("status"),
            "category": _token("category"),
            "date": _date("period"),
            "identifier": _token("identifier"),
            "replaces": _to("replaces", "CarePlan"),
            "goal": _to("goal", "Goal"),
            "condition": _to("addresses", "Condition"),
            "care-team": _to("careTeam", "CareTeam"),
        },
    ),
    "Goal": Served(
        rights=(Permission.PPA_READ_VALIDATED, Permission.PPA_READ_DRAFT),
        params={
            **_OF_A_PERSON,
            "lifecycle-status": _token("lifecycleStatus"),
            "category": _token("category"),
            "identifier": _token("identifier"),
        },
    ),
    "MedicationRequest": Served(
        rights=(Permission.ANTICIPATED_CRISIS_READ,),
        params={
            **_OF_A_PERSON,
            "status": _token("status"),
            "intent": _token("intent"),
            "authoredon": _date("authoredOn"),
            "requester": _to("requester", *_ACTORS),
        },
    ),
    "Consent": Served(
        rights=(
            Permission.ADVANCE_DIRECTIVE_READ_CONTENT,
            Permission.TRUSTED_PERSON_READ,
            Permission.CONSENT_OPPOSITION_READ,
        ),
        params={
            "patient": _to("patient", "Patient"),
            "status": _token("status"),
            "scope": _token("scope"),
            "category": _token("category"),
            "date": _date("dateTime"),
            "identifier": Param(
                Kind.TOKEN,
                ("identifier",),
                note="Seul le document entier en a un : « status=active&identifier=urn:ietf:rfc:3986| » dit quelles directives "
                "sont les dernières. « identifier=urn:ietf:rfc:3986|urn:uuid:… » dit ce qu’un document est devenu : active, il "
                "vaut ; inactive avec provision.period.end, révoqué ce jour-là ; inactive sans, remplacé ; aucun résultat, inconnu ici.",
            ),
            "actor": _to("provision.actor.reference", *_ACTORS),
            "source-reference": _to("sourceReference", "DocumentReference", "Consent"),
        },
    ),
    "Provenance": Served(
        rights=(Permission.ADVANCE_DIRECTIVE_READ_CONTENT, Permission.TRUSTED_PERSON_READ),
        params={
            "target": _to("target", "Consent"),
            "recorded": _date("recorded"),
            "agent-type": _token("agent.type"),
        },
    ),
    "DetectedIssue": Served(
        rights=(Permission.CONTRADICTION_READ,),
        params={
            "patient": _to("patient", "Patient"),
            "identified": _date("identifiedDateTime"),
            "implicated": _to("implicated", "Consent", "CarePlan", "DocumentReference", "MedicationRequest"),
        },
    ),
    "Procedure": Served(
        rights=(Permission.COLLEGIAL_DECISION_READ,),
        params={
            **_OF_A_PERSON,
            "status": _token("status"),
            "code": _token("code"),
            "date": _date("performedPeriod"),
            "performer": _to("performer.actor", *_ACTORS),
        },
    ),
    "DocumentReference": Served(
        rights=(
            Permission.DOCUMENT_LIST,
            Permission.EMERGENCY_SHEET_READ,
            Permission.ADVANCE_DIRECTIVE_READ_CONTENT,
            Permission.ADVANCE_DIRECTIVE_READ_EXISTENCE,
            Permission.TRUSTED_PERSON_READ,
            Permission.PPA_READ_VALIDATED,
        ),
        params={
            **_OF_A_PERSON,
            "status": _token("status"),
            "type": _token("type"),
            "category": _token("category"),
            "date": _date("date"),
            "period": _date("context.period"),
            "identifier": _token("identifier", "masterIdentifier"),
            "custodian": _to("custodian", "Organization"),
            "relatesto": _to("relatesTo.target", "DocumentReference"),
        },
    ),
    "Observation": Served(
        rights=(Permission.ASSESSMENT_READ, Permission.COORDINATION_FILE_READ),
        params={
            **_OF_A_PERSON,
            "status": _token("status"),
            "category": _token("category"),
            "code": _token("code"),
            "date": _date("effectiveDateTime"),
            "performer": _to("performer", *_ACTORS),
            "derived-from": _to("derivedFrom", "QuestionnaireResponse"),
        },
    ),
    "QuestionnaireResponse": Served(
        rights=(Permission.ASSESSMENT_READ, Permission.ADMISSION_TALK_READ),
        params={
            **_OF_A_PERSON,
            "status": _token("status"),
            "encounter": _to("encounter", "Encounter"),
            "authored": _date("authored"),
            "author": _to("author", *_ACTORS),
        },
    ),
    "ServiceRequest": Served(
        rights=(Permission.REFERRAL_READ_MINIMUM_DATASET,),
        whole_only=frozenset({"performer", "based-on"}),
        params={
            **_OF_A_PERSON,
            "status": _token("status"),
            "priority": _token("priority"),
            "code": _token("code"),
            "category": _token("category"),
            "identifier": _token("identifier"),
            "requisition": _token("requisition"),
            "authored": _date("authoredOn"),
            "requester": _to("requester", *_ACTORS),
            "performer": _to("performer", *_ACTORS),
            "based-on": _to("basedOn", "CarePlan", "ServiceRequest"),
        },
    ),
    "Task": Served(
        rights=(
            Permission.REFERRAL_READ_MINIMUM_DATASET,
            Permission.PLAN_PROPOSAL_READ,
            Permission.ERI_SP_ALERT_READ,
            Permission.ENTRUSTED_ACTION_READ,
        ),
        params={
            "patient": _to("for", "Patient"),
            "subject": _to("for", "Patient"),
            "status": _token("status"),
            "business-status": _token("businessStatus"),
            "code": _token("code"),
            "identifier": _token("identifier"),
            "group-identifier": _token("groupIdentifier"),
            "authored-on": _date("authoredOn"),
            "modified": _date("lastModified"),
            "owner": _to("owner", *_ACTORS),
            "requester": _to("requester", *_ACTORS),
            "focus": _to("focus", "ServiceRequest", "Condition"),
        },
    ),
    "Encounter": Served(
        rights=(Permission.STAY_READ,),
        params={
            **_OF_A_PERSON,
            "status": _token("status"),
            "class": _token("class"),
            "date": _date("period"),
            "identifier": _token("identifier"),
            "service-provider": _to("serviceProvider", "Organization"),
            "based-on": _to("basedOn", "ServiceRequest"),
            "episode-of-care": _to("episodeOfCare", "EpisodeOfCare"),
            "part-of": _to("partOf", "Encounter"),
        },
    ),
}


READ_ELSEWHERE: Final[Mapping[str, Served]] = {
    "AuditEvent": Served(
        rights=(Permission.ACCESS_LOG_READ_OWN_ACCESSES,),
        params={
            "date": _date("recorded"),
            "patient": _to("entity.what", "Patient"),
            "agent": _to("agent.who", "Practitioner", "Device", "Organization"),
            "entity": _to("entity.what"),
            "outcome": _token("outcome"),
            "_profile": Param(Kind.URI, ("meta.profile",), note="Forme IHE BALP (par défaut) ou forme française TDE."),
        },
    ),
    "Questionnaire": Served(
        rights=(Permission.FHIR_OPERATION_METADATA,),
        params={
            "url": Param(Kind.URI, ("url",)),
            "version": _token("version"),
            "status": _token("status"),
        },
        is_dated=False,
    ),
}
"""Types that are not in the store: events, made when read from rows that have their own guard; questionnaires, which are nobody's data."""


def reverse_references(rtype: str) -> list[tuple[str, str]]:
    """Return the (type, parameter) pairs that `_revinclude` may follow to a type, in the order of the table."""
    return [
        (source, name)
        for source, served in CATALOGUE.items()
        for name, param in served.references().items()
        if rtype in param.targets
    ]
