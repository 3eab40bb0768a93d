"""Every system URI, OID, type code and canonical that the bridge writes or recognises, named once."""

from enum import StrEnum
from typing import Final

FHIR_VERSION: Final = "4.0.1"
FHIR_JSON: Final = "application/fhir+json"

# Own code systems: one stable base, never a uuid, so that a partner may store it.
LOCAL: Final = "https://coordination-ppa.example/fhir/CodeSystem"
LOCAL_LINE_STATUS: Final = f"{LOCAL}/line-status"
LOCAL_CLOSING_REASON: Final = f"{LOCAL}/closing-reason"
LOCAL_STRUCTURE_KIND: Final = f"{LOCAL}/structure-kind"
LOCAL_TASK_CODE: Final = f"{LOCAL}/task-code"
LOCAL_COMMUNICATION_CATEGORY: Final = f"{LOCAL}/communication-category"
LOCAL_CARE_PLAN_CATEGORY: Final = f"{LOCAL}/care-plan-category"
LOCAL_COLLEGIAL_DECISION: Final = f"{LOCAL}/collegial-decision"
LOCAL_GRADATION: Final = f"{LOCAL}/gradation"
LOCAL_SCALE: Final = f"{LOCAL}/scale"
LOCAL_SCALE_ITEM: Final = f"{LOCAL}/scale-item"
LOCAL_CONTACT_ROLE: Final = f"{LOCAL}/contact-role"
LOCAL_DESIGNATION_SCOPE: Final = f"{LOCAL}/designation-scope"
SUPPORTING_INFO: Final = "http://hl7.org/fhir/StructureDefinition/workflow-supportingInfo"
EXT_KNOWS_WISHES: Final = "https://coordination-ppa.example/fhir/StructureDefinition/trusted-person-knows-wishes"
EXT_HOLDS_COPY: Final = "https://coordination-ppa.example/fhir/StructureDefinition/trusted-person-holds-copy"
"""Of a designation: Consent has no element for what the trusted person knows of the wishes, and holds of the directives."""
LOCAL_QUESTIONNAIRE: Final = "https://coordination-ppa.example/fhir/Questionnaire"

# Source: HL7 FHIR R4 4.0.1 and terminology.hl7.org.
LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"
UCUM: Final = "http://unitsofmeasure.org"
ICD10: Final = "http://hl7.org/fhir/sid/icd-10"
URI: Final = "urn:ietf:rfc:3986"
BCP47: Final = "urn:ietf:bcp:47"
V2_0203: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"
V2_0131: Final = "http://terminology.hl7.org/CodeSystem/v2-0131"
V3_CONFIDENTIALITY: Final = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
V3_ACT_CODE: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
V3_PARTICIPATION_TYPE: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
V3_OBSERVATION_VALUE: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
CONDITION_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
CONDITION_VERIFICATION: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
OBSERVATION_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
GOAL_ACHIEVEMENT: Final = "http://terminology.hl7.org/CodeSystem/goal-achievement"
CONSENT_SCOPE: Final = "http://terminology.hl7.org/CodeSystem/consentscope"
CONSENT_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/consentcategorycodes"
CONSENT_POLICY: Final = "http://terminology.hl7.org/CodeSystem/consentpolicycodes"
TASK_CODE: Final = "http://hl7.org/fhir/CodeSystem/task-code"
RESTFUL_INTERACTION: Final = "http://hl7.org/fhir/restful-interaction"
AUDIT_EVENT_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-event-type"
AUDIT_ENTITY_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
BALP: Final = "https://profiles.ihe.net/ITI/BALP"
BALP_ENTITY_TYPE: Final = f"{BALP}/CodeSystem/BasicAuditEntityType"
TDE_AUDIT_EVENT: Final = "https://interop.esante.gouv.fr/ig/fhir/tde/StructureDefinition/tde-auditevent"
LIFECYCLE_EVENT: Final = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
SECURITY_SOURCE_TYPE: Final = "http://terminology.hl7.org/CodeSystem/security-source-type"
EXTRA_SECURITY_ROLE: Final = "http://terminology.hl7.org/CodeSystem/extra-security-role-type"
RESOURCE_TYPES: Final = "http://hl7.org/fhir/resource-types"
V3_ROLE_CLASS: Final = "http://terminology.hl7.org/CodeSystem/v3-RoleClass"
V3_ACT_REASON: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
OBJECT_ROLE: Final = "http://terminology.hl7.org/CodeSystem/object-role"
DICOM: Final = "http://dicom.nema.org/resources/ontology/DCM"

# Source: FrCore 2.1 to 2.3, package hl7.fhir.fr.core.
FR_CORE: Final = "https://hl7.fr/ig/fhir/core"
FR_V2_0203: Final = f"{FR_CORE}/CodeSystem/fr-core-cs-v2-0203"
FR_V2_0445: Final = f"{FR_CORE}/CodeSystem/fr-core-cs-v2-0445"
FR_IDENTITY_STATUS: Final = f"{FR_CORE}/CodeSystem/fr-core-cs-identity-status"
FR_IDENTITY_STATUS_COMMENT: Final = f"{FR_CORE}/CodeSystem/fr-core-cs-identity-status-comment"

