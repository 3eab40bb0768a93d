"""Where an emergency sheet stands, and the words of what a physician decides on it.

Source: SFAP, Fiche Urgence Pallia and its guide; domain.md §6.1. The lists are ours.
"""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class SheetState(StrEnum):
    """The life of a person's sheet; what is written for the next version changes none of it."""

    DRAFTING = "drafting"
    SIGNED = "signed"
    STALE = "stale"
    WITHDRAWN = "withdrawn"


class SheetAction(StrEnum):
    """What moves a sheet."""

    SIGN = "sign"
    SIGN_OTHER_PHASE = "sign_other_phase"
    MARK_STALE = "mark_stale"
    MARK_FRESH = "mark_fresh"
    WITHDRAW = "withdraw"
    RESUME = "resume"


S, A = SheetState, SheetAction

IN_FORCE = frozenset({S.SIGNED, S.STALE})
"""States in which the last signed version speaks for the person, what changed since shown beside it."""

EMERGENCY_SHEET = Lifecycle(
    name="emergency_sheet",
    initial=S.DRAFTING,
    labels={
        S.DRAFTING: "En préparation",
        S.SIGNED: "Signée",
        S.STALE: "À mettre à jour",
        S.WITHDRAWN: "Retirée",
    },
    moves=(
        moves(A.SIGN, [S.DRAFTING, S.SIGNED, S.STALE], S.SIGNED, "Fiche Urgence Pallia signée", "Signer"),
        moves(
            A.SIGN_OTHER_PHASE,
            [S.DRAFTING, S.SIGNED, S.STALE],
            S.SIGNED,
            "Fiche Urgence Pallia signée : la phase de la maladie a changé",
        ),
        moves(A.MARK_STALE, [S.SIGNED], S.STALE, "Fiche Urgence Pallia à mettre à jour"),
        moves(A.MARK_FRESH, [S.STALE], S.SIGNED, "Fiche Urgence Pallia de nouveau à jour"),
        moves(A.WITHDRAW, [S.DRAFTING, S.SIGNED, S.STALE], S.WITHDRAWN, "Fiche Urgence Pallia retirée", "Retirer"),
        moves(A.RESUME, [S.WITHDRAWN], S.DRAFTING, "Fiche Urgence Pallia reprise"),
    ),
    deeds={"write": "Fiche Urgence Pallia rédigée", "circulate": "Remise ou envoi de la Fiche Urgence Pallia noté"},
)


class Phase(StrEnum):
    """What the first question of a regulator asks."""

    PALLIATIVE = "palliative"
    TERMINAL = "terminal"


PHASE_LABELS = {Phase.PALLIATIVE: "Phase palliative", Phase.TERMINAL: "Phase terminale"}


class Measure(StrEnum):
    """What an emergency team could begin at once."""

    CPR = "cpr"
    INTUBATION = "intubation"
    NIV = "niv"
    INTENSIVE_CARE = "intensive_care"


MEASURE_LABELS = {
    Measure.CPR: "Massage cardiaque, défibrillation",
    Measure.INTUBATION: "Intubation, ventilation invasive",
    Measure.NIV: "Ventilation non invasive",
    Measure.INTENSIVE_CARE: "Admission en réanimation",
}


class Stance(StrEnum):
    """Whether a measure is wanted or advised, and by whom that was said."""

    UNSAID = "unsaid"
    REFUSED = "refused"
    UNADVISED = "unadvised"
    WANTED = "wanted"
    ADVISED = "advised"


STANCE_LABELS = {
    Stance.UNSAID: "Non précisé",
    Stance.REFUSED: "Refusé par la personne",
    Stance.UNADVISED: "Déconseillé par le médecin",
    Stance.WANTED: "Demandé par la personne",
    Stance.ADVISED: "Proposé par le médecin",
}
NOT_TO_DO = frozenset({Stance.REFUSED, Stance.UNADVISED})
TO_DO = frozenset({Stance.WANTED, Stance.ADVISED})


class Sedation(StrEnum):
    """What was said of a sedation in case of distress."""

    NOT_DISCUSSED = "not_discussed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNDECIDED = "undecided"


SEDATION_LABELS = {
    Sedation.NOT_DISCUSSED: "Pas abordée",
    Sedation.ACCEPTED: "Abordée : la personne l’accepte en cas de détresse",
    Sedation.REFUSED: "Abordée : la personne la refuse",
    Sedation.UNDECIDED: "Abordée, sans réponse pour l’instant",
}


class Transfer(StrEnum):
    """Whether she may be taken away from where she is."""

    UNSAID = "unsaid"
    AVOID = "avoid"
    DIRECT = "direct"
    ANY = "any"


TRANSFER_LABELS = {
    Transfer.UNSAID: "Non précisé",
    Transfer.AVOID: "À éviter : soigner sur place",
    Transfer.DIRECT: "Possible, en entrée directe dans un service qui la connaît",
    Transfer.ANY: "Possible, y compris par les urgences",
}


class HolderKind(StrEnum):
    """Who has the sheet."""

    SAMU = "samu"
    TEAM = "team"
    HOME = "home"
    OTHER = "other"


HOLDER_LABELS = {
    HolderKind.SAMU: "SAMU",
    HolderKind.TEAM: "Équipe ou professionnel",
    HolderKind.HOME: "Domicile (enveloppe)",
    HolderKind.OTHER: "Autre",
}


class Means(StrEnum):
    """How a version reached its holder: somebody says so, nothing is sent from here."""

    SECURE_MAIL = "secure_mail"
    HEALTH_RECORD = "dmp"
    PLATFORM = "platform"
    PAPER = "paper"
    OTHER = "other"


MEANS_LABELS = {
    Means.SECURE_MAIL: "Messagerie sécurisée de santé",
    Means.HEALTH_RECORD: "Mon espace santé (DMP)",
    Means.PLATFORM: "Plateforme régionale",
    Means.PAPER: "Papier, en main propre",
    Means.OTHER: "Autre moyen",
}


class HoldingDeed(StrEnum):
    """What happened to one holder's copy."""

    GIVEN = "given"
    TAKEN_BACK = "taken_back"


class WithdrawalReason(StrEnum):
    """Why a sheet speaks no more."""

    DEATH = "death"
    WISH = "wish"
    NOT_NEEDED = "not_needed"
    MISTAKE = "mistake"


WITHDRAWAL_LABELS = {
    WithdrawalReason.WISH: "La personne ne souhaite plus de fiche",
    WithdrawalReason.NOT_NEEDED: "La situation ne la demande plus",
    WithdrawalReason.MISTAKE: "Elle a été faite par erreur",
    WithdrawalReason.DEATH: "Décès de la personne",
}
