"""Invented assessments, through the command."""

from decimal import Decimal
from uuid import UUID

from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from ppa.assessments.commands import record_assessment
from ppa.assessments.records import RecordAssessment
from ppa.assessments.states import Respondent

SYMPTOMS = {"pain": Decimal(7), "breath": Decimal(2)}


def esas_of(person_id: UUID, **fields: object) -> RecordAssessment:
    """Return the input of an ESAS that the person answered today."""
    values: dict[str, object] = {
        "scale": "esas",
        "assessed_on": today(),
        "respondent": Respondent.PERSON,
        "answers": SYMPTOMS,
        **fields,
    }
    return RecordAssessment(person_id=person_id, **values)  # type: ignore[arg-type]  # (a factory takes any field)


def assessment(person_id: UUID, by: Actor, **fields: object) -> UUID:
    """Return the id of a recorded assessment."""
    return record_assessment(esas_of(person_id, **fields), by=by).id
