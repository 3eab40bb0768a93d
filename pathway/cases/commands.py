"""Writing coordination files: from the signalement to the end of the support."""

from uuid import UUID

from accounts.access.circle import enter, leave
from accounts.access.permissions import Permission
from accounts.access.records import Facts, OpenMembership, Receipt
from accounts.access.states import Basis
from accounts.access.unit import Act, Unit, command, together
from accounts.kernel.actor import Role
from accounts.kernel.clock import instant_of, now, today
from accounts.organisations.directory import coordination_for, professionals_at
from accounts.people.links import link_organisation, lock_person
from accounts.people.queries import death_noted_at, person_snapshot
from accounts.people.records import PersonSnapshot, ResumeAfterMistake
from pathway.cases.counters import counted
from pathway.cases.events import CaseChanged, CaseClosed, CaseDeclined, CaseIncluded, CaseSignalled
from pathway.cases.models import Case, CaseCoordinator, LevelAssessment
from pathway.cases.records import (
    AssignCase,
    CloseCase,
    DeclineCase,
    HandOverCase,
    IncludeAndAssign,
    IncludeCase,
    PlanNextAction,
    RecordLevel,
    SignalCase,
    StartCase,
)
from pathway.cases.rules import (
    SIGHT_AFTER_CLOSING,
    CaseAlreadyOpen,
    NoDacHere,
    check_closing,
    check_coordinator,
    check_decline,
    check_level,
    check_next_action,
    check_open,
    check_signal,
)
from pathway.cases.states import OPEN, CaseAction, CaseState, ClosingReason, Origin


@command(Permission.COORDINATION_FILE_SIGNAL)
def signal_case(record: SignalCase, act: Act) -> Receipt:
    """Ask the DAC of the person's territory, or the actor's own, for its support."""
    act.ask(Facts(type="case", person_id=record.person_id, organisation_id=act.by.organisation_id))
    lock_person(record.person_id)
    person = person_snapshot(record.person_id)
    check_signal(reason=record.reason, from_proposal=record.proposal_id is not None, died_on=person.died_on)
    dac_id = _dac_for(record, person, act)
    if Case.objects.filter(person_id=person.id, organisation_id=dac_id, state__in=OPEN).exists():
        raise CaseAlreadyOpen
    case = Case(
        person_id=person.id,
        organisation_id=dac_id,
        signaller_id=act.by.organisation_id or record.signaller_id,
        proposal_id=record.proposal_id,
        origin=Origin.PROPOSAL if record.proposal_id else Origin.CALL,
        urgency=record.urgency,
        caller=record.caller.strip(),
        reason=record.reason.strip(),
    )
    with counted(case):
        return act.add(case, "signal", CaseSignalled)


@command(Permission.COORDINATION_FILE_INCLUDE)
def include_case(record: IncludeCase, act: Act) -> Receipt:
    """Take the person in: the DAC enters her circle from now on."""
    case = act.open(Case, record.case_id, version=record.version)
    case.included_at = now()
    with counted(case):
        receipt = act.advance(case, CaseAction.INCLUDE, CaseIncluded)
    link_organisation(case.person_id, case.organisation_id)
    enter(
        OpenMembership(
            person_id=case.person_id,
            organisation_id=case.organisation_id,
            basis=Basis.COORDINATION,
            source_id=case.id,
        ),
        by=act.by,
    )
    return receipt


@command(Permission.COORDINATION_FILE_DECLINE)
def decline_case(record: DeclineCase, act: Act) -> Receipt:
    """Answer that the DAC does not take the person in, and why."""
    case = act.open(Case, record.case_id, version=record.version)
    check_decline(record.reason)
    case.decline_reason, case.closed_at = record.reason.strip(), now()
    with counted(case):
        return act.advance(case, CaseAction.DECLINE, CaseDeclined)


@command(Permission.COORDINATION_FILE_ASSIGN)
def assign_case(record: AssignCase, act: Act) -> Receipt:
    """Name the référent, or another one before the follow-up begins."""
    case = act.open(Case, record.case_id, version=record.version)
    with counted(case):
        _name_coordinator(case, record.coordinator_id)
        return act.advance(case, CaseAction.ASSIGN, CaseChanged)


@together
def include_and_assign(record: IncludeAndAssign, run: Unit) -> Receipt:
    """Take the person in and name her référent, both or neither."""
    receipt: Receipt = run(include_case, IncludeCase(case_id=record.case_id, version=record.version))
    if record.coordinator_id is None:
        return receipt
    named = AssignCase(case_id=record.case_id, version=receipt.version, coordinator_id=record.coordinator_id)
    return run(assign_case, named)


