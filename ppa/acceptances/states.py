"""What happens between the person who designates and the one who is designated."""

from enum import StrEnum


class StepKind(StrEnum):
    """One step on the way to the trusted person’s answer."""

    INVITED = "invited"
    SENT = "sent"
    GUIDE_READ = "guide_read"
    GUIDE_GIVEN = "guide_given"
    ACCEPTED = "accepted"
    DECLINED = "declined"


STEP_LABELS = {
    StepKind.INVITED: "Invitation préparée, code donné de vive voix",
    StepKind.SENT: "Lien envoyé par courriel",
    StepKind.GUIDE_READ: "Lien ouvert, guide affiché",
    StepKind.GUIDE_GIVEN: "Guide remis en main propre",
    StepKind.ACCEPTED: "La personne choisie accepte ce rôle",
    StepKind.DECLINED: "La personne choisie ne souhaite pas ce rôle",
}
BY_HAND = (StepKind.GUIDE_GIVEN, StepKind.ACCEPTED)
"""What somebody may note that happened without a link."""
GUIDE = "2026-2"
"""The version of the guide that the link shows and that is printed."""
