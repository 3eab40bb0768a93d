"""Merging two records of one person: what moves, who may, what is refused, and how it comes apart again."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from accounts.access.circle import enter
from accounts.access.commands import record_opposition, withdraw_sharing_consent
from accounts.access.gate import is_permitted, open_trail, standing_of
from accounts.access.models import CircleMembership, Opposition
from accounts.access.permissions import Permission
from accounts.access.records import OpenMembership, RecordOpposition, WithdrawSharingConsent
from accounts.access.states import Basis, Category, ConsentMeans
from accounts.audit.verification import verify
from accounts.break_glass.commands import open_break_glass
from accounts.break_glass.models import BreakGlass
from accounts.kernel.actor import Role, system_actor
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, StepUpNeeded, VersionMissing
from accounts.kernel.models import Transition
from accounts.people.commands import mark_deceased, register_person, update_contact
from accounts.people.models import OrganisationLink, Person, Relative
from accounts.people.queries import find_people, person_by_own_number, person_facts
from accounts.people.records import Contact, MarkDeceased, UpdateContact
from accounts.trails.queries import access_list
from accounts.vigilance import rules
from accounts.vigilance.commands import follow_merge, merge_records, part_records
from accounts.vigilance.models import IdentityMerge, IdentityMove
from accounts.vigilance.records import FollowMerge
from accounts.vigilance.states import MergeState
from accounts.vigilance.tasks import follow_merges
from pathway.cases.commands import decline_case
from pathway.cases.queries import open_case_ids
from pathway.cases.records import DeclineCase
from ppa.announcements.models import PlanProposal
from ppa.directives.models import Directive
from ppa.directives.states import State
from tests.factories import (
    announcements,
    assessments,
    directives,
    emergencies,
    identities,
    people,
    plans,
    trusted_persons,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return identities.pair(ipp="IPP-SECOND", ipp_system="urn:oid:1.2.3.4")


def of(model, person_id):
    return model.objects.filter(person_id=person_id)


def test_everything_of_the_other_record_is_in_the_one_that_is_kept(pair):
    directive_id = directives.directive(pair.merged_id, people.actor(Role.PHYSICIAN, pair.hospital))
    people.relative(pair.merged_id, pair.nurse)
    history = Transition.objects.filter(person_id=pair.merged_id).count()
    assert history > 2
    merge = identities.merged(pair)
    assert Directive.objects.get(pk=directive_id).person_id == pair.kept_id
    assert of(Relative, pair.kept_id).exists()
    assert not of(CircleMembership, pair.merged_id).exists()
    assert not Transition.objects.filter(person_id=pair.merged_id).exists()
    assert Transition.objects.filter(person_id=pair.kept_id).count() >= history
    assert Person.objects.get(pk=pair.merged_id).merged_into_id == pair.kept_id
    assert (merge.state, merge.is_moving, merge.reason) == (MergeState.JOINED, False, identities.WHY)
    assert verify().faults == []


def test_one_person_is_found_by_both_identities(pair):
    changed = UpdateContact(
        person_id=pair.merged_id, version=1, contact=Contact(phones=("06 39 98 77 66",), city="Dijon"), usual_name="AUTREMENT"
    )  # fmt: skip
    update_contact(changed, by=pair.nurse)
    identities.merged(pair)
    with open_trail():
        for words in ("AUTREMENT", "0639987766", "12/03/1955"):
            assert [one.id for one in find_people(words, actor=pair.nurse)] == [pair.kept_id], words
        found = person_by_own_number("urn:oid:1.2.3.4", "IPP-SECOND", organisation_id=pair.hospital.id)
    assert found == pair.kept_id
    version = Person.objects.get(pk=pair.kept_id).version
    update_contact(replace(changed, person_id=pair.kept_id, version=version, usual_name=""), by=pair.nurse)
    with open_trail():
        assert [one.id for one in find_people("AUTREMENT", actor=pair.nurse)] == [pair.kept_id]


def test_a_verified_identity_that_was_merged_leads_to_the_record_that_stands():
    nurse = people.actor(Role.NURSE)
    officer = people.identity_officer(Role.PHYSICIAN, people.Organisation.objects.get(pk=nurse.organisation_id))
    first = people.registration()
    second = replace(first, traits=replace(first.traits, birth_given_names=("Philomène",)))
    kept_id, merged_id = (register_person(one, by=nurse).id for one in (first, second))
    assert kept_id != merged_id
    of_two = identities.Pair(None, officer, nurse, kept_id, merged_id)
    identities.merged(of_two)
    assert register_person(second, by=nurse).id == kept_id
    assert register_person(first, by=nurse).id == kept_id


def without(person):
    return replace(person, mandates=frozenset())


def test_only_who_holds_the_mandate_now_and_just_gave_both_factors_merges(pair):
    asked = identities.merging(pair)
    with pytest.raises(NotFound):
        merge_records(asked, by=people.identity_officer(Role.PHYSICIAN))
    for actor in (without(pair.officer), pair.nurse):
        with pytest.raises(NotAllowed):
            merge_records(asked, by=actor)
    with pytest.raises(StepUpNeeded):
        merge_records(asked, by=replace(pair.officer, authenticated_at=now() - timedelta(minutes=6)))
    assert not IdentityMerge.objects.exists()


def test_a_stale_page_a_missing_version_and_a_short_reason_are_refused(pair):
    asked = identities.merging(pair)
    for fields, refusal in (
        ({"kept_version": 9}, StaleVersion),
        ({"merged_version": 9}, StaleVersion),
        ({"merged_version": None}, VersionMissing),
        ({"reason": "pareil"}, rules.ReasonNeeded),
        ({"kept_id": pair.merged_id, "merged_id": pair.kept_id}, rules.QualifiedIsKept),
        ({"kept_id": pair.merged_id}, rules.SameRecord),
    ):
        with pytest.raises(refusal):
            merge_records(replace(asked, **fields), by=pair.officer)
    identities.merged(pair)
    with pytest.raises(NotFound):
        merge_records(identities.merging(pair), by=pair.officer)


def test_two_verified_numbers_never_merge(pair):
    other = register_person(people.registration(), by=pair.nurse).id
    with pytest.raises(rules.TwoNumbers):
        merge_records(identities.merging(replace_pair(pair, merged_id=other)), by=pair.officer)


def replace_pair(pair, **fields):
    return identities.Pair(**{**{name: getattr(pair, name) for name in pair.__slots__}, **fields})


def test_a_death_told_on_one_record_only_is_settled_first(pair):
    mark_deceased(MarkDeceased(person_id=pair.merged_id, died_on=today()), by=pair.nurse)
    with pytest.raises(rules.DeathsDiffer):
        merge_records(identities.merging(pair), by=pair.officer)
    mark_deceased(MarkDeceased(person_id=pair.kept_id, died_on=today()), by=pair.nurse)
    identities.merged(pair)


def test_what_there_is_one_of_is_settled_first_by_a_person(pair):
    for person_id in (pair.kept_id, pair.merged_id):
        relative_id = people.relative(person_id, pair.nurse)
        trusted_persons.designation(person_id, relative_id, pair.nurse)
    with pytest.raises(rules.SettleFirst, match="merge-settle-first") as refused:
        merge_records(identities.merging(pair), by=pair.officer)
    assert "personne de confiance" in refused.value.message


def test_two_plans_and_two_files_of_one_coordination_are_settled_first(pair):
    team = [
        plans.Team(
            person_id, people.actor(Role.COORDINATOR, dac), people.actor(Role.PHYSICIAN, pair.hospital), pair.nurse
        )
        for dac in [people.coordination()]
        for person_id in (pair.kept_id, pair.merged_id)
    ]
    for one in team:
        enter(
            OpenMembership(
                person_id=one.person_id, organisation_id=one.coordinator.organisation_id, basis=Basis.COORDINATION
            )
        )
        plans.plan(one)
    with pytest.raises(rules.SettleFirst) as refused:
        merge_records(identities.merging(pair), by=pair.officer)
    assert "plan en cours" in refused.value.message


def test_an_agreement_taken_back_on_one_record_is_not_revived_by_the_other(pair):
    there = people.organisation()
    physician = people.actor(Role.PHYSICIAN, pair.hospital)
    people.consented(pair.kept_id, there, by=physician)
    taken_back = people.consented(pair.merged_id, there, by=physician)
    withdraw_sharing_consent(
        WithdrawSharingConsent(consent_id=taken_back, withdrawn_on=today(), means=ConsentMeans.SPOKEN), by=physician
    )
    with pytest.raises(rules.AgreementTakenBack):
        merge_records(identities.merging(pair), by=pair.officer)


def test_a_refusal_on_either_record_holds_after_the_merge(pair):
    elsewhere = people.actor(Role.PHYSICIAN)
    for person_id in (pair.kept_id, pair.merged_id):
        enter(OpenMembership(person_id=person_id, organisation_id=elsewhere.organisation_id, basis=Basis.SAME_TEAM))
    refused = RecordOpposition(
        person_id=pair.merged_id, organisation_id=elsewhere.organisation_id, stated_on=today(), means=ConsentMeans.SPOKEN
    )  # fmt: skip
    record_opposition(refused, by=pair.nurse)
    assert is_permitted(elsewhere, Permission.PATIENT_IDENTITY_READ, person_facts(pair.kept_id))
    identities.merged(pair)
    assert not is_permitted(elsewhere, Permission.PATIENT_IDENTITY_READ, person_facts(pair.kept_id))
    assert of(Opposition, pair.kept_id).count() == 1


def test_a_circle_is_the_person_s_and_keeps_its_categories(pair):
    part, whole = people.actor(Role.PHYSICIAN), people.actor(Role.PHYSICIAN)
    enter(
        OpenMembership(
            person_id=pair.merged_id, organisation_id=part.organisation_id, basis=Basis.CONSENT, category=Category.PLAN
        )
    )
    enter(OpenMembership(person_id=pair.merged_id, organisation_id=whole.organisation_id, basis=Basis.CONSENT))
    identities.merged(pair)
    assert standing_of(whole, pair.kept_id).bases == {Basis.CONSENT}
    assert standing_of(part, pair.kept_id).bases == frozenset()
    assert standing_of(part, pair.kept_id).partial == {(Basis.CONSENT, Category.PLAN)}
    assert standing_of(whole, pair.merged_id).bases == frozenset()


def test_the_same_membership_is_open_once(pair):
    dac = people.actor(Role.COORDINATOR, people.coordination())
    for person_id in (pair.kept_id, pair.merged_id):
        enter(OpenMembership(person_id=person_id, organisation_id=dac.organisation_id, basis=Basis.COORDINATION))
    merge = identities.merged(pair)
    rows = of(CircleMembership, pair.kept_id).filter(basis=Basis.COORDINATION)
    assert (rows.count(), rows.filter(ends_at=None).count()) == (2, 1)
    identities.parted(merge, pair)
    for person_id in (pair.kept_id, pair.merged_id):
        assert of(CircleMembership, person_id).filter(basis=Basis.COORDINATION, ends_at=None).count() == 1


def test_one_proposal_goes_on_and_an_answer_is_never_lost(pair):
    dac = people.coordination(departement="21")
    physician = people.actor(Role.PHYSICIAN, pair.hospital)
    proposals = [announcements.proposed(person_id, physician) for person_id in (pair.kept_id, pair.merged_id)]
    coordinator = people.actor(Role.COORDINATOR, dac)
    with pytest.raises(rules.SettleFirst) as refused:
        merge_records(identities.merging(pair), by=pair.officer)
    assert "la même coordination suit les deux dossiers" in refused.value.message
    (double,) = open_case_ids(pair.merged_id)
    decline_case(
        DeclineCase(case_id=double, version=1, reason="Elle est déjà suivie sous son autre dossier."), by=coordinator
    )
    merge = identities.merged(pair)
    assert PlanProposal.objects.get(person_id=pair.kept_id).id == proposals[0].id
    identities.parted(merge, pair)
    PlanProposal.objects.filter(pk=proposals[1].id).update(state="accepted")
    with pytest.raises(rules.SettleFirst) as refused:
        merge_records(identities.merging(pair), by=pair.officer)
    assert "n’a pas répondu la même chose" in refused.value.message


def test_the_latest_directives_prevail_and_a_physician_is_asked_to_read_both(pair):
    physician = people.actor(Role.PHYSICIAN, pair.hospital)
    older = directives.directive(pair.kept_id, physician, signed_on=date(2024, 1, 2))
    newer = directives.directive(pair.merged_id, physician, signed_on=date(2026, 1, 2))
    merge = identities.merged(pair)
    states = dict(Directive.objects.values_list("id", "state"))
    assert (states[older], states[newer]) == (State.SUPERSEDED, State.VALID)
    assert len(merge.to_read) == 1
    identities.parted(merge, pair)
    states = dict(Directive.objects.values_list("id", "state"))
    assert (states[older], states[newer]) == (State.VALID, State.VALID)
    assert Directive.objects.get(pk=newer).person_id == pair.merged_id


def test_parting_leaves_what_was_written_since_and_takes_along_what_hangs_on_it(pair):
    moved = people.relative(pair.merged_id, pair.nurse)
    merge = identities.merged(pair)
    since = assessments.assessment(pair.kept_id, pair.nurse)
    designation = trusted_persons.designation(pair.kept_id, moved, pair.nurse)
    identities.parted(merge, pair)
    assert Relative.objects.get(pk=moved).person_id == pair.merged_id
    rows = dict(Transition.objects.filter(aggregate_version=1).values_list("aggregate_id", "person_id"))
    assert rows[since] == pair.kept_id
    assert rows[designation] == pair.merged_id
    merge.refresh_from_db()
    assert (merge.state, merge.is_moving) == (MergeState.PARTED, False)
    assert Person.objects.get(pk=pair.merged_id).merged_into_id is None


def test_merges_come_apart_in_the_reverse_order(pair):
    third = register_person(people.registration(), by=pair.nurse).id
    Person.objects.filter(pk=third).update(ins=None, status="VALI", qualified_token=None)
    with pytest.raises(rules.QualifiedIsKept):
        merge_records(identities.merging(replace_pair(pair, kept_id=third, merged_id=pair.kept_id)), by=pair.officer)
    fourth = register_person(identities.provisional(people.registration()), by=pair.nurse).id
    inner = identities.merged(replace_pair(pair, kept_id=pair.merged_id, merged_id=fourth))
    outer = identities.merged(pair)
    assert Person.objects.get(pk=fourth).merged_into_id == pair.kept_id
    with pytest.raises(rules.PartLatestFirst):
        identities.parted(inner, pair)
    identities.parted(outer, pair)
    assert Person.objects.get(pk=fourth).merged_into_id == pair.merged_id
    identities.parted(inner, pair)
    assert Person.objects.get(pk=fourth).merged_into_id is None


def test_only_the_structure_that_merged_parts_them_whatever_was_refused_since(pair):
    merge = identities.merged(pair)
    for actor, refusal in (
        (people.identity_officer(Role.PHYSICIAN), NotFound),
        (without(pair.officer), NotAllowed),
    ):
        with pytest.raises(refusal):
            part_records(identities.parting(merge), by=actor)
    refusal = RecordOpposition(
        person_id=pair.kept_id, organisation_id=pair.hospital.id, stated_on=today(), means=ConsentMeans.SPOKEN
    )
    record_opposition(refusal, by=pair.nurse)
    identities.parted(merge, pair)


def test_rows_written_once_move_between_these_two_only_and_only_meanwhile(pair):
    row = Transition.objects.filter(person_id=pair.merged_id).first()
    for change in ({"person_id": pair.kept_id}, {"person_id": pair.kept_id, "deed": "autre"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Transition.objects.filter(pk=row.pk).update(**change)
    merge = identities.merged(pair)
    IdentityMerge.objects.filter(pk=merge.pk).update(is_moving=True)
    other = people.person(pair.nurse)
    for change in ({"person_id": other}, {"person_id": pair.merged_id, "deed": "autre"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Transition.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        IdentityMove.objects.filter(merge=merge).update(before="")


def test_what_was_written_to_the_merged_record_meanwhile_follows(pair):
    merge = identities.merged(pair)
    assert follow_merges() == 0
    late = Opposition.objects.create(person_id=pair.merged_id, stated_on=today(), means=ConsentMeans.SPOKEN)
    assert follow_merges() == 1
    assert Opposition.objects.get(pk=late.pk).person_id == pair.kept_id
    assert follow_merges() == 0
    merge.refresh_from_db()
    identities.parted(merge, pair)
    assert Opposition.objects.get(pk=late.pk).person_id == pair.merged_id
    with pytest.raises(NotFound):
        follow_merge(FollowMerge(merge_id=merge.pk), by=system_actor("tests"))


def test_in_an_emergency_who_was_found_before_the_merge_is_opened_after_it(pair):
    dispatcher = emergencies.dispatcher()
    opening = emergencies.opening(pair.merged_id, dispatcher)
    identities.merged(pair)
    open_break_glass(opening, by=dispatcher)
    assert BreakGlass.objects.get().person_id == pair.kept_id


def test_a_person_learns_who_opened_either_record(pair):
    elsewhere = people.actor(Role.NURSE)
    enter(OpenMembership(person_id=pair.merged_id, organisation_id=elsewhere.organisation_id, basis=Basis.SAME_TEAM))
    people.relative(pair.merged_id, elsewhere)
    merge = identities.merged(pair)
    place = people.Organisation.objects.get(pk=elsewhere.organisation_id).name
    assert place in {line.organisation for line in access_list(pair.kept_id).lines}
    identities.parted(merge, pair)
    assert place not in {line.organisation for line in access_list(pair.kept_id).lines}
    assert place in {line.organisation for line in access_list(pair.merged_id).lines}


def test_two_numbers_of_one_hospital_both_lead_to_her(pair):
    identities.merged(pair)
    assert OrganisationLink.objects.filter(organisation=pair.hospital, ends_at=None).count() == 2
    assert of(OrganisationLink, pair.kept_id).count() == 1
