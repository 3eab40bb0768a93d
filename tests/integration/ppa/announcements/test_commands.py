"""Announcing, proposing and answering through the commands, and reading within one's sight."""

from datetime import timedelta

import pytest

from accounts.access.commands import record_opposition
from accounts.access.gate import open_trail
from accounts.access.records import RecordOpposition
from accounts.access.states import ConsentMeans
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, VersionMissing
from accounts.kernel.models import Transition
from accounts.outbox.models import StoredEvent
from accounts.people.commands import mark_deceased
from accounts.people.records import Contact, MarkDeceased
from ppa.announcements.commands import announce, answer_proposal, diagnosis_token, propose_plan, record_announcement
from ppa.announcements.models import Announcement, PlanProposal
from ppa.announcements.queries import (
    announcement_for,
    announcements_of,
    count_to_answer,
    plans_to_propose,
    proposal_for,
    proposal_snapshot,
    proposals_to_answer,
)
from ppa.announcements.records import Announce, Answer, AnswerProposal, ProposePlan
from ppa.announcements.rules import NoCoordinationHere, PersonHasDied
from ppa.announcements.states import ProposalState
from tests.factories import people
from tests.factories.announcements import DIAGNOSIS, announced, announcement, proposed
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(dac):
    return people.actor(Role.COORDINATOR, dac)


def answer(proposal, by, given=Answer.ACCEPTED, **fields):
    return answer_proposal(
        AnswerProposal(
            **{
                "proposal_id": proposal.id,
                "version": proposal.version,
                "answer": given,
                "answered_on": today(),
                **fields,
            }
        ),
        by=by,
    )


def test_an_announcement_with_a_proposal_lands_on_the_desk_of_the_dac(dac, coordinator, physician):
    person_id = people.person(physician)
    proposal = proposed(person_id, physician)
    assert (proposal.state, proposal.owner_id) == (ProposalState.REQUESTED, dac.id)
    with open_trail():
        (line,) = proposals_to_answer(actor=coordinator).items
        assert (line.id, line.person.id, line.organisation) == (proposal.id, person_id, line.organisation)
        assert count_to_answer(actor=coordinator) == 1
        assert proposal_for(proposal.id, actor=coordinator) == proposal
        (shown,) = announcements_of(person_id, actor=physician)
    assert shown.announcement.diagnosis_code == "C34.1"
    assert shown.announcement.recorder_id == physician.professional_id
    types = set(StoredEvent.objects.values_list("type", flat=True))
    assert {"announcement.recorded", "plan_proposal.proposed"} <= types


def test_a_second_announcement_joins_the_proposal(dac, physician):
    person_id = people.person(physician)
    first = proposed(person_id, physician)
    second = proposed(person_id, physician, announced_on=today() - timedelta(days=2))
    assert (second.id, second.state) == (first.id, ProposalState.REQUESTED)
    assert len(second.announcement_ids) == 2
    assert PlanProposal.objects.count() == 1


def test_after_a_refusal_a_new_announcement_asks_again(dac, coordinator, physician):
    person_id = people.person(physician)
    answer(proposed(person_id, physician), coordinator, Answer.DECLINED)
    again = proposed(person_id, physician)
    assert again.state == ProposalState.REQUESTED
    assert [given.answer for given in again.answers] == [Answer.DECLINED]


def test_proposing_twice_on_the_same_announcement_changes_nothing(dac, physician):
    person_id = people.person(physician)
    proposal = proposed(person_id, physician)
    receipt = propose_plan(ProposePlan(announcement_id=proposal.announcement_ids[0], proposed_on=today()), by=physician)
    assert receipt.version == proposal.version


def test_the_person_may_put_off_then_accept_and_each_answer_stays(dac, coordinator, physician):
    proposal = proposed(people.person(physician), physician)
    answer(proposal, coordinator, Answer.DEFERRED, come_back_on=today() + timedelta(days=20), reason="Trop tôt")
    deferred = proposal_snapshot(proposal.id)
    assert (deferred.state, deferred.come_back_on) == (ProposalState.DEFERRED, today() + timedelta(days=20))
    with open_trail():
        assert count_to_answer(actor=coordinator) == 0
    answer(deferred, physician, Answer.ACCEPTED)
    accepted = proposal_snapshot(proposal.id)
    assert (accepted.state, accepted.come_back_on) == (ProposalState.ACCEPTED, None)
    assert [given.answer for given in accepted.answers] == [Answer.ACCEPTED, Answer.DEFERRED]
    assert accepted.answers[1].reason == "Trop tôt"
    assert accepted.answers[1].heard_by_id == coordinator.professional_id
    deeds = Transition.objects.filter(aggregate_id=proposal.id).order_by("aggregate_version")
    assert [row.deed for row in deeds] == ["propose", "defer", "accept"]


def test_a_deferred_proposal_comes_back_on_its_day(dac, coordinator, physician, clock):
    proposal = proposed(people.person(physician), physician)
    answer(proposal, coordinator, Answer.DEFERRED, come_back_on=today() + timedelta(days=20))
    clock.forward(days=21)
    with open_trail():
        assert [line.state for line in proposals_to_answer(actor=coordinator).items] == ["deferred"]


