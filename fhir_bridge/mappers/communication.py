"""An announcement as a Communication to the person: when, by whom, about which Condition.

Source: states.md (announcement: category, sent, sender, recipient, about).
"""

from collections.abc import Mapping
from typing import Final

from fhir_bridge.r4.codes import code_list
from fhir_bridge.r4.datatypes import Json, coding, compact, concept, instant, reference
from fhir_bridge.r4.systems import LOCAL_COMMUNICATION_CATEGORY
from ppa.announcements.records import AnnouncementSnapshot
from ppa.announcements.states import Trigger

ANNOUNCEMENT: Final = "announcement"
TRIGGER_CODES: Final[Mapping[Trigger, str]] = {
    Trigger.CHRONIC_WORSENING: "worsening",
    Trigger.EARLY_LOSS_OF_AUTONOMY: "autonomy-loss",
}
"""The second category of an announcement that is not that of a serious illness."""

NOTES = PRESENT, KNOWS, WISHES_TO_KNOW = (
    "Personnes présentes",
    "Ce que la personne sait",
    "Ce qu’elle souhaite savoir",
)
"""What each note is about: by these words it is read back."""


def to_resource(announcement: AnnouncementSnapshot) -> Json:
    """Return the Communication; its notes tell who was present and what the person knows and wishes to know."""
    person = reference(f"Patient/{announcement.person_id}")
    sender = (
        f"Practitioner/{announcement.recorder_id}"
        if announcement.recorder_id
        else f"Organization/{announcement.organisation_id}"
    )
    told = (announcement.present, announcement.knows, announcement.wishes_to_know)
    return compact(
        resourceType="Communication",
        id=str(announcement.id),
        status="completed",
        category=_categories(announcement.trigger),
        subject=person,
        about=[reference(f"Condition/{announcement.id}")],
        sent=instant(announcement.sent_at),
        received=announcement.announced_on.isoformat(),
        recipient=[person],
        sender=reference(sender),
        note=[{"text": f"{label} : {text}"} for label, text in zip(NOTES, told, strict=True) if text],
    )


def _categories(trigger: Trigger) -> list[Json]:
    codes = [ANNOUNCEMENT, *([TRIGGER_CODES[trigger]] if trigger in TRIGGER_CODES else [])]
    names = code_list("local")
    return [
        concept(coding(LOCAL_COMMUNICATION_CATEGORY, code, names.display(LOCAL_COMMUNICATION_CATEGORY, code)))
        for code in codes
    ]
