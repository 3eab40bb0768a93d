"""Designations through their commands: both signatures, one active, the role that follows, who may read."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.access.gate import open_trail
from accounts.access.states import Basis
from accounts.documents.models import Document
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, TransitionRefused, VersionMissing
from accounts.outbox.models import StoredEvent
from accounts.people.models import Relative, RelativeRoleRow
from accounts.people.queries import relative_snapshot
from accounts.people.records import RecordRelative
from accounts.people.states import RelativeRole
from ppa.trusted_persons import rules
from ppa.trusted_persons.commands import (
    answer_proposal,
    confirm_duration,
    designate_new_relative,
    end_designation,
    propose_trusted_person,
    resume_designation,
    sign_designation,
    withdraw_designation,
)
from ppa.trusted_persons.models import Designation
from ppa.trusted_persons.queries import (
    active_designation,
    designation_for,
    designation_snapshot,
    designations_of,
)
from ppa.trusted_persons.records import (
    AnswerProposal,
    ConfirmDuration,
    DesignateNewRelative,
    EndDesignation,
    ProposeTrustedPerson,
    ResumeDesignation,
    Signatures,
    SignDesignation,
    WithdrawDesignation,
)
from ppa.trusted_persons.states import Action, Duration, EndMeans, State
from tests.factories import directives, people, trusted_persons

pytestmark = pytest.mark.django_db
PERSON_ONLY = Signatures(person_signed_on=date(2026, 4, 1))


def state_of(designation_id):
    return designation_snapshot(designation_id).state


def version_of(designation_id):
    return designation_snapshot(designation_id).version


def roles_of(relative_id):
    return relative_snapshot(relative_id).roles


def ending(designation_id, action=Action.REVOKE, means=EndMeans.WRITTEN, **fields):
    values = {"version": version_of(designation_id), "ended_on": date(2026, 6, 1), "received_by": "Essai", **fields}
    return EndDesignation(designation_id=designation_id, action=action, means=means, **values)


def test_both_signatures_make_it_active_and_open_the_role_from_the_second_one(nurse, person_id, relative_id):
    designation_id = trusted_persons.designation(person_id, relative_id, nurse, file=directives.scan())
    assert active_designation(person_id).id == designation_id
    assert roles_of(relative_id) == (RelativeRole.TRUSTED_PERSON,)
    assert Relative.objects.get().roles.get().starts_on == date(2026, 4, 3)
    assert Document.objects.get().kind == "designation"
    assert StoredEvent.objects.filter(type="relative.recorded", aggregate_id=relative_id).count() == 2


def test_one_signature_is_refused_and_nothing_is_kept(nurse, person_id, relative_id):
    with pytest.raises(rules.SignatureMissing) as refused:
        trusted_persons.designation(person_id, relative_id, nurse, signatures=PERSON_ONLY)
    assert refused.value.field == "trusted_signed_on"
    assert not Designation.objects.exists()


def test_a_signature_may_come_later_and_nothing_counts_before_it(nurse, person_id, relative_id):
    designation_id = trusted_persons.designation(
        person_id, relative_id, nurse, signatures=PERSON_ONLY, awaits_signature=True
    )
    assert state_of(designation_id) == State.DESIGNATED_UNSIGNED
    assert (active_designation(person_id), roles_of(relative_id)) == (None, ())
    missing = SignDesignation(
        designation_id=designation_id, version=version_of(designation_id), signatures=Signatures()
    )
    with pytest.raises(rules.SignatureMissing):
        sign_designation(missing, by=nurse)
    later = Signatures(trusted_signed_on=date(2026, 5, 2))
    sign_designation(
        SignDesignation(designation_id=designation_id, version=version_of(designation_id), signatures=later), by=nurse
    )
    assert active_designation(person_id).signatures.both
    assert roles_of(relative_id) == (RelativeRole.TRUSTED_PERSON,)


def test_a_new_designation_replaces_the_active_one(nurse, person_id, relative_id):
    former = trusted_persons.designation(person_id, relative_id, nurse)
    other_id = people.relative(person_id, nurse, given="Anatole", relation="SONC")
    later = Signatures(person_signed_on=date(2026, 8, 1), trusted_signed_on=date(2026, 8, 2))
    current = trusted_persons.designation(person_id, other_id, nurse, signatures=later)
    assert (state_of(former), state_of(current)) == (State.REPLACED, State.ACTIVE)
    assert (roles_of(relative_id), roles_of(other_id)) == ((), (RelativeRole.TRUSTED_PERSON,))
    assert designation_snapshot(former).ended_on == date(2026, 8, 2)


@pytest.mark.parametrize("ends", [None, Action.SUSPEND, Action.REVOKE, Action.RENOUNCE])
def test_an_older_paper_found_later_is_history_whatever_became_of_the_one_signed_since(
    nurse, person_id, relative_id, ends
):
    current = trusted_persons.designation(person_id, relative_id, nurse)
    if ends:
        end_designation(ending(current, ends), by=nurse)
    before = (state_of(current), roles_of(relative_id))
    other_id = people.relative(person_id, nurse, given="Anatole", relation="SONC")
    older = Signatures(person_signed_on=date(2019, 3, 1), trusted_signed_on=date(2019, 3, 4))
    found = trusted_persons.designation(
        person_id, other_id, nurse, signatures=older, duration=Duration.LASTING, file=directives.scan()
    )
    assert (state_of(current), roles_of(relative_id)) == before
    assert (state_of(found), roles_of(other_id)) == (State.REPLACED, ())
    assert designation_snapshot(found).ended_on == date(2026, 4, 3)
    assert designation_snapshot(found).document_id is not None
    if ends == Action.SUSPEND:
        record = ResumeDesignation(designation_id=current, version=version_of(current), resumed_on=date(2026, 7, 1))
        resume_designation(record, by=nurse)
        assert active_designation(person_id).id == current


def test_it_is_her_own_signature_that_tells_which_is_the_latest(nurse, person_id, relative_id):
    late = Signatures(person_signed_on=date(2026, 3, 1), trusted_signed_on=date(2026, 5, 10))
    former = trusted_persons.designation(person_id, relative_id, nurse, signatures=late)
    current = trusted_persons.designation(person_id, people.relative(person_id, nurse, given="Anatole"), nurse)
    assert (state_of(former), state_of(current)) == (State.REPLACED, State.ACTIVE)
    same = trusted_persons.designation(person_id, relative_id, nurse)
    assert (state_of(current), state_of(same)) == (State.REPLACED, State.ACTIVE)


def test_one_that_was_meant_for_a_stay_that_is_over_keeps_no_older_one_from_counting(nurse, person_id, relative_id):
    stay = Signatures(person_signed_on=date(2020, 1, 1), trusted_signed_on=date(2020, 1, 1))
    lapsed = trusted_persons.designation(person_id, relative_id, nurse, signatures=stay)
    over = ConfirmDuration(designation_id=lapsed, version=version_of(lapsed), duration=Duration.STAY_ONLY)
    confirm_duration(over, by=nurse)
    older = Signatures(person_signed_on=date(2019, 3, 1), trusted_signed_on=date(2019, 3, 4))
    found = trusted_persons.designation(person_id, relative_id, nurse, signatures=older, duration=Duration.LASTING)
    assert state_of(found) == State.ACTIVE


def test_the_database_refuses_a_second_active_one(nurse, person_id, relative_id):
    trusted_persons.designation(person_id, relative_id, nurse)
    second = Designation(
        person_id=person_id,
        relative_id=relative_id,
        state=State.ACTIVE,
        person_signed_on=date(2026, 9, 1),
        trusted_signed_on=date(2026, 9, 1),
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


def test_a_relative_recorded_and_designated_in_one_go_or_not_at_all(nurse, person_id):
    relative = RecordRelative(
        person_id=person_id, family="MERLANDOISE", given="Anatole", relation="FRND", birth_date=date(1970, 1, 1)
    )
    nobody = person_id
    refused = DesignateNewRelative(
        relative=relative,
        designation=trusted_persons.designation_of(person_id, nobody, signatures=PERSON_ONLY),
    )
    with pytest.raises(rules.SignatureMissing):
        designate_new_relative(refused, by=nurse)
    assert not Relative.objects.exists()
    designate_new_relative(
        DesignateNewRelative(relative=relative, designation=trusted_persons.designation_of(person_id, nobody)),
        by=nurse,
    )
    assert active_designation(person_id).relative_id == Relative.objects.get().id


@pytest.mark.parametrize(
    ("action", "means", "state"),
    [
        (Action.REVOKE, EndMeans.SPOKEN, State.REVOKED),
        (Action.RENOUNCE, EndMeans.WRITTEN, State.RENOUNCED),
        (Action.SUSPEND, EndMeans.JUDGE, State.SUSPENDED),
    ],
)
def test_an_end_closes_the_role(nurse, person_id, relative_id, action, means, state):
    designation_id = trusted_persons.designation(person_id, relative_id, nurse)
    end_designation(ending(designation_id, action, means), by=nurse)
    assert (state_of(designation_id), roles_of(relative_id)) == (state, ())
    assert active_designation(person_id) is None


def test_a_suspended_one_may_be_given_back_unless_another_is_active(nurse, person_id, relative_id):
    designation_id = trusted_persons.designation(person_id, relative_id, nurse)
    end_designation(ending(designation_id, Action.SUSPEND, EndMeans.JUDGE), by=nurse)
    resume_designation(
        ResumeDesignation(
            designation_id=designation_id, version=version_of(designation_id), resumed_on=date(2026, 7, 1)
        ),
        by=nurse,
    )
    assert (state_of(designation_id), roles_of(relative_id)) == (State.ACTIVE, (RelativeRole.TRUSTED_PERSON,))
    with pytest.raises(rules.AlreadyUnderWay):
        resume_designation(
            ResumeDesignation(
                designation_id=designation_id, version=version_of(designation_id), resumed_on=date(2026, 7, 1)
            ),
            by=nurse,
        )


def test_not_now_is_kept_with_a_day_to_come_back_and_the_choice_follows(nurse, person_id, relative_id):
    designation_id = propose_trusted_person(
        ProposeTrustedPerson(person_id=person_id, proposed_on=date(2026, 3, 1)), by=nurse
    ).id
    answer = AnswerProposal(
        designation_id=designation_id, version=1, answered_on=date(2026, 3, 2), come_back_on=date(2026, 12, 1)
    )
    for impossible in ({"answered_on": date(1900, 1, 1)}, {"come_back_on": date(2026, 3, 2)}):
        with pytest.raises(rules.DateNotPossible):
            answer_proposal(replace(answer, **impossible), by=nurse)
    answer_proposal(answer, by=nurse)
    assert designation_snapshot(designation_id).come_back_on == date(2026, 12, 1)
    answer_proposal(
        AnswerProposal(designation_id=designation_id, version=2, answered_on=date(2026, 3, 9), declines=False),
        by=nurse,
    )
    assert state_of(designation_id) == State.PROPOSED
    assert trusted_persons.designation(person_id, relative_id, nurse) == designation_id
    assert state_of(designation_id) == State.ACTIVE


def test_one_proposal_at_a_time(nurse, person_id):
    proposal = ProposeTrustedPerson(person_id=person_id, proposed_on=date(2026, 3, 1))
    with pytest.raises(rules.DateNotPossible):
        propose_trusted_person(replace(proposal, proposed_on=date(1900, 1, 1)), by=nurse)
    propose_trusted_person(proposal, by=nurse)
    with pytest.raises(rules.AlreadyUnderWay):
        propose_trusted_person(proposal, by=nurse)


def test_what_is_only_proposed_cannot_be_signed(nurse, person_id, relative_id):
    proposal = ProposeTrustedPerson(person_id=person_id, proposed_on=date(2026, 3, 1))
    proposed = propose_trusted_person(proposal, by=nurse).id
    record = SignDesignation(designation_id=proposed, version=version_of(proposed), signatures=PERSON_ONLY)
    with pytest.raises(TransitionRefused):
        sign_designation(record, by=nurse)
    assert state_of(proposed) == State.PROPOSED


def test_a_relative_of_another_person_is_refused(nurse, person_id):
    elsewhere = people.relative(people.person(nurse), nurse)
    with pytest.raises(rules.RelativeOfAnother):
        trusted_persons.designation(person_id, elsewhere, nurse)


def test_a_minor_relative_is_refused(nurse, person_id):
    child = people.relative(person_id, nurse, birth_date=date(2012, 1, 1))
    with pytest.raises(rules.TrustedPersonMinor):
        trusted_persons.designation(person_id, child, nurse)


def test_order_and_versions_are_kept(nurse, person_id, relative_id):
    designation_id = trusted_persons.designation(person_id, relative_id, nurse)
    with pytest.raises(StaleVersion):
        end_designation(ending(designation_id, version=1), by=nurse)
    with pytest.raises(VersionMissing):
        end_designation(ending(designation_id, version=None), by=nurse)
    end_designation(ending(designation_id), by=nurse)
    with pytest.raises(TransitionRefused):
        end_designation(ending(designation_id), by=nurse)


@pytest.mark.parametrize(
    ("role", "basis", "refusal"),
    [
        (Role.COORDINATOR, Basis.COORDINATION, None),
        (Role.BED_MANAGER, Basis.ACCEPTED_REFERRAL, None),
        (Role.BED_MANAGER, Basis.ADDRESSED_REFERRAL, NotAllowed),
        (Role.SOCIAL_WORKER, Basis.SAME_TEAM, NotAllowed),
        (Role.PHYSICIAN, None, NotFound),
    ],
)
def test_who_reads(nurse, person_id, relative_id, role, basis, refusal):
    designation_id = trusted_persons.designation(person_id, relative_id, nurse)
    reader = directives.colleague(role, person_id, basis) if basis else people.actor(role)
    with open_trail():
        if refusal is None:
            assert [one.id for one in designations_of(person_id, actor=reader)] == [designation_id]
            assert designation_for(designation_id, actor=reader).state == State.ACTIVE
            return
        with pytest.raises(refusal):
            designations_of(person_id, actor=reader)
        with pytest.raises(refusal):
            designation_for(designation_id, actor=reader)


def test_a_stranger_may_not_designate(nurse, person_id, relative_id):
    with pytest.raises(NotFound):
        trusted_persons.designation(person_id, relative_id, people.actor(Role.NURSE))


def test_a_list_costs_the_same_for_one_and_five(nurse, person_id, relative_id, django_assert_max_num_queries):
    counts = []
    for more in (1, 4):
        for _ in range(more):
            trusted_persons.designation(person_id, relative_id, nurse)
        with open_trail(), django_assert_max_num_queries(10) as captured:
            designations_of(person_id, actor=nurse)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_nothing_of_what_she_said_lies_in_clear(nurse, person_id, relative_id):
    trusted_persons.designation(person_id, relative_id, nurse, limits="CANARILIMITE")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ppa_designation")
        stored = b"".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in cursor.fetchone())
    assert b"CANARI" not in stored


@pytest.mark.parametrize("action", [Action.REVOKE, Action.RENOUNCE])
def test_the_end_of_a_new_form_that_names_her_again_leaves_the_role_that_she_holds(
    nurse, person_id, relative_id, action
):
    active = trusted_persons.designation(person_id, relative_id, nurse)
    again = trusted_persons.designation(person_id, relative_id, nurse, signatures=Signatures(), awaits_signature=True)
    end_designation(ending(again, action), by=nurse)
    assert (state_of(active), roles_of(relative_id)) == (State.ACTIVE, (RelativeRole.TRUSTED_PERSON,))
    end_designation(ending(active), by=nurse)
    assert roles_of(relative_id) == ()


def withdraw(designation_id, nurse, why="C’est le papier d’une autre personne"):
    record = WithdrawDesignation(designation_id=designation_id, version=version_of(designation_id), why=why)
    return withdraw_designation(record, by=nurse)


def times_of(relative_id):
    return list(
        RelativeRoleRow.objects.filter(relative_id=relative_id)
        .order_by("starts_on", "id")
        .values_list("starts_on", "ends_on")
    )


def test_a_mistake_gives_back_what_it_had_replaced_and_stays_in_the_file_with_its_reason(nurse, person_id):
    her_own, somebody = people.relative(person_id, nurse), people.relative(person_id, nurse, given="Anatole")
    former = trusted_persons.designation(person_id, her_own, nurse)
    later = Signatures(person_signed_on=date(2026, 9, 1), trusted_signed_on=date(2026, 9, 2))
    mistake = trusted_persons.designation(person_id, somebody, nurse, signatures=later)
    assert (state_of(former), state_of(mistake)) == (State.REPLACED, State.ACTIVE)
    withdraw(mistake, nurse)
    assert (state_of(former), state_of(mistake)) == (State.ACTIVE, State.ENTERED_IN_ERROR)
    assert designation_snapshot(former).ended_on is None
    kept = designation_snapshot(mistake)
    assert kept.mistake.why == "C’est le papier d’une autre personne"
    assert (kept.mistake.noted_on, bool(kept.mistake.by)) == (today(), True)
    assert kept.signatures == later
    assert times_of(her_own) == [(date(2026, 4, 3), date(2026, 9, 2)), (date(2026, 9, 2), None)]
    assert times_of(somebody) == [(date(2026, 9, 2), date(2026, 9, 2))], "she never held the role"
    with pytest.raises(TransitionRefused):
        withdraw(mistake, nurse)


def test_a_mistake_gives_back_one_that_the_judge_had_suspended_as_suspended(nurse, person_id):
    suspended = trusted_persons.designation(person_id, people.relative(person_id, nurse), nurse)
    record = EndDesignation(
        designation_id=suspended, version=version_of(suspended), action=Action.SUSPEND, ended_on=date(2026, 6, 1),
        means=EndMeans.JUDGE, received_by="Essai",
    )  # fmt: skip
    end_designation(record, by=nurse)
    later = Signatures(person_signed_on=date(2026, 9, 1), trusted_signed_on=date(2026, 9, 2))
    mistake = trusted_persons.designation(
        person_id, people.relative(person_id, nurse, given="Anatole"), nurse, signatures=later
    )
    withdraw(mistake, nurse)
    assert (state_of(suspended), designation_snapshot(suspended).ended_on) == (State.SUSPENDED, date(2026, 6, 1))
    assert active_designation(person_id) is None


def test_an_older_paper_that_only_the_mistake_kept_from_counting_counts(nurse, person_id):
    mistake = trusted_persons.designation(person_id, people.relative(person_id, nurse), nurse)
    older = Signatures(person_signed_on=date(2025, 3, 1), trusted_signed_on=date(2025, 3, 4))
    found = trusted_persons.designation(
        person_id, people.relative(person_id, nurse, given="Anatole"), nurse, signatures=older
    )
    assert state_of(found) == State.REPLACED
    withdraw(mistake, nurse)
    assert active_designation(person_id).id == found


def test_what_somebody_else_replaced_stays_replaced(nurse, person_id):
    first = trusted_persons.designation(person_id, people.relative(person_id, nurse), nurse)
    later = Signatures(person_signed_on=date(2026, 6, 1), trusted_signed_on=date(2026, 6, 2))
    revoked = trusted_persons.designation(
        person_id, people.relative(person_id, nurse, given="Anatole"), nurse, signatures=later
    )
    end_designation(
        EndDesignation(
            designation_id=revoked, version=version_of(revoked), action=Action.REVOKE, ended_on=date(2026, 7, 1),
            means=EndMeans.WRITTEN, received_by="Essai",
        ),
        by=nurse,
    )  # fmt: skip
    last = Signatures(person_signed_on=date(2026, 9, 1), trusted_signed_on=date(2026, 9, 2))
    mistake = trusted_persons.designation(
        person_id, people.relative(person_id, nurse, given="Ondine"), nurse, signatures=last
    )
    withdraw(mistake, nurse)
    assert [state_of(one) for one in (first, revoked)] == [State.REPLACED, State.REVOKED]
    assert active_designation(person_id) is None


def test_a_mistake_is_explained_and_a_proposal_is_none(nurse, person_id):
    made = trusted_persons.designation(person_id, people.relative(person_id, nurse), nurse)
    with pytest.raises(rules.MistakeUnexplained):
        withdraw(made, nurse, why="  ")
    assert state_of(made) == State.ACTIVE
    withdraw(made, nurse)
    proposed = propose_trusted_person(ProposeTrustedPerson(person_id=person_id, proposed_on=today()), by=nurse).id
    with pytest.raises(TransitionRefused):
        withdraw(proposed, nurse)
