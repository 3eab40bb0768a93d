"""Pure rules of the trail: in which words a row is told, which lines are one, which visits are unusual and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from accounts.kernel.actor import Role
from accounts.kernel.clock import PARIS
from accounts.kernel.errors import DomainError
from accounts.trails.records import Trace, Visit

SUBJECTS: Mapping[str, str] = {
    "patient_identity": "identité et coordonnées",
    "relative": "proches",
    "circle_membership": "cercle de soins",
    "consent_opposition": "accords et refus de partage",
    "ppa": "plan personnalisé d’accompagnement",
    "plan_proposal": "proposition d’un plan",
    "announcement": "annonce de la maladie",
    "assessment": "évaluation",
    "anticipated_crisis": "conduites à tenir et prescriptions anticipées",
    "emergency_sheet": "Fiche Urgence Pallia",
    "opinion": "demande d’avis",
    "advance_directive": "directives anticipées",
    "contradiction": "passages à éclaircir",
    "collegial_decision": "décision collégiale",
    "trusted_person": "personne de confiance",
    "visit": "visites de bénévoles",
    "entrusted_action": "action du plan confiée à une structure",
    "bereavement": "souhaits pour les proches et contacts après le décès",
    "document": "document",
    "referral": "demande d’admission ou d’intervention",
    "referral_message": "échanges sur une demande",
    "coordination_file": "dossier de coordination",
    "eri_sp_alert": "alerte à l’équipe rapide",
    "stay": "séjour",
    "admission_talk": "question posée à l’admission sur les directives et la personne de confiance",
    "access_log": "liste des accès au dossier",
    "rgpd_request": "demande de la personne sur ses données",
    "break_glass": "fiche d’urgence",
    "Patient": "identité et coordonnées",
    "RelatedPerson": "proches",
    "CareTeam": "cercle de soins",
    "Consent": "directives, accords ou personne de confiance",
    "CarePlan": "plan personnalisé d’accompagnement",
    "MedicationRequest": "conduites à tenir et prescriptions anticipées",
    "Goal": "plan personnalisé d’accompagnement",
    "Condition": "annonce de la maladie",
    "Communication": "annonce de la maladie",
    "DocumentReference": "document",
    "Binary": "document",
    "ServiceRequest": "demande d’admission ou d’intervention",
    "Task": "suivi d’une demande ou d’une action",
    "EpisodeOfCare": "dossier de coordination",
    "Encounter": "séjour",
    "AuditEvent": "liste des accès au dossier",
    "Provenance": "témoins de directives ou d’une désignation",
    "DetectedIssue": "passages à éclaircir",
    "Procedure": "décision collégiale",
    "Observation": "évaluation",
    "QuestionnaireResponse": "évaluation, ou question posée à l’admission",
    "": "dossier",
}
READ, TAKEN, WRITTEN = "consultation", "impression ou téléchargement", "saisie ou modification"
_READING = ("read", "list", "search", "history", "vread", "open", "find", "review", "verify", "preview")
_TAKING = ("download", "print", "export", "hand")
LATE_RELATION = timedelta(days=90)
AFTER_END = timedelta(days=30)
MANY_PERSONS = 40
NIGHT_FROM, NIGHT_TO = 22, 6
BY_DAY = frozenset({Role.COORDINATOR, Role.SOCIAL_WORKER, Role.BED_MANAGER, Role.VOLUNTEER})
"""Functions that nobody holds at night."""


def what_of(trace: Trace) -> str:
    """Return what was done, as a person would say it: « plan personnalisé d’accompagnement : consultation »."""
    subject, _, verb = trace.action.partition(".")
    if subject == "fhir":
        subject = trace.object_type
    named = SUBJECTS.get(subject, SUBJECTS[""])
    return f"{named} : {_deed(verb)}"


def is_reading(trace: Trace) -> bool:
    """Tell whether a row only looked at something."""
    return _deed(trace.action.partition(".")[2]) == READ


def quality_of(trace: Trace) -> str:
    """Return why the actor could do it, in plain words."""
    if trace.is_emergency:
        return "accès en urgence (bris de glace)"
    if trace.role == Role.SYSTEM:
        return "traitement automatique du service"
    codes = set(trace.rule.replace("|", "+").split("+"))
    if codes & {"REFRECV", "REFACC", "REFSTUDY"}:
        return "structure à qui une demande est adressée"
    if "REFSEND" in codes:
        return "structure qui a envoyé la demande"
    if codes & {"CIRCLE", "TEAM", "VISIBLE", "ORGPAT"}:
        return "membre du cercle de soins ou de l’équipe"
    return "structure qui suit le dossier"


def day_of(at: datetime) -> date:
    """Return the day in Paris."""
    return at.astimezone(PARIS).date()


def is_night(at: datetime) -> bool:
    """Tell whether an hour is of the night in Paris."""
    hour = at.astimezone(PARIS).hour
    return hour >= NIGHT_FROM or hour < NIGHT_TO


class Reason(StrEnum):
    """Why a visit is worth a look. None of them is a fault by itself."""

    NO_RELATION = "no-relation"
    AFTER_STAY = "after-stay"
    AFTER_DEATH = "after-death"
    SAME_NAME = "same-name"
    STAFF = "staff"
    MANY = "many"
    NIGHT = "night"


REASON_LABELS: Mapping[Reason, str] = {
    Reason.NO_RELATION: "Aucune activité de la structure pour cette personne dans les 90 jours",
    Reason.AFTER_STAY: "Plus de 30 jours après la fin du séjour",
    Reason.AFTER_DEATH: "Plus de 30 jours après le décès",
    Reason.SAME_NAME: "Même nom de famille que le professionnel",
    Reason.STAFF: "Dossier d’un membre du personnel",
    Reason.MANY: f"Plus de {MANY_PERSONS} dossiers ouverts dans la journée",
    Reason.NIGHT: "Entre 22 h et 6 h, pour une fonction de jour",
}


def _is_without_relation(visit: Visit) -> bool:
    return visit.worked_on is None or abs(visit.day - visit.worked_on) > LATE_RELATION


def _is_after_stay(visit: Visit) -> bool:
    if visit.left_on is None or visit.day - visit.left_on <= AFTER_END:
        return False
    return visit.worked_on is None or visit.worked_on <= visit.left_on


_TESTS: Mapping[Reason, Callable[[Visit], bool]] = {
    Reason.NO_RELATION: _is_without_relation,
    Reason.AFTER_STAY: _is_after_stay,
    Reason.AFTER_DEATH: lambda visit: visit.died_on is not None and visit.day - visit.died_on > AFTER_END,
    Reason.SAME_NAME: lambda visit: visit.same_name,
    Reason.STAFF: lambda visit: visit.is_staff,
    Reason.MANY: lambda visit: visit.persons_that_day > MANY_PERSONS,
    Reason.NIGHT: lambda visit: visit.by_night and visit.role in BY_DAY,
}


def reasons_of(visit: Visit) -> tuple[Reason, ...]:
    """Return why a visit is unusual; nothing when it is not. A break-glass has a review of its own."""
    if visit.is_emergency:
        return ()
    return tuple(reason for reason, holds in _TESTS.items() if holds(visit))


@dataclass(frozen=True, slots=True)
class Together:
    """The key under which rows of a person's list are one line."""

    day: date
    who: str
    what: str
    quality: str


class CommentMissing(DomainError):
    """A review says what was found."""

    code = "review-comment-missing"
    text = "Écrivez ce que vous avez constaté, en quelques mots."


class AskedInFuture(DomainError):
    """A list cannot have been asked for tomorrow."""

    code = "access-list-asked-in-future"
    text = "Cette date est dans le futur. Indiquez le jour où la liste a été demandée."


class OwnAccess(DomainError):
    """Nobody reviews his own visits."""

    code = "review-of-own-access"
    text = "Vous ne pouvez pas relire vos propres accès. Confiez cette relecture à un autre référent."
    status = 403
    issue = "forbidden"


def check_asked_on(asked_on: date, today: date) -> None:
    """Raise `AskedInFuture` for a day to come."""
    if asked_on > today:
        raise AskedInFuture(field="asked_on")


def check_comment(comment: str) -> None:
    """Raise `CommentMissing` for an empty one."""
    if not comment.strip():
        raise CommentMissing(field="comment")


def _deed(verb: str) -> str:
    if verb.startswith(_TAKING):
        return TAKEN
    return READ if verb.startswith(_READING) else WRITTEN
