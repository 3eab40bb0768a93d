"""The two life cycles of a request: the request itself, and one line per structure asked.

`LINE` and `LINE_FACTS` are the one table behind the guard, the buttons, the database check,
the FHIR status and the diagram in `docs/states`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class RequestState(StrEnum):
    """Where a request stands; values are those of ServiceRequest.status."""

    DRAFT = "draft"
    ACTIVE = "active"
    COMPLETED = "completed"
    REVOKED = "revoked"


class RequestAction(StrEnum):
    """What happens to a request."""

    SEND = "send"
    COMPLETE = "complete"
    REVOKE = "revoke"


REQUEST = Lifecycle(
    name="referral",
    initial=RequestState.DRAFT,
    labels={
        RequestState.DRAFT: "Brouillon",
        RequestState.ACTIVE: "En cours",
        RequestState.COMPLETED: "Aboutie",
        RequestState.REVOKED: "Retirée",
    },
    moves=(
        moves(
            RequestAction.SEND,
            [RequestState.DRAFT],
            RequestState.ACTIVE,
            deed="Demande envoyée",
            label="Envoyer la demande",
        ),
        moves(RequestAction.COMPLETE, [RequestState.ACTIVE], RequestState.COMPLETED),
        moves(
            RequestAction.REVOKE,
            [RequestState.DRAFT, RequestState.ACTIVE],
            RequestState.REVOKED,
            deed="Demande retirée",
            label="Retirer la demande",
        ),
    ),
    deeds={"send_to_more": "Demande envoyée à d’autres structures"},
)


class LineState(StrEnum):
    """Where one structure stands with a request. Source: states.md, the request."""

    DRAFT = "draft"
    SENT = "sent"
    RECEIVED = "received"
    INFO_REQUESTED = "info_requested"
    INFO_SUPPLIED = "info_supplied"
    UNDER_REVIEW = "under_review"
    WAITLISTED = "waitlisted"
    AGREED_IN_PRINCIPLE = "agreed_in_principle"
    OFFERED = "offered"
    DECLINED = "declined"
    ADMITTED = "admitted"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    CLOSED_ELSEWHERE = "closed_elsewhere"
    EXPIRED = "expired"


class LineAction(StrEnum):
    """What happens to a line."""

    SEND = "send"
    ACKNOWLEDGE = "acknowledge"
    REQUEST_INFO = "request_info"
    SUPPLY_INFO = "supply_info"
    REVIEW = "review"
    WAITLIST = "waitlist"
    AGREE = "agree"
    OFFER = "offer"
    DECLINE = "decline"
    ADMIT = "admit"
    END = "end"
    WITHDRAW = "withdraw"
    CLOSE = "close"
    EXPIRE = "expire"


BEFORE_ADMISSION = (
    LineState.DRAFT,
    LineState.SENT,
    LineState.RECEIVED,
    LineState.INFO_REQUESTED,
    LineState.INFO_SUPPLIED,
    LineState.UNDER_REVIEW,
    LineState.WAITLISTED,
    LineState.AGREED_IN_PRINCIPLE,
    LineState.OFFERED,
)
LIVE = (*BEFORE_ADMISSION, LineState.ADMITTED)
SHOWN_TO_RECIPIENT = frozenset(LIVE) - {LineState.DRAFT} | {LineState.ENDED}
UNANSWERED = frozenset({LineState.SENT, LineState.RECEIVED, LineState.INFO_SUPPLIED, LineState.UNDER_REVIEW})
MAY_EXPIRE = (LineState.SENT, LineState.RECEIVED, LineState.INFO_REQUESTED, LineState.OFFERED)

LINE = Lifecycle(
    name="referral_line",
    initial=LineState.DRAFT,
    labels={
        LineState.DRAFT: "À envoyer",
        LineState.SENT: "Envoyée",
        LineState.RECEIVED: "Ouverte par la structure",
        LineState.INFO_REQUESTED: "Complément demandé",
        LineState.INFO_SUPPLIED: "Complément apporté",
        LineState.UNDER_REVIEW: "À l’étude",
        LineState.WAITLISTED: "Sur liste d’attente",
        LineState.AGREED_IN_PRINCIPLE: "Accord de principe",
        LineState.OFFERED: "Place proposée",
        LineState.DECLINED: "Pas possible",
        LineState.ADMITTED: "Admission faite",
        LineState.ENDED: "Accompagnement terminé",
        LineState.WITHDRAWN: "Retirée",
        LineState.CLOSED_ELSEWHERE: "Close",
        LineState.EXPIRED: "Restée sans réponse",
    },
    moves=(
        moves(LineAction.SEND, [LineState.DRAFT], LineState.SENT),
        moves(LineAction.ACKNOWLEDGE, [LineState.SENT], LineState.RECEIVED, deed="Demande ouverte par la structure"),
        moves(
            LineAction.REVIEW,
            [LineState.RECEIVED, LineState.INFO_SUPPLIED],
            LineState.UNDER_REVIEW,
            deed="Demande mise à l’étude",
            label="Étudier la demande",
        ),
        moves(
            LineAction.OFFER,
            [LineState.UNDER_REVIEW, LineState.WAITLISTED, LineState.AGREED_IN_PRINCIPLE],
            LineState.OFFERED,
            deed="Place proposée",
            label="Proposer une place",
        ),
        moves(
            LineAction.AGREE,
            [LineState.UNDER_REVIEW],
            LineState.AGREED_IN_PRINCIPLE,
            deed="Accord de principe donné",
            label="Donner un accord de principe",
        ),
        moves(
            LineAction.WAITLIST,
            [LineState.UNDER_REVIEW],
            LineState.WAITLISTED,
            deed="Inscription sur liste d’attente",
            label="Inscrire sur liste d’attente",
        ),
        moves(
            LineAction.ADMIT,
            [LineState.WAITLISTED, LineState.AGREED_IN_PRINCIPLE, LineState.OFFERED],
            LineState.ADMITTED,
            deed="Demande aboutie : admission",
            label="La personne est arrivée",
        ),
        moves(
            LineAction.REQUEST_INFO,
            [LineState.RECEIVED, LineState.UNDER_REVIEW],
            LineState.INFO_REQUESTED,
            deed="Complément demandé",
            label="Demander un complément",
        ),
        moves(
            LineAction.SUPPLY_INFO,
            [LineState.INFO_REQUESTED],
            LineState.INFO_SUPPLIED,
            deed="Complément apporté",
            label="Répondre",
        ),
        moves(
            LineAction.DECLINE,
            [LineState.UNDER_REVIEW, LineState.WAITLISTED, LineState.AGREED_IN_PRINCIPLE, LineState.OFFERED],
            LineState.DECLINED,
            deed="La structure ne peut pas accueillir",
            label="Ce n’est pas possible",
        ),
        moves(LineAction.END, [LineState.ADMITTED], LineState.ENDED),
        moves(
            LineAction.WITHDRAW,
            BEFORE_ADMISSION,
            LineState.WITHDRAWN,
            deed="Demande retirée auprès d’une structure",
            label="Retirer auprès de cette structure",
        ),
        moves(LineAction.CLOSE, BEFORE_ADMISSION, LineState.CLOSED_ELSEWHERE, deed="Demande close"),
        moves(LineAction.EXPIRE, MAY_EXPIRE, LineState.EXPIRED, deed="Demande restée sans réponse"),
    ),
    deeds={},
)


class Side(StrEnum):
    """Who moves a line into a state."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    CLOCK = "clock"
    ACT = "act"


