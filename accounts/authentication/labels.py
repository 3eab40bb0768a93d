"""How a function is called on a page."""

from collections.abc import Mapping

from accounts.kernel.actor import Duty, Mandate, Role

ROLE_LABELS: Mapping[Duty, str] = {
    Role.COORDINATOR: "Gestionnaire de parcours",
    Role.PHYSICIAN: "Médecin",
    Role.NURSE: "Infirmier, infirmière",
    Role.BED_MANAGER: "Cadre de structure",
    Role.SOCIAL_WORKER: "Travail social",
    Role.VOLUNTEER: "Bénévole d’accompagnement",
    Role.EMERGENCY_DISPATCHER: "Régulation du SAMU",
    Role.REGIONAL_READER: "Agence régionale de santé",
    Role.TECHNICAL_ADMIN: "Administration technique",
    Role.RIGHTS_MANAGER: "Gestion des habilitations",
    Role.PRIVACY_OFFICER: "Référent confidentialité",
    Role.FHIR_CLIENT: "Système partenaire",
    Mandate.IDENTITY_VIGILANCE: "Mandat d’identitovigilance",
    Role.ANONYMOUS: "",
    Role.SYSTEM: "Traitement automatique",
}
