"""Writing assessments: a scale filled in, or taken back when it was noted by mistake."""

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, command
from accounts.kernel.clock import instant_of, today
from accounts.people.queries import person_snapshot
from ppa.assessments.events import AssessmentCancelled, AssessmentRecorded
from ppa.assessments.models import Assessment
from ppa.assessments.records import CancelAssessment, RecordAssessment
from ppa.assessments.rules import check_answers, check_day, check_respondent
from ppa.assessments.scale import scale
from ppa.assessments.states import AssessmentAction


@command(Permission.ASSESSMENT_RECORD)
def record_assessment(record: RecordAssessment, act: Act) -> Receipt:
    """Keep one scale filled in on a day, in its present version."""
    act.ask(Facts(type=Assessment.AGGREGATE, person_id=record.person_id, organisation_id=act.by.organisation_id))
    filled, person = scale(record.scale), person_snapshot(record.person_id)
    check_day(record.assessed_on, born=person.traits.birth_date, died=person.died_on, today=today())
    check_respondent(filled, record.respondent)
    check_answers(filled, record.answers)
    assessment = Assessment(
        person_id=record.person_id,
        organisation_id=act.by.organisation_id,
        assessor_id=act.by.professional_id,
        assessed_on=record.assessed_on,
        note=record.note.strip(),
        content={
            "scale": filled.code,
            "version": filled.version,
            "respondent": str(record.respondent),
            "answers": {code: str(value) for code, value in record.answers.items()},
        },
    )
    return act.add(assessment, "record", AssessmentRecorded, at=instant_of(record.assessed_on))


@command(Permission.ASSESSMENT_CANCEL)
def cancel_assessment(record: CancelAssessment, act: Act) -> Receipt:
    """Keep that an assessment was noted by mistake: it counts no more, and stays in the history."""
    assessment = act.open(Assessment, record.assessment_id, version=record.version)
    return act.advance(assessment, AssessmentAction.CANCEL, AssessmentCancelled)