class StatusList(StrEnum):
    """Where a business status comes from."""

    R357 = "R357"
    LOCAL = "line-status"
    REASON = "reason"
    NONE = ""


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What is true of one state: who sets it, Task.status, Task.businessStatus, the tone of its tag.

    With `StatusList.REASON` the business status is the line's own coded reason.
    """

    set_by: Side
    task_status: str
    status_list: StatusList = StatusList.NONE
    status_code: str = ""
    tone: str = "neutral"


LINE_FACTS: Mapping[LineState, LineFacts] = {
    LineState.DRAFT: LineFacts(Side.SENDER, "draft"),
    LineState.SENT: LineFacts(Side.SENDER, "requested", tone="info"),
    LineState.RECEIVED: LineFacts(Side.RECIPIENT, "received", StatusList.R357, "182", "info"),
    LineState.INFO_REQUESTED: LineFacts(Side.RECIPIENT, "on-hold", StatusList.LOCAL, "info-requested", "warn"),
    LineState.INFO_SUPPLIED: LineFacts(Side.SENDER, "received", StatusList.LOCAL, "info-supplied", "info"),
    LineState.UNDER_REVIEW: LineFacts(Side.RECIPIENT, "received", StatusList.LOCAL, "under-review", "info"),
    LineState.WAITLISTED: LineFacts(Side.RECIPIENT, "accepted", StatusList.R357, "183", "ok"),
    LineState.AGREED_IN_PRINCIPLE: LineFacts(Side.RECIPIENT, "accepted", StatusList.LOCAL, "agreed-in-principle", "ok"),
    LineState.OFFERED: LineFacts(Side.RECIPIENT, "accepted", StatusList.LOCAL, "offer-made", "ok"),
    LineState.DECLINED: LineFacts(Side.RECIPIENT, "rejected", StatusList.REASON, tone="warn"),
    LineState.ADMITTED: LineFacts(Side.RECIPIENT, "in-progress", StatusList.R357, "184", "ok"),
    LineState.ENDED: LineFacts(Side.RECIPIENT, "completed", StatusList.R357, "188"),
    LineState.WITHDRAWN: LineFacts(Side.SENDER, "cancelled", StatusList.R357, "180"),
    LineState.CLOSED_ELSEWHERE: LineFacts(Side.ACT, "cancelled", StatusList.REASON),
    LineState.EXPIRED: LineFacts(Side.CLOCK, "cancelled", StatusList.LOCAL, "expired", "crit"),
}
IN_CARE = "186"
"""Business status (R357) of an admitted line once the person is settled in."""


class Urgency(StrEnum):
    """How soon an answer is needed; values are those of ServiceRequest.priority."""

    ROUTINE = "routine"
    URGENT = "urgent"
    ASAP = "asap"
    STAT = "stat"


URGENCY_LABELS = {
    Urgency.ROUTINE: "Dans les semaines qui viennent",
    Urgency.URGENT: "Dans la semaine",
    Urgency.ASAP: "Sous 48 heures",
    Urgency.STAT: "Aujourd’hui",
}


class DeclineReason(StrEnum):
    """Why a structure cannot receive. Source: domain.md §5.3."""

    NO_PLACE = "no-place"
    OUT_OF_TERRITORY = "out-of-territory"
    NEEDS_LOWER_LEVEL = "needs-lower-level"
    NEEDS_HIGHER_LEVEL = "needs-higher-level"
    PERSON_DISAGREES = "person-disagrees"
    PHYSICIAN_NOT_REACHED = "physician-not-reached"
    HOUSING_UNSUITABLE = "housing-unsuitable"
    NO_CARER = "no-carer"
    INFORMATION_MISSING = "information-missing"
    OUTSIDE_HOURS = "outside-hours"
    AGE = "age"
    OTHER = "other"


DECLINE_LABELS = {
    DeclineReason.NO_PLACE: "Aucune place pour le moment",
    DeclineReason.OUT_OF_TERRITORY: "Hors du territoire",
    DeclineReason.NEEDS_LOWER_LEVEL: "Une structure de proximité conviendrait mieux",
    DeclineReason.NEEDS_HIGHER_LEVEL: "La situation demande une structure plus spécialisée",
    DeclineReason.PERSON_DISAGREES: "La personne ou ses proches ne le souhaitent pas",
    DeclineReason.PHYSICIAN_NOT_REACHED: "Médecin traitant non joint, ou pas d’accord",
    DeclineReason.HOUSING_UNSUITABLE: "Le logement ne s’y prête pas",
    DeclineReason.NO_CARER: "Pas de proche présent au domicile",
    DeclineReason.INFORMATION_MISSING: "Des informations manquent",
    DeclineReason.OUTSIDE_HOURS: "En dehors des horaires",
    DeclineReason.AGE: "Âge non accueilli",
    DeclineReason.OTHER: "Autre raison",
}


class WithdrawReason(StrEnum):
    """Why the sender takes a request back."""

    PERSON_DISAGREES = "person-disagrees"
    PLACE_FOUND = "place-found"
    RETURNED_HOME = "returned-home"
    IMPROVED = "improved"
    SENT_IN_ERROR = "sent-in-error"
    NOT_CHOSEN = "not-chosen"
    REQUEST_REVOKED = "request-revoked"
    OTHER = "other"


WITHDRAW_LABELS = {
    WithdrawReason.PERSON_DISAGREES: "La personne ne le souhaite plus",
    WithdrawReason.PLACE_FOUND: "Une autre solution est trouvée",
    WithdrawReason.RETURNED_HOME: "La personne est rentrée chez elle",
    WithdrawReason.IMPROVED: "La situation s’est améliorée",
    WithdrawReason.SENT_IN_ERROR: "Envoyée par erreur",
    WithdrawReason.NOT_CHOSEN: "Finalement pas sollicitée",
    WithdrawReason.REQUEST_REVOKED: "La demande entière est retirée",
    WithdrawReason.OTHER: "Autre raison",
}


class ClosingReason(StrEnum):
    """What closed a line from outside; values are codes of the project's own list `closing-reason`."""

    ADMITTED_ELSEWHERE = "admitted-elsewhere"
    DIED = "died"
    RETURNED_HOME = "returned-home"


