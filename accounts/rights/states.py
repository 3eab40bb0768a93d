"""The life of a request for a copy, and what can be rectified."""

from dataclasses import dataclass
from enum import StrEnum

from accounts.access.permissions import Permission
from accounts.kernel.states import Lifecycle, moves


class ExportState(StrEnum):
    """Where a copy of the file stands."""

    ASKED = "asked"
    APPROVED = "approved"
    READY = "ready"
    HANDED_OVER = "handed_over"
    EXPIRED = "expired"


class ExportAction(StrEnum):
    """What moves it."""

    APPROVE = "approve"
    MAKE_READY = "make_ready"
    HAND_OVER = "hand_over"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


EXPORT_LABELS: dict[StrEnum, str] = {
    ExportState.ASKED: "À autoriser par le référent confidentialité",
    ExportState.APPROVED: "En préparation",
    ExportState.READY: "Prête à remettre",
    ExportState.HANDED_OVER: "Remise à la personne",
    ExportState.EXPIRED: "Lien expiré",
}

EXPORT = Lifecycle(
    name="access_export",
    initial=ExportState.ASKED,
    labels=EXPORT_LABELS,
    moves=(
        moves(ExportAction.APPROVE, [ExportState.ASKED], ExportState.APPROVED, "Copie du dossier autorisée", "Autoriser"),
        moves(ExportAction.MAKE_READY, [ExportState.APPROVED], ExportState.READY, "Copie du dossier prête"),
        moves(ExportAction.HAND_OVER, [ExportState.READY, ExportState.HANDED_OVER], ExportState.HANDED_OVER, "Copie du dossier remise", "Remise à la personne"),
        moves(ExportAction.EXPIRE, [ExportState.READY, ExportState.HANDED_OVER], ExportState.EXPIRED),
        moves(ExportAction.WITHDRAW, [ExportState.APPROVED, ExportState.READY], ExportState.APPROVED, "Copie du dossier retirée, à refaire sans un fichier mis à l’écart"),
        moves(ExportAction.WITHDRAW, [ExportState.HANDED_OVER], ExportState.EXPIRED),
    ),
    deeds={"ask": "Copie du dossier demandée"},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of what was written that an addendum can stand beside: its name, and who may read it."""

    label: str
    permission: Permission


TARGETS = {
    "person": Target("Identité et coordonnées", Permission.PATIENT_IDENTITY_READ),
    "announcement": Target("Annonce", Permission.ANNOUNCEMENT_READ),
    "plan": Target("Plan personnalisé d’accompagnement", Permission.PPA_READ_VALIDATED),
    "directive": Target("Directives anticipées", Permission.ADVANCE_DIRECTIVE_READ_CONTENT),
    "designation": Target("Personne de confiance", Permission.TRUSTED_PERSON_READ),
    "assessment": Target("Évaluation", Permission.ASSESSMENT_READ),
    "anticipated_crisis": Target("Conduite à tenir", Permission.ANTICIPATED_CRISIS_READ),
    "collegial_decision": Target("Décision prise ensemble", Permission.COLLEGIAL_DECISION_READ),
    "case": Target("Dossier de coordination", Permission.COORDINATION_FILE_READ),
    "stay": Target("Séjour", Permission.STAY_READ),
    "opinion": Target("Avis demandé", Permission.OPINION_READ),
}
"""By the name of the aggregate."""