def test_without_a_dac_nothing_is_written_but_the_announcement_alone_may_be(physician):
    person_id = people.person(physician, contact=Contact(city="Ailleurs", commune="97501"))
    with pytest.raises(NoCoordinationHere):
        announce(Announce(announcement=announcement(person_id), proposed_on=today()), by=physician)
    assert not Announcement.objects.exists()
    announced(person_id, physician)
    assert Announcement.objects.count() == 1


def test_nothing_is_announced_to_somebody_who_died(dac, physician):
    person_id = people.person(physician)
    mark_deceased(MarkDeceased(person_id=person_id, died_on=today()), by=physician)
    with pytest.raises(PersonHasDied):
        announced(person_id, physician)


def test_an_answer_names_the_version_that_was_read(dac, coordinator, physician):
    proposal = proposed(people.person(physician), physician)
    with pytest.raises(VersionMissing):
        answer(proposal, coordinator, version=None)
    answer(proposal, coordinator)
    with pytest.raises(StaleVersion):
        answer(proposal, coordinator)


@pytest.mark.parametrize("role", [Role.PHYSICIAN, Role.NURSE, Role.BED_MANAGER, Role.TECHNICAL_ADMIN])
def test_a_stranger_can_neither_announce_nor_read(role, dac, physician):
    person_id = people.person(physician)
    proposal = proposed(person_id, physician)
    stranger = people.actor(role)
    with pytest.raises(NotFound):
        record_announcement(announcement(person_id), by=stranger)
    with open_trail(), pytest.raises(NotFound):
        announcement_for(proposal.announcement_ids[0], actor=stranger)
    with open_trail(), pytest.raises(NotFound):
        proposal_for(proposal.id, actor=stranger)


def test_the_dac_reads_the_proposal_but_not_the_diagnosis_before_inclusion(dac, coordinator, physician):
    proposal = proposed(people.person(physician), physician)
    with open_trail(), pytest.raises(NotFound):
        announcement_for(proposal.announcement_ids[0], actor=coordinator)


def test_the_coordinator_of_another_dac_sees_nothing(dac, physician):
    proposal = proposed(people.person(physician), physician)
    other = people.actor(Role.COORDINATOR, people.coordination(departement="71"))
    with open_trail():
        assert proposals_to_answer(actor=other).items == []
        assert count_to_answer(actor=other) == 0
        with pytest.raises(NotFound):
            proposal_for(proposal.id, actor=other)
    with pytest.raises(NotFound):
        answer(proposal, other)


def test_a_bed_manager_of_the_team_may_not_announce(physician):
    person_id = people.person(physician)
    place = people.Organisation.objects.get(pk=physician.organisation_id)
    with pytest.raises(NotAllowed):
        announced(person_id, people.actor(Role.BED_MANAGER, place))


def test_a_person_who_refuses_the_dac_is_not_on_its_desk(dac, coordinator, physician):
    person_id = people.person(physician)
    proposal = proposed(person_id, physician)
    record_opposition(
        RecordOpposition(person_id=person_id, organisation_id=dac.id, stated_on=today(), means=ConsentMeans.SPOKEN),
        by=physician,
    )
    with open_trail():
        assert proposals_to_answer(actor=coordinator).items == []
        with pytest.raises(NotFound):
            proposal_for(proposal.id, actor=coordinator)


def test_the_desk_costs_the_same_for_one_and_five_rows(dac, coordinator, physician, django_assert_num_queries):
    def cost():
        with open_trail():
            return len(proposals_to_answer(actor=coordinator).items)

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    proposed(people.person(physician), physician)
    with CaptureQueriesContext(
        connection,
    ) as one:
        assert cost() == 1
    for _ in range(4):
        proposed(people.person(physician), physician)
    with django_assert_num_queries(len(one)):
        assert cost() == 5


def test_the_words_lie_sealed_and_the_code_is_found_by_its_token(physician):
    announced(people.person(physician), physician)
    row = Announcement.objects.values().get()
    assert DIAGNOSIS.encode() not in b"".join(
        bytes(value) for value in row.values() if isinstance(value, bytes | memoryview)
    )
    assert Announcement.objects.filter(diagnosis_token=diagnosis_token("C34.1")).exists()


def test_who_announced_and_proposed_nothing_finds_it_on_the_desk_until_it_is_proposed(dac, physician, coordinator):
    announced_on = today() - timedelta(days=40)
    made = announced(people.person(physician), physician, announced_on=announced_on)
    with open_trail():
        (waiting,) = plans_to_propose(actor=physician)
        assert plans_to_propose(actor=people.actor(physician.role)) == []
    assert (waiting.announcement_id, waiting.by, waiting.is_late) == (made, announced_on + timedelta(days=30), True)
    assert "Plans à proposer" in signed_in(physician).get("/").content.decode()
    propose_plan(ProposePlan(announcement_id=made, proposed_on=today()), by=physician)
    with open_trail():
        assert plans_to_propose(actor=physician) == []
