"""Life of a break-glass and of the notice that the person is owed, and the codes of both. Source: security.md §3.4."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class State(StrEnum):
    """Where a break-glass stands."""

    OPEN = "open"
    ENDED = "ended"
    REVIEWED = "reviewed"


class Action(StrEnum):
    """What may happen to a break-glass."""

    END = "end"
    EXPIRE = "expire"
    REVIEW = "review"


BREAK_GLASS = Lifecycle(
    name="break_glass",
    initial=State.OPEN,
    labels={State.OPEN: "En cours", State.ENDED: "Terminé, à revoir", State.REVIEWED: "Revu"},
    moves=(
        moves(Action.END, [State.OPEN], State.ENDED, "Accès d’urgence terminé", "Terminer maintenant"),
        moves(Action.EXPIRE, [State.OPEN], State.ENDED, "Accès d’urgence terminé"),
        moves(Action.REVIEW, [State.ENDED], State.REVIEWED, "Accès d’urgence revu", "Enregistrer la revue"),
    ),
    deeds={"open": "Accès d’urgence au dossier (bris de glace)"},
)


class NoticeState(StrEnum):
    """Whether the person knows."""

    DUE = "due"
    TOLD = "told"


class NoticeAction(StrEnum):
    """What may happen to a notice."""

    TELL = "tell"


NOTICE = Lifecycle(
    name="emergency_access_notice",
    initial=NoticeState.DUE,
    labels={NoticeState.DUE: "Personne à prévenir", NoticeState.TOLD: "Personne prévenue"},
    moves=(moves(NoticeAction.TELL, [NoticeState.DUE], NoticeState.TOLD, "Personne prévenue de l’accès d’urgence"),),
    deeds={"due": ""},
)


class Reason(StrEnum):
    """Why the glass is broken. Source: CSP L.1111-17 (a call regulated by a SAMU; an immediate risk to health)."""

    REGULATED_CALL = "regulated_call"
    IMMEDIATE_RISK = "immediate_risk"
    TRANSPORT = "transport"


REASON_LABELS = {
    Reason.REGULATED_CALL: "Appel régulé par le SAMU-Centre 15",
    Reason.IMMEDIATE_RISK: "Risque immédiat, personne hors d’état de s’exprimer",
    Reason.TRANSPORT: "Transport ou admission en urgence en cours",
}


class FoundBy(StrEnum):
    """The exact identity by which the person was found."""

    PHONE = "phone"
    NAME_AND_BIRTH = "name_and_birth"
    INS = "ins"


FOUND_BY_LABELS = {
    FoundBy.PHONE: "Numéro de téléphone",
    FoundBy.NAME_AND_BIRTH: "Nom et date de naissance",
    FoundBy.INS: "Matricule INS",
}


class Verdict(StrEnum):
    """What the reviewer found."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"


VERDICT_LABELS = {Verdict.JUSTIFIED: "Accès justifié", Verdict.UNJUSTIFIED: "Accès non justifié"}


class NoticeMeans(StrEnum):
    """How the person was told."""

    PHONE = "phone"
    VISIT = "visit"
    LETTER = "letter"
    RELATIVE = "relative"


NOTICE_MEANS_LABELS = {
    NoticeMeans.PHONE: "Par téléphone",
    NoticeMeans.VISIT: "De vive voix, lors d’une visite",
    NoticeMeans.LETTER: "Par courrier",
    NoticeMeans.RELATIVE: "Par sa personne de confiance ou un proche, elle ne peut pas l’être elle-même",
}
