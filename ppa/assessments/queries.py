"""Reading assessments: for a person's page, their own pages and the projection."""

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound
from ppa.assessments.models import Assessment
from ppa.assessments.records import AssessmentSnapshot
from ppa.assessments.rules import result_of
from ppa.assessments.scale import scale
from ppa.assessments.states import AssessmentState, Respondent


def assessments_of(person_id: UUID, *, actor: Actor) -> list[AssessmentSnapshot]:
    """Return the assessments of a person, the latest first, those taken back included."""
    permit(actor, Permission.ASSESSMENT_READ, Facts(type=Assessment.AGGREGATE, person_id=person_id))
    return [_snapshot(row) for row in assessment_rows(person_id)]


@Rows
def assessment_rows() -> QuerySet[Assessment]:
    """Read the assessments of a person, the latest first."""
    return Assessment.objects.filter(person_id=ASKED).order_by("-assessed_on", "-id")


def assessment_for(assessment_id: UUID, *, actor: Actor) -> AssessmentSnapshot:
    """Return one assessment to an actor who may read it; raises `NotFound` otherwise."""
    row = _found(assessment_id)
    permit(actor, Permission.ASSESSMENT_READ, row.facts())
    return _snapshot(row)


def assessment_snapshot(assessment_id: UUID) -> AssessmentSnapshot:
    """Return an assessment, unscoped: for the projection."""
    return _snapshot(_found(assessment_id))


def every_assessment() -> Iterator[UUID]:
    """Yield the id of every assessment, unscoped: for rebuilding the projection."""
    return Assessment.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000)


def _found(assessment_id: UUID) -> Assessment:
    row = Assessment.objects.filter(pk=assessment_id).first()
    if row is None:
        raise NotFound
    return row


def _snapshot(row: Assessment) -> AssessmentSnapshot:
    content = row.content
    filled = scale(content["scale"], version=content["version"])
    answers = {code: Decimal(value) for code, value in content["answers"].items()}
    return AssessmentSnapshot(
        id=row.id,
        version=row.version,
        person_id=row.person_id,
        state=AssessmentState(row.state),
        scale=filled,
        assessed_on=row.assessed_on,
        respondent=Respondent(content["respondent"]),
        answers=answers,
        result=result_of(filled, answers, pallia_threshold=settings.PALLIA_10_THRESHOLD),
        note=row.note,
        assessor_id=row.assessor_id,
        organisation_id=row.organisation_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