EXT_IDENTITY_RELIABILITY: Final = f"{FR_CORE}/StructureDefinition/fr-core-identity-reliability"
EXT_BIRTH_LIST_GIVEN_NAME: Final = f"{FR_CORE}/StructureDefinition/fr-core-patient-birth-list-given-name"
EXT_INSEE_CODE: Final = f"{FR_CORE}/StructureDefinition/fr-core-address-insee-code"
EXT_BIRTH_PLACE: Final = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
EXT_DATA_ABSENT_REASON: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

PROFILE_PATIENT: Final = f"{FR_CORE}/StructureDefinition/fr-core-patient"
PROFILE_PATIENT_INS: Final = f"{FR_CORE}/StructureDefinition/fr-core-patient-ins"
PROFILE_RELATED_PERSON: Final = f"{FR_CORE}/StructureDefinition/fr-core-related-person"
PROFILE_PRACTITIONER: Final = f"{FR_CORE}/StructureDefinition/fr-core-practitioner"
PROFILE_PRACTITIONER_ROLE: Final = f"{FR_CORE}/StructureDefinition/fr-core-practitioner-role"
PROFILE_ORGANIZATION: Final = f"{FR_CORE}/StructureDefinition/fr-core-organization"
PROFILE_ENCOUNTER: Final = f"{FR_CORE}/StructureDefinition/fr-core-encounter"


class InsSystem(StrEnum):
    """Assigning authorities of the INS matricule. Source: fr-core-patient-ins."""

    NIR = "urn:oid:1.2.250.1.213.1.4.8"
    NIA = "urn:oid:1.2.250.1.213.1.4.9"
    TEST = "urn:oid:1.2.250.1.213.1.4.10"
    DEMO = "urn:oid:1.2.250.1.213.1.4.11"


PRODUCTION_INS_SYSTEMS: Final = frozenset({InsSystem.NIR, InsSystem.NIA})
"""Refused in a demonstration; the other two are refused in production."""

INS_TYPE_CODES: Final[dict[InsSystem, str]] = {
    InsSystem.NIR: "INS-NIR",
    InsSystem.NIA: "INS-NIA",
    InsSystem.TEST: "INS-NIR-TEST",
    InsSystem.DEMO: "INS-NIR-DEMO",
}
"""Type of the identifier, in FR_V2_0203, for each authority."""

INS_USES: Final[dict[InsSystem, str]] = {
    InsSystem.NIR: "official",
    InsSystem.NIA: "temp",
    InsSystem.TEST: "official",
    InsSystem.DEMO: "official",
}
"""Identifier.use for each authority."""

IPP_TYPE: Final = "PI"
"""Type, in V2_0203, of an organisation's own patient number."""
PLACER_TYPE: Final = "PLAC"
FILLER_TYPE: Final = "FILL"
VISIT_TYPE: Final = "VN"
MOVEMENT_TYPE: Final = "MN"

# Source: identifier slices of fr-core-practitioner and fr-core-organization; the type codes are of FR_V2_0203.
RPPS: Final = "https://rpps.esante.gouv.fr"
RPPS_TYPE: Final = "RPPS"
IDNPS: Final = "urn:oid:1.2.250.1.71.4.2.1"
IDNPS_TYPE: Final = "IDNPS"
IDNST: Final = "urn:oid:1.2.250.1.71.4.2.2"
IDNST_TYPE: Final = "IDNST"
FINESS: Final = "https://finess.esante.gouv.fr"
FINESS_LEGAL_ENTITY_TYPE: Final = "FINEJ"
FINESS_SITE_TYPE: Final = "FINEG"
SIRENE: Final = "https://sirene.fr"
SIREN_TYPE: Final = "SIREN"
SIRET_TYPE: Final = "SIRET"


def nos(table: str) -> str:
    """Return the URI of a table of the NOS, such as `R260-HL7RoleClass`. Source: NOS URL pattern of the ANS."""
    return f"https://mos.esante.gouv.fr/NOS/TRE_{table}/FHIR/TRE-{table}"


