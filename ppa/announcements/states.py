"""Why an announcement is made, and where the proposal of a plan stands."""

from enum import StrEnum

from accounts.kernel.states import Lifecycle, moves


class Trigger(StrEnum):
    """What opens the way to a personal plan. Source: domain.md §1.2 (CSP L.1110-10-1, wording to be verified)."""

    SERIOUS_ILLNESS = "serious_illness"
    CHRONIC_WORSENING = "chronic_worsening"
    EARLY_LOSS_OF_AUTONOMY = "early_loss_of_autonomy"


TRIGGER_LABELS = {
    Trigger.SERIOUS_ILLNESS: "Annonce d’une maladie grave",
    Trigger.CHRONIC_WORSENING: "Aggravation d’une maladie chronique",
    Trigger.EARLY_LOSS_OF_AUTONOMY: "Début d’une perte d’autonomie",
}


class AnnouncementState(StrEnum):
    """An announcement has been made; nothing follows for itself."""

    RECORDED = "recorded"


ANNOUNCEMENT = Lifecycle(
    name="announcement",
    initial=AnnouncementState.RECORDED,
    labels={AnnouncementState.RECORDED: "Enregistrée"},
    moves=(),
    deeds={"record": "Temps d’annonce avec la personne"},
)


class ProposalState(StrEnum):
    """Where the proposal of a plan stands: every answer is normal, dated and reversible."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    DECLINED = "declined"


class ProposalAction(StrEnum):
    """What may happen to a proposal."""

    ACCEPT = "accept"
    DEFER = "defer"
    DECLINE = "decline"
    RENEW = "renew"


_S, _A = ProposalState, ProposalAction

PROPOSAL = Lifecycle(
    name="plan_proposal",
    initial=_S.REQUESTED,
    labels={
        _S.REQUESTED: "En attente de réponse",
        _S.ACCEPTED: "Acceptée",
        _S.DEFERRED: "Pas maintenant",
        _S.DECLINED: "Non, merci",
    },
    moves=(
        moves(_A.ACCEPT, _S, _S.ACCEPTED, "La personne souhaite un plan personnalisé", "Accepter"),
        moves(_A.DEFER, _S, _S.DEFERRED, "Plan personnalisé : pas maintenant", "Pas maintenant"),
        moves(_A.DECLINE, _S, _S.DECLINED, "La personne ne souhaite pas de plan personnalisé", "Non, merci"),
        moves(_A.RENEW, [_S.DEFERRED, _S.DECLINED], _S.REQUESTED, "Plan personnalisé proposé de nouveau"),
    ),
    deeds={"propose": "Plan personnalisé d’accompagnement proposé"},
)
