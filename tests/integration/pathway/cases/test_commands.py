"""A coordination file from the signalement to its end, its circle, its counters and its worklist."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access.commands import record_opposition
from accounts.access.gate import open_trail
from accounts.access.models import CircleMembership
from accounts.access.records import RecordOpposition
from accounts.access.states import Basis, ConsentMeans
from accounts.access.unit import run_together
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, TransitionRefused
from accounts.kernel.models import Transition
from accounts.outbox.models import StoredEvent
from accounts.people.closing import close_after_death
from accounts.people.queries import person_for
from pathway.cases import commands
from pathway.cases.counters import drift, recount
from pathway.cases.models import Case, WorklistCount
from pathway.cases.queries import (
    Tab,
    case_for,
    case_heading,
    case_snapshot,
    due_actions,
    timeline,
    worklist,
    worklist_counts,
)
from pathway.cases.records import (
    AssignCase,
    CloseCase,
    DeclineCase,
    HandOverCase,
    IncludeCase,
    PlanNextAction,
    RecordLevel,
    SignalCase,
)
from pathway.cases.rules import (
    CaseAlreadyOpen,
    CaseNotOpen,
    ClosedBeforeInclusion,
    DeclineReasonMissing,
    NoDacHere,
    NotACoordinatorHere,
)
from pathway.cases.states import CaseState, ClosingReason, Origin, Phase
from pathway.cases.tasks import signal_from_proposal
from ppa.announcements.commands import answer_proposal
from ppa.announcements.records import Answer, AnswerProposal
from tests.factories import people
from tests.factories.announcements import proposed
from tests.factories.cases import active, included, signalled

pytestmark = pytest.mark.django_db


def close(case, by, reason=ClosingReason.MOVED):
    return commands.close_case(CloseCase(case_id=case.id, version=case.version, reason=reason), by=by)


def test_a_hospital_signals_and_the_dac_of_the_territory_sees_the_minimum(dac, coordinator, physician, person_id):
    case = signalled(person_id, physician)
    assert (case.organisation_id, case.signaller_id) == (dac.id, physician.organisation_id)
    with open_trail():
        (line,) = worklist(Tab.TO_INCLUDE, actor=coordinator).items
        assert (line.id, line.is_partial, line.reason) == (case.id, True, "Retour à domicile difficile")
        assert case_for(case.id, actor=coordinator) == case
        with pytest.raises(NotFound):
            person_for(person_id, actor=coordinator)


def test_inclusion_opens_the_circle_for_the_dac(dac, coordinator, physician, person_id):
    case = included(person_id, physician, coordinator)
    membership = CircleMembership.objects.get(person_id=person_id, basis=Basis.COORDINATION)
    assert (membership.organisation_id, membership.source_id, membership.ends_at) == (dac.id, case.id, None)
    with open_trail():
        assert person_for(person_id, actor=coordinator).id == person_id
        assert case_heading(person_id, actor=physician).id == case.id


def test_a_whole_life_keeps_both_referents_and_its_transitions(dac, coordinator, physician, person_id):
    case = active(person_id, physician, coordinator)
    colleague = people.actor(Role.COORDINATOR, dac)
    commands.hand_over_case(
        HandOverCase(
            case_id=case.id, version=case.version, coordinator_id=colleague.professional_id, note="Appeler le soir"
        ),
        by=coordinator,
    )
    case = case_snapshot(case.id)
    assert case.state == CaseState.HANDED_OVER
    assert [term.professional_id for term in case.terms] == [colleague.professional_id, coordinator.professional_id]
    assert case.terms[1].until is not None
    commands.start_case(commands.StartCase(case_id=case.id, version=case.version), by=colleague)
    close(case_snapshot(case.id), colleague)
    deeds = Transition.objects.filter(aggregate_id=case.id).order_by("aggregate_version")
    assert [row.deed for row in deeds] == ["signal", "include", "assign", "start", "hand_over", "start", "close"]
    assert not deeds.last().reason  # sealed with the file, never in the history


def test_closing_ends_what_is_due_and_the_sight_thirty_days_later(coordinator, physician, person_id, clock):
    case = active(person_id, physician, coordinator)
    commands.plan_next_action(
        PlanNextAction(case_id=case.id, version=case.version, action="Appeler sa fille", due_on=today()),
        by=coordinator,
    )
    with open_trail():
        assert [line.next_action for line in due_actions(actor=coordinator, until=today())] == ["Appeler sa fille"]
    close(case_snapshot(case.id), coordinator)
    with open_trail():
        assert due_actions(actor=coordinator, until=today()) == []
        assert person_for(person_id, actor=coordinator).id == person_id
    clock.forward(days=31)
    with open_trail(), pytest.raises(NotFound):
        person_for(person_id, actor=coordinator)


def test_levels_are_kept_with_their_reasons(coordinator, physician, person_id):
    case = active(person_id, physician, coordinator)
    for level, days in ((2, 3), (3, 0)):
        commands.record_level(
            RecordLevel(
                case_id=case.id,
                version=case_snapshot(case.id).version,
                level=level,
                reason=f"Raison {level}",
                assessed_on=today() - timedelta(days=days),
                phase=Phase.UNSTABLE,
            ),
            by=coordinator,
        )
    found = case_snapshot(case.id)
    assert (found.level, found.phase) == (3, Phase.UNSTABLE)
    assert [(one.level, one.reason) for one in found.levels] == [(3, "Raison 3"), (2, "Raison 2")]


def test_one_open_file_per_person_and_dac(coordinator, physician, person_id):
    case = signalled(person_id, physician)
    with pytest.raises(CaseAlreadyOpen):
        signalled(person_id, physician)
    with pytest.raises(DeclineReasonMissing):
        commands.decline_case(DeclineCase(case_id=case.id, version=1, reason=" "), by=coordinator)
    commands.decline_case(DeclineCase(case_id=case.id, version=1, reason="Voir l’EMSP"), by=coordinator)
    assert signalled(person_id, physician).state == CaseState.SIGNALLED


def test_acts_out_of_order_stale_or_on_a_closed_file_are_refused(coordinator, physician, person_id):
    case = signalled(person_id, physician)
    with pytest.raises(TransitionRefused):
        commands.start_case(commands.StartCase(case_id=case.id, version=1), by=coordinator)
    with pytest.raises(ClosedBeforeInclusion):
        close(case, coordinator)
    with pytest.raises(StaleVersion):
        commands.include_case(IncludeCase(case_id=case.id, version=9), by=coordinator)
    case = close_now(person_id, coordinator, case)
    with pytest.raises(CaseNotOpen):
        commands.plan_next_action(PlanNextAction(case_id=case.id, version=case.version), by=coordinator)


def close_now(person_id, coordinator, case):
    commands.include_case(IncludeCase(case_id=case.id, version=case.version), by=coordinator)
    close(case_snapshot(case.id), coordinator)
    return case_snapshot(case.id)


def test_a_referent_is_a_coordinator_of_the_dac(coordinator, physician, person_id):
    case = included(person_id, physician, coordinator)
    with pytest.raises(NotACoordinatorHere):
        commands.assign_case(
            AssignCase(case_id=case.id, version=case.version, coordinator_id=physician.professional_id),
            by=coordinator,
        )


def test_nobody_covers_the_person(physician, person_id):
    with pytest.raises(NoDacHere):
        signalled(person_id, physician)


def test_a_dac_opens_a_file_for_a_person_it_registered_but_not_for_a_stranger(coordinator, person_id):
    own = people.person(coordinator)
    assert signalled(own, coordinator).organisation_id == coordinator.organisation_id
    with pytest.raises(NotFound):
        signalled(person_id, coordinator)


def test_a_proposal_signals_once_even_if_the_event_comes_back(dac, coordinator, physician, person_id):
    proposal = proposed(person_id, physician)
    case = Case.objects.get()
    assert (case.origin, case.proposal_id, case.signaller_id) == (
        Origin.PROPOSAL,
        proposal.id,
        physician.organisation_id,
    )
    event = StoredEvent.objects.get(type="plan_proposal.proposed")
    signal_from_proposal(event)
    commands.decline_case(DeclineCase(case_id=case.id, version=1, reason="Voir l’EMSP"), by=coordinator)
    signal_from_proposal(event)
    assert Case.objects.count() == 1


def test_a_proposal_made_again_signals_again(coordinator, physician, person_id):
    proposal = proposed(person_id, physician)
    commands.decline_case(DeclineCase(case_id=Case.objects.get().id, version=1, reason="Non souhaité"), by=coordinator)
    answer_proposal(
        AnswerProposal(proposal_id=proposal.id, version=1, answer=Answer.DECLINED, answered_on=today()), by=physician
    )
    proposed(person_id, physician)
    assert sorted(Case.objects.values_list("state", flat=True)) == ["declined", "signalled"]


def test_a_death_closes_every_open_file(coordinator, physician, person_id):
    case = active(person_id, physician, coordinator)

    def work(run):
        close_after_death(person_id, today(), run)
        return {"done": True}

    run_together(work, by=physician, fingerprint="death")
    found = case_snapshot(case.id)
    assert (found.state, found.closing_reason) == (CaseState.CLOSED, ClosingReason.DEATH)


def test_the_kept_counters_equal_a_recount_and_a_drift_is_found(dac, coordinator, physician):
    signalled(people.person(physician), physician)
    included(people.person(physician), physician, coordinator)
    active(people.person(physician), physician, coordinator)
    close(active(people.person(physician), physician, coordinator), coordinator)
    assert sum(recount().values()) == 4
    assert drift() == {}
    with open_trail():
        assert worklist_counts(actor=coordinator) == {Tab.TO_INCLUDE: 1, Tab.MINE: 1, Tab.ALL: 2}
    WorklistCount.objects.filter(state="signalled").update(number=7)
    with pytest.raises(CommandError):
        call_command("recount_worklists", "--check")
    call_command("recount_worklists", verbosity=0)
    assert drift() == {}


def test_a_refused_act_leaves_the_counters_alone(coordinator, physician, person_id):
    case = signalled(person_id, physician)
    with pytest.raises(ClosedBeforeInclusion):
        close(case, coordinator)
    assert drift() == {}


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.BED_MANAGER, Role.TECHNICAL_ADMIN])
def test_another_dac_a_bed_manager_and_the_administrator_find_nothing(role, dac, coordinator, physician, person_id):
    case = active(person_id, physician, coordinator)
    other = people.coordination(departement="71") if role == Role.COORDINATOR else people.organisation()
    stranger = people.actor(role, other)
    with open_trail():
        assert worklist(Tab.ALL, actor=stranger).items == []
        with pytest.raises(NotFound):
            case_for(case.id, actor=stranger)
        with pytest.raises(NotFound):
            timeline(person_id, actor=stranger)
    with pytest.raises(NotFound):
        close(case, stranger)


def test_a_nurse_of_the_circle_reads_but_does_not_manage(dac, coordinator, physician, person_id):
    case = active(person_id, physician, coordinator)
    place = people.Organisation.objects.get(pk=physician.organisation_id)
    nurse = people.actor(Role.NURSE, place)
    with open_trail():
        assert case_for(case.id, actor=nurse).id == case.id
    with pytest.raises(NotAllowed):
        close(case, nurse)


def test_a_person_who_refuses_the_dac_leaves_its_worklist(dac, coordinator, physician, person_id):
    case = signalled(person_id, physician)
    record_opposition(
        RecordOpposition(person_id=person_id, organisation_id=dac.id, stated_on=today(), means=ConsentMeans.SPOKEN),
        by=physician,
    )
    with open_trail():
        assert worklist(Tab.TO_INCLUDE, actor=coordinator).items == []
        with pytest.raises(NotFound):
            case_for(case.id, actor=coordinator)


def test_the_worklist_costs_the_same_for_one_and_five_rows(coordinator, physician, django_assert_num_queries):
    def read():
        with open_trail():
            return len(worklist(Tab.ALL, actor=coordinator).items)

    active(people.person(physician), physician, coordinator)
    with CaptureQueriesContext(connection) as one:
        assert read() == 1
    for _ in range(4):
        active(people.person(physician), physician, coordinator)
    with django_assert_num_queries(len(one)):
        assert read() == 5


def test_the_timeline_tells_all_features_newest_first_by_day_and_lane(coordinator, physician, person_id):
    proposed(person_id, physician, announced_on=today() - timedelta(days=2))
    with open_trail():
        whole = timeline(person_id, actor=physician)
        first = timeline(person_id, actor=physician, size=2)
        rest = timeline(person_id, actor=physician, size=2, after=first.next_key)
        lane = timeline(person_id, actor=physician, lane="Coordination")
    titles = [event["title"] for day in whole.days for event in day.events]
    assert titles == [
        "Appui du DAC demandé",
        "Plan personnalisé d’accompagnement proposé",
        "Temps d’annonce avec la personne",
    ]
    assert [day.date for day in whole.days] == [today(), today() - timedelta(days=2)]
    assert [event["title"] for page in (first, rest) for day in page.days for event in day.events] == titles
    assert [event["title"] for day in lane.days for event in day.events] == titles[:1]
    assert {"Annonce et plan", "Coordination"} <= set(whole.lanes)


def test_the_timeline_costs_the_same_for_few_and_many_deeds(
    coordinator, physician, person_id, django_assert_num_queries
):
    def read():
        with open_trail():
            return sum(len(day.events) for day in timeline(person_id, actor=physician).days)

    case = signalled(person_id, physician)
    with CaptureQueriesContext(connection) as one:
        assert read() == 1
    commands.include_case(IncludeCase(case_id=case.id, version=1), by=coordinator)
    proposed(person_id, physician)
    proposed(person_id, physician)
    close(case_snapshot(case.id), coordinator)
    with django_assert_num_queries(len(one)):
        assert read() == 6


def test_the_reason_lies_sealed(physician, person_id, dac):
    signalled(person_id, physician, reason="Motif inventé à ne pas lire")
    row = Case.objects.values().get()
    sealed = b"".join(bytes(value) for value in row.values() if isinstance(value, bytes | memoryview))
    assert "Motif inventé".encode() not in sealed


def test_an_unknown_person_is_not_signalled(physician, dac):
    with pytest.raises(NotFound):
        commands.signal_case(SignalCase(person_id=people.uuid4(), reason="Inconnue"), by=physician)