R02: Final = nos("R02-SecteurActivite")
R66: Final = nos("R66-CategorieEtablissement")
R211: Final = nos("R211-ActiviteOperationnelle")
R213: Final = nos("R213-ModePriseEnCharge")
R216: Final = nos("R216-HL7RoleCode")
R217: Final = nos("R217-ProtectionJuridique")
R227: Final = nos("R227-ChampActivite")
R234: Final = nos("R234-TypeNote")
R244: Final = nos("R244-CategorieOrganisation")
R248: Final = nos("R248-ModeAcces")
R254: Final = nos("R254-TypeEvenement")
R256: Final = nos("R256-TypeMessagerie")
R259: Final = nos("R259-HL7ParticipationFunction")
R260: Final = nos("R260-HL7RoleClass")
R329: Final = nos("R329-NatureCapacite")
R330: Final = nos("R330-TypeStatutCapacite")
R331: Final = nos("R331-TemporaliteCapacite")
R332: Final = nos("R332-GenreCapacite")
R357: Final = nos("R357-StatutPersonnePriseCharge")
A00: Final = nos("A00-ProducteurDocNonPS")
A01: Final = nos("A01-CadreExercice")
A02: Final = nos("A02-ProfessionSavFaire-CISIS")
A03: Final = nos("A03-ClasseDocument")
A05: Final = nos("A05-TypeDocComplementaire")
A06: Final = nos("A06-FormatCodeComplementaire")
A07: Final = nos("A07-StatutVisibiliteDocument")
A11: Final = nos("A11-IheFormatCode")
CISIS: Final = "https://smt.esante.gouv.fr/fhir/CodeSystem/terminologie-cisis"

# Source: ROR guide, ror-location and ror-healthcareservice.
ROR: Final = "https://interop.esante.gouv.fr/ig/fhir/ror"
EXT_SUPPORTED_CAPACITY: Final = f"{ROR}/StructureDefinition/ror-location-supported-capacity"
EXT_TERRITORIAL_DIVISION: Final = f"{ROR}/StructureDefinition/ror-territorial-division"

# Source: JDV_J07 2026-05-05 (types) and JDV_J06 (classes).
TYPE_DIRECTIVES: Final = (A05, "EXPPAT_3")
TYPE_TRUSTED_PERSON: Final = (A05, "EXPPAT_1")
TYPE_OTHER_PATIENT_DOCUMENT: Final = (A05, "EXPPAT_2")
TYPE_PPA: Final = (LOINC, "18776-5")
TYPE_PPA_IN_ESMS: Final = (LOINC, "80788-3")
TYPE_EMERGENCY_SHEET: Final = (LOINC, "74207-2")
TYPE_REFERRAL_LETTER: Final = (LOINC, "96349-6")
TYPE_TRANSFER_NOTE: Final = (LOINC, "18761-7")
TYPE_DISCHARGE_LETTER: Final = (LOINC, "11490-0")
TYPE_SIGNED_CONSENT: Final = (LOINC, "59284-0")
CLASS_PATIENT_DOCUMENT: Final = (A03, "90")
CLASS_CARE_PLAN: Final = (A03, "44")
CLASS_SYNTHESIS: Final = (A03, "11")

# Source: FRAdvanceDirectiveDocument (draft), HL7 consent terminology, CI-SIS.
SCOPE_ADVANCE_DIRECTIVE: Final = (CONSENT_SCOPE, "adr")
SCOPE_PRIVACY: Final = (CONSENT_SCOPE, "patient-privacy")
CATEGORY_ADVANCE_DIRECTIVE: Final = (CONSENT_CATEGORY, "acd")
SECTION_DIRECTIVES: Final = (LOINC, "42348-3")
SECTION_TRUSTED_PERSON: Final = (LOINC, "81335-2")
PALLIATIVE_CARE: Final = (SNOMED, "103735009")
ROLE_TRUSTED_PERSON: Final = (R260, "NOK")
ACTIVITY_PALLIATIVE: Final = (R211, "170")
ACTIVITY_PALLIATIVE_BEDS: Final = (R211, "076")
TASK_FULFILL: Final = (TASK_CODE, "fulfill")
_HEALTH_CODE: Final = "https://www.legifrance.gouv.fr/codes/texte_lc/LEGITEXT000006072665"
POLICY_DIRECTIVES: Final = f"{_HEALTH_CODE}#L1111-11"
"""Consent.policy.uri of directives: code de la santé publique, art. L1111-11."""
POLICY_TRUSTED_PERSON: Final = f"{_HEALTH_CODE}#L1111-6"
"""Consent.policy.uri of a designation: code de la santé publique, art. L1111-6."""

SERVED_TYPES: Final = (
    "AuditEvent",
    "Binary",
    "Bundle",
    "CarePlan",
    "CareTeam",
    "Communication",
    "Condition",
    "Consent",
    "DetectedIssue",
    "DocumentReference",
    "Encounter",
    "EpisodeOfCare",
    "Goal",
    "HealthcareService",
    "Location",
    "MedicationRequest",
    "Observation",
    "OperationOutcome",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "Provenance",
    "Questionnaire",
    "QuestionnaireResponse",
    "RelatedPerson",
    "ServiceRequest",
    "Task",
)
"""Resource types with a mapper, or that the protocol itself needs."""

EMBEDDED_TYPES: Final = (
    "AllergyIntolerance",
    "Appointment",
    "CommunicationRequest",
    "Composition",
    "Coverage",
    "Device",
    "DiagnosticReport",
    "Flag",
    "Group",
    "List",
    "Medication",
    "MedicationStatement",
    "Observation",
    "QuestionnaireResponse",
    "Specimen",
)
"""Types accepted only inside another resource: as contained, or as an entry of a Bundle."""