@command(Permission.COORDINATION_FILE_ASSIGN)
def start_case(record: StartCase, act: Act) -> Receipt:
    """Begin the follow-up, or take over from a colleague."""
    case = act.open(Case, record.case_id, version=record.version)
    with counted(case):
        return act.advance(case, CaseAction.START, CaseChanged)


@command(Permission.COORDINATION_FILE_HAND_OVER)
def hand_over_case(record: HandOverCase, act: Act) -> Receipt:
    """Pass the file to a colleague of the DAC; both stay in its history."""
    case = act.open(Case, record.case_id, version=record.version)
    with counted(case):
        _name_coordinator(case, record.coordinator_id)
        case.note = record.note.strip()
        return act.advance(case, CaseAction.HAND_OVER, CaseChanged)


@command(Permission.COORDINATION_FILE_RECORD_LEVEL)
def record_level(record: RecordLevel, act: Act) -> Receipt:
    """Keep an assessment of the level of gradation; the earlier ones stay."""
    case = act.open(Case, record.case_id, version=record.version)
    check_open(case.state)
    check_level(record.level, reason=record.reason, assessed_on=record.assessed_on, today=today())
    LevelAssessment.objects.create(
        case=case,
        level=record.level,
        reason=record.reason.strip(),
        assessed_on=record.assessed_on,
        assessor_id=act.by.professional_id,
    )
    case.level = record.level
    case.phase = record.phase or case.phase
    return act.amend(case, "record_level", CaseChanged, at=instant_of(record.assessed_on))


@command(Permission.COORDINATION_FILE_PLAN_ACTION)
def plan_next_action(record: PlanNextAction, act: Act) -> Receipt:
    """Write down what is to do next for the person, or that it is done."""
    case = act.open(Case, record.case_id, version=record.version)
    check_open(case.state)
    check_next_action(record.action, due_on=record.due_on, today=today())
    case.next_action, case.due_on = record.action.strip(), record.due_on
    return act.amend(case, "plan_next_action", CaseChanged)


@command(Permission.COORDINATION_FILE_CLOSE)
def close_case(record: CloseCase, act: Act) -> Receipt:
    """End the support: nothing is due any more, and the DAC leaves the circle thirty days later."""
    case = act.open(Case, record.case_id, version=record.version)
    check_closing(case.state, record.reason)
    case.closed_at, case.closing_reason, case.note = now(), str(record.reason), record.note.strip()
    case.next_action, case.due_on = "", None
    with counted(case):
        receipt = act.advance(case, CaseAction.CLOSE, CaseClosed)
    CaseCoordinator.objects.filter(case=case, until=None).update(until=case.closed_at)
    leave(source_ids=[case.id], bases=[Basis.COORDINATION], at=case.closed_at + SIGHT_AFTER_CLOSING)
    return receipt


@command(Permission.PATIENT_IDENTITY_RESUME_CARE)
def resume_cases(record: ResumeAfterMistake, act: Act) -> Receipt:
    """Put the files that a death had closed by mistake back where they stood: the DAC is in the circle again."""
    act.ask(Facts(type=Case.AGGREGATE, person_id=record.person_id))
    died_at = death_noted_at(record.person_id) or now()
    rows = Case.objects.filter(person_id=record.person_id, state=CaseState.CLOSED, closed_at__gte=died_at)
    for found in rows.order_by("id"):
        if found.closing_reason == ClosingReason.DEATH:
            _resume(act.lock(Case, found.id), act)
    return Receipt(type="person", id=record.person_id, version=0)


def _resume(case: Case, act: Act) -> None:
    ended_at = case.closed_at
    case.closed_at, case.closing_reason = None, ""
    with counted(case):
        act.take_back(case, CaseAction.CLOSE, CaseChanged)
    CaseCoordinator.objects.filter(case=case, until=ended_at).update(until=None)
    if case.included_at is not None:
        there = OpenMembership(
            person_id=case.person_id, organisation_id=case.organisation_id, basis=Basis.COORDINATION, source_id=case.id
        )
        enter(there, by=act.by)


def _dac_for(record: SignalCase, person: PersonSnapshot, act: Act) -> UUID:
    if act.by.role == Role.COORDINATOR and act.by.organisation_id:
        return act.by.organisation_id
    if record.organisation_id and act.by.role == Role.SYSTEM:
        return record.organisation_id
    dac = coordination_for(commune=person.contact.commune, departement=person.departement)
    if dac is None:
        raise NoDacHere
    return dac.id


def _name_coordinator(case: Case, professional_id: UUID) -> None:
    check_coordinator(
        professional_id,
        present=case.coordinator_id,
        colleagues=professionals_at(case.organisation_id, Role.COORDINATOR),
    )
    instant = now()
    CaseCoordinator.objects.filter(case=case, until=None).update(until=instant)
    CaseCoordinator.objects.create(case=case, professional_id=professional_id, since=instant)
    case.coordinator_id = professional_id
