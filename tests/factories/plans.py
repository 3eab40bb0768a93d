"""Plans at each step of their life, made through the commands."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from accounts.access.circle import enter
from accounts.access.records import OpenMembership
from accounts.access.states import Basis
from accounts.documents.models import Document
from accounts.kernel.actor import Actor, Role
from accounts.kernel.clock import today
from accounts.kernel.ids import new_id
from ppa.plans.commands import (
    open_plan,
    record_agreement,
    share_plan,
    sign_version,
    start_need,
    write_topic,
)
from ppa.plans.models import Goal, Plan, PlanEntry, PlannedAction, PlanVersion
from ppa.plans.records import (
    AddNeed,
    FirstAction,
    OpenPlan,
    RecordAgreement,
    SharePlan,
    SignVersion,
    StartNeed,
    WriteTopic,
)
from ppa.plans.states import ActionStatus, AgreementMeans, EntryKind, Words
from tests.factories import people
from tests.support.past import shown_at_its_end


@dataclass(frozen=True, slots=True)
class Team:
    """A person and those of her circle who make her plan."""

    person_id: UUID
    coordinator: Actor
    physician: Actor
    nurse: Actor


def team(**fields: object) -> Team:
    """Return a new person, her coordinator, and a physician and a nurse of the hospital that cares for her."""
    hospital = people.organisation()
    physician, nurse = people.actor(Role.PHYSICIAN, hospital), people.actor(Role.NURSE, hospital)
    coordinator = people.actor(Role.COORDINATOR, people.coordination())
    person_id = people.person(nurse, **fields)
    assert coordinator.organisation_id is not None
    enter(OpenMembership(person_id=person_id, organisation_id=coordinator.organisation_id, basis=Basis.COORDINATION))
    return Team(person_id, coordinator, physician, nurse)


def plan(of: Team) -> Plan:
    """Return a plan that has just been opened by the coordinator."""
    return Plan.objects.get(pk=open_plan(OpenPlan(person_id=of.person_id), by=of.coordinator).id)


@shown_at_its_end()
def written(of: Team) -> Plan:
    """Return a plan with one topic and one need."""
    row = plan(of)
    write(row, of, "Rester chez moi, avec le chat.")
    need(row, of)
    return present(row)


def write(row: Plan, of: Team, text: str, *, code: str = "what_matters", version: int = 0) -> None:
    """Write a topic as the coordinator."""
    write_topic(WriteTopic(plan_id=row.id, code=code, text=text, version=version), by=of.coordinator)


def need(row: Plan, of: Team, text: str = "Dormir sans avoir mal", *, words: Words = Words.PERSON) -> UUID:
    """Return the id of a need with a goal and an action."""
    record = StartNeed(
        need=AddNeed(plan_id=row.id, text=text),
        goal="Passer une nuit entière",
        words=words,
        action=FirstAction(
            what="Passage du soir", who="SSIAD des Tilleuls (fictif)", due_on=today() + timedelta(days=7)
        ),
    )
    return start_need(record, by=of.coordinator).id


@shown_at_its_end()
def shared(of: Team) -> Plan:
    """Return a plan that was read with the person."""
    row = written(of)
    share_plan(SharePlan(plan_id=row.id, version=row.version), by=of.coordinator)
    return present(row)


def agreement(row: Plan, **fields: object) -> RecordAgreement:
    """Return the input of a signed agreement given today."""
    values = {"given_on": today(), "means": AgreementMeans.SIGNATURE, **fields}
    return RecordAgreement(plan_id=row.id, version=row.version, **values)  # type: ignore[arg-type]  # (a factory takes any field)


@shown_at_its_end()
def agreed(of: Team) -> Plan:
    """Return a plan that the person agreed to."""
    row = shared(of)
    record_agreement(agreement(row), by=of.coordinator)
    return present(row)


@shown_at_its_end()
def signed(of: Team) -> Plan:
    """Return a plan whose first version is signed."""
    row = agreed(of)
    sign_version(SignVersion(plan_id=row.id, version=row.version), by=of.physician)
    return present(row)


def present(row: Plan) -> Plan:
    """Return a plan as it lies in the database now."""
    return Plan.objects.get(pk=row.pk)


def long_lived(of: Team, *, versions: int = 30, actions: int = 200, conversations: int = 50) -> Plan:
    """Return a signed plan with a long life behind it: so many signed versions, actions (one in five to do), conversations."""
    row = signed(of)
    first, goal = PlanVersion.objects.get(plan=row), Goal.objects.get(need__plan=row)
    fields = (
        "outline",
        "content",
        "digest",
        "agreement_id",
        "signer_id",
        "organisation_id",
        "signed_at",
    )
    same = {name: getattr(first, name) for name in fields}
    paper = {field.attname: getattr(first.document, field.attname) for field in Document._meta.fields}
    papers = Document.objects.bulk_create(Document(**paper | {"id": new_id()}) for _ in range(2, versions + 1))
    PlanVersion.objects.bulk_create(
        PlanVersion(plan=row, number=number, document_id=one.pk, **same) for number, one in enumerate(papers, start=2)
    )
    PlannedAction.objects.bulk_create(
        PlannedAction(
            goal=goal,
            what=f"Passage du soir {number}",
            who="SSIAD des Tilleuls (fictif)",
            status=ActionStatus.DONE if number % 5 else ActionStatus.PLANNED,
        )
        for number in range(actions - 1)
    )
    PlanEntry.objects.bulk_create(
        PlanEntry(
            plan=row,
            kind=EntryKind.CONVERSATION,
            happened_on=today() - timedelta(days=number),
            content={"present": "Sa fille", "said": f"« Encore un printemps, {number}. »", "how_far": ""},
            author_id=of.nurse.professional_id,
        )
        for number in range(conversations)
    )
    Plan.objects.filter(pk=row.pk).update(number=versions)
    return present(row)