CLOSING_LABELS = {
    ClosingReason.ADMITTED_ELSEWHERE: "Accueillie par une autre structure",
    ClosingReason.DIED: "Décès de la personne",
    ClosingReason.RETURNED_HOME: "Retour à domicile",
}


class Destination(StrEnum):
    """Where the person went when the accompaniment by a structure ended."""

    HOME_WITHOUT_HAD = "home_without_had"
    HOME_WITH_HAD = "home_with_had"
    OTHER_STRUCTURE = "other_structure"
    CARE_HOME = "ehpad"
    DIED = "died"
    OTHER = "other"


DESTINATION_LABELS = {
    Destination.HOME_WITHOUT_HAD: "Domicile, sans HAD",
    Destination.HOME_WITH_HAD: "Domicile, avec HAD",
    Destination.OTHER_STRUCTURE: "Autre structure",
    Destination.CARE_HOME: "EHPAD ou lieu de vie collectif",
    Destination.DIED: "Décès",
    Destination.OTHER: "Autre",
}


class MessageKind(StrEnum):
    """What a message on a line is."""

    QUESTION = "question"
    ANSWER = "answer"
    REMINDER = "reminder"


MESSAGE_LABELS = {
    MessageKind.QUESTION: "Complément demandé",
    MessageKind.ANSWER: "Complément apporté",
    MessageKind.REMINDER: "Relance",
}


def reason_label(state: LineState, reason: str) -> str:
    """Return the French text of a line's coded reason; empty without one."""
    labels: Mapping[LineState, Mapping[str, str]] = {
        LineState.DECLINED: {str(code): text for code, text in DECLINE_LABELS.items()},
        LineState.WITHDRAWN: {str(code): text for code, text in WITHDRAW_LABELS.items()},
        LineState.CLOSED_ELSEWHERE: {str(code): text for code, text in CLOSING_LABELS.items()},
    }
    return labels.get(state, {}).get(reason, "")


LINE_COLUMNS = ("Set by", "Task.status", "Task.businessStatus")


def line_columns(state: LineState) -> tuple[str, str, str]:
    """Return what `LINE_COLUMNS` say of a state, for the documentation."""
    facts = LINE_FACTS[state]
    business = f"{facts.status_list} {facts.status_code}".strip()
    if state == LineState.ADMITTED:
        business += f", then {IN_CARE}"
    return str(facts.set_by), facts.task_status, business
