"""How a session began, and why it ended before its time."""

from enum import StrEnum


class Way(StrEnum):
    """What opened a session."""

    LOCAL = "local"
    PROSANTE = "prosante"


WAY_LABELS = {Way.LOCAL: "Mot de passe et second facteur", Way.PROSANTE: "Pro Santé Connect"}


class Ending(StrEnum):
    """Why a session ended; a session that only ran out of time has none."""

    LEFT = "left"
    REPLACED = "replaced"
    ENDED_BY_OWNER = "ended_by_owner"
    PROVIDER_REFUSED = "provider_refused"
    ACCOUNT_CHANGED = "account_changed"


TIME_OVER_TEXT = "Votre session s’est fermée, faute d’activité ou parce qu’elle durait depuis longtemps. Ce qui n’était pas enregistré est à saisir de nouveau."

ENDING_TEXTS = {
    Ending.REPLACED: "Votre session s’est terminée, car votre compte vient de se connecter ailleurs. Si ce n’était pas vous, prévenez la personne qui administre les accès.",
    Ending.ENDED_BY_OWNER: "Vous avez mis fin à cette session depuis un autre appareil.",
    Ending.PROVIDER_REFUSED: "Votre session Pro Santé Connect est terminée. Reconnectez-vous pour continuer.",
    Ending.ACCOUNT_CHANGED: "Votre compte a été modifié par la personne qui administre les accès. Reconnectez-vous.",
}
