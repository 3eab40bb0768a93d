"""What happens to assessments."""

from accounts.outbox.events import Event


class AssessmentRecorded(Event):
    """A scale was filled in."""

    TYPE = "assessment.recorded"


class AssessmentCancelled(Event):
    """An assessment had been noted by mistake."""

    TYPE = "assessment.cancelled"
