"""What became of a visit."""

from enum import StrEnum


class Presence(StrEnum):
    """Whom the volunteer met. A person who sleeps or would rather not is an outcome like any other."""

    MET = "met"
    RELATIVES = "relatives"
    NOT_WISHED = "not_wished"
    ABSENT = "absent"


PRESENCE_LABELS = {
    Presence.MET: "La personne était là",
    Presence.RELATIVES: "Ses proches seulement",
    Presence.NOT_WISHED: "Elle ne souhaitait pas de visite ce jour-là",
    Presence.ABSENT: "Elle se reposait, ou n’était pas là",
}
