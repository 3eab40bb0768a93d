"""Who enters the circle, on which ground, who reviews it, and how it ends."""

from datetime import timedelta

import pytest
from django.core import mail

from accounts.access.circle import enter
from accounts.access.commands import (
    agree_and_add,
    declare_treating,
    end_membership,
    lift_opposition,
    record_opposition,
    review_claim,
    withdraw_sharing_consent,
)
from accounts.access.gate import is_permitted, open_trail, standing_of
from accounts.access.models import CircleMembership, Opposition, SharingConsent, TreatingClaim
from accounts.access.permissions import Permission
from accounts.access.queries import claims_of, claims_to_review
from accounts.access.records import (
    DeclareTreating,
    EndMembership,
    Facts,
    LiftOpposition,
    OpenMembership,
    RecordOpposition,
    RecordSharingConsent,
    ReviewClaim,
    WithdrawSharingConsent,
)
from accounts.access.rules import (
    AlreadyInCircle,
    EndsByItself,
    NothingAgreed,
    OwnClaim,
    ReasonTooShort,
    ReviewerTooNear,
)
from accounts.access.states import Basis, Category, ConsentMeans
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import NotFound
from accounts.organisations.models import Organisation, Professional
from accounts.outbox.drain import drain
from tests.factories import people

pytestmark = pytest.mark.django_db
REASON = "Je suis le médecin traitant de cette personne depuis dix ans."


@pytest.fixture
def nurse():
    return people.actor(Role.NURSE)


@pytest.fixture
def person_id(nurse):
    return people.person(nurse)


def agreement(person_id, *organisations, **fields):
    ids = frozenset(one.id for one in organisations)
    return RecordSharingConsent(
        person_id=person_id, organisation_ids=ids, given_on=today(), means=ConsentMeans.SPOKEN, **fields
    )


def may(actor, permission, person_id):
    return is_permitted(actor, permission, Facts(type="x", person_id=person_id))


def knows(actor, person_id):
    """As somebody who registered the same person: he knows her, and no more."""
    enter(OpenMembership(person_id=person_id, organisation_id=actor.organisation_id, basis=Basis.KNOWN))
    return actor


def test_an_organisation_enters_on_an_agreement_for_the_data_agreed_to(nurse, person_id):
    outside = people.organisation()
    physician = people.actor(Role.PHYSICIAN, outside)
    agree_and_add(agreement(person_id, outside, categories=frozenset({Category.PLAN})), by=nurse)
    assert may(physician, Permission.PPA_READ_VALIDATED, person_id)
    assert may(physician, Permission.PATIENT_IDENTITY_READ, person_id)
    assert not may(physician, Permission.ADVANCE_DIRECTIVE_READ_CONTENT, person_id)
    assert not may(physician, Permission.COORDINATION_FILE_READ, person_id)
    rows = CircleMembership.objects.filter(organisation=outside)
    assert {row.category for row in rows} == {"plan", "identity"}
    assert {row.opened_by_id for row in rows} == {nurse.professional_id}
    consent = SharingConsent.objects.get()
    withdraw_sharing_consent(
        WithdrawSharingConsent(consent_id=consent.id, withdrawn_on=today(), means=ConsentMeans.SPOKEN), by=nurse
    )
    assert standing_of(physician, person_id).towards(Category.PLAN, closed_by=frozenset()).bases == frozenset()


def test_an_agreement_names_somebody_and_something(nurse, person_id):
    with pytest.raises(NothingAgreed):
        agree_and_add(agreement(person_id), by=nurse)
    with pytest.raises(NothingAgreed):
        agree_and_add(agreement(person_id, people.organisation(), categories=frozenset()), by=nurse)
    only_refused = frozenset({Category.EMERGENCY})
    with pytest.raises(NothingAgreed):
        agree_and_add(agreement(person_id, people.organisation(), categories=only_refused), by=nurse)


def test_one_who_stands_on_an_agreement_may_take_it_back(nurse, person_id):
    outside = people.organisation()
    agree_and_add(agreement(person_id, outside), by=nurse)
    physician = people.actor(Role.PHYSICIAN, outside)
    withdraw_sharing_consent(
        WithdrawSharingConsent(
            consent_id=SharingConsent.objects.get().id, withdrawn_on=today(), means=ConsentMeans.SPOKEN
        ),
        by=physician,
    )
    assert standing_of(physician, person_id).bases == frozenset()


def test_a_declared_relation_opens_the_file_to_one_professional_until_it_is_reviewed(nurse, person_id, clock):
    elsewhere = people.organisation()
    physician = knows(people.actor(Role.PHYSICIAN, elsewhere), person_id)
    colleague = people.actor(Role.PHYSICIAN, elsewhere)
    declare_treating(DeclareTreating(person_id=person_id, reason=REASON), by=physician)
    assert may(physician, Permission.PPA_READ_VALIDATED, person_id)
    assert not may(colleague, Permission.PPA_READ_VALIDATED, person_id)
    with pytest.raises(AlreadyInCircle):
        declare_treating(DeclareTreating(person_id=person_id, reason=REASON), by=physician)
    clock.forward(days=31)
    assert not may(physician, Permission.PPA_READ_VALIDATED, person_id)


@pytest.mark.parametrize("confirmed", [True, False])
def test_somebody_else_reviews_it(nurse, person_id, clock, confirmed):
    physician = knows(people.actor(Role.PHYSICIAN), person_id)
    declare_treating(DeclareTreating(person_id=person_id, reason=REASON), by=physician)
    claim = TreatingClaim.objects.get()
    answer = ReviewClaim(claim_id=claim.id, version=claim.version, confirmed=confirmed)
    with pytest.raises(OwnClaim):
        review_claim(answer, by=physician)
    other = people.actor(Role.PHYSICIAN)
    with pytest.raises(NotFound):
        review_claim(answer, by=other)
    review_claim(answer, by=people.actor(Role.PHYSICIAN, organisation_of(nurse)))
    clock.forward(days=40)
    assert may(physician, Permission.PPA_READ_VALIDATED, person_id) is confirmed


def declared(person_id, at=None):
    """A physician of an organisation that knows the person declares that he takes care of her."""
    physician = knows(people.actor(Role.PHYSICIAN, at), person_id)
    declare_treating(DeclareTreating(person_id=person_id, reason=REASON), by=physician)
    return physician, TreatingClaim.objects.get(professional_id=physician.professional_id)


def answer_to(claim, by):
    return review_claim(ReviewClaim(claim_id=claim.id, version=claim.version, confirmed=True), by=by)


@pytest.mark.parametrize("at_the_same_place", [True, False])
def test_two_who_declared_themselves_do_not_confirm_each_other(person_id, clock, at_the_same_place):
    place = people.organisation()
    first, of_first = declared(person_id, place)
    second, of_second = declared(person_id, place if at_the_same_place else None)
    for claim, by in ((of_first, second), (of_second, first)):
        with open_trail():
            assert claims_to_review(actor=by) == []
        with pytest.raises(ReviewerTooNear):
            answer_to(claim, by)
    clock.forward(days=31)
    assert not may(first, Permission.PPA_READ_VALIDATED, person_id)


def test_who_was_confirmed_reviews_elsewhere_and_not_at_his_own_place(nurse, person_id):
    place = people.organisation()
    first, of_first = declared(person_id, place)
    answer_to(of_first, people.actor(Role.PHYSICIAN, organisation_of(nurse)))
    _, of_colleague = declared(person_id, place)
    _, of_another = declared(person_id)
    with pytest.raises(ReviewerTooNear):
        answer_to(of_colleague, first)
    with open_trail():
        assert [one.id for one in claims_to_review(actor=first)] == [of_another.id]
        shown = {one.id: one.may_review for one in claims_of(person_id, actor=first)}
    assert shown == {of_colleague.id: False, of_another.id: True}
    answer_to(of_another, first)


def test_the_referents_are_told_of_a_declaration_and_of_nobody_s_name(person_id):
    place, dac = people.organisation(part_of=people.organisation()), people.coordination()
    enter(OpenMembership(person_id=person_id, organisation_id=dac.id, basis=Basis.COORDINATION))
    for organisation, address in ((place.part_of, "ici"), (dac, "dac"), (people.organisation(), "ailleurs")):
        officer = people.actor(Role.PRIVACY_OFFICER, organisation)
        Professional.objects.filter(pk=officer.professional_id).update(email=f"{address}@referent.example.test")
    physician, _ = declared(person_id, place)
    drain()
    (message,) = mail.outbox
    assert message.to == ["dac@referent.example.test", "ici@referent.example.test"]
    told = message.subject + message.body
    assert "/journal/structure/" in told
    assert not any(
        word in told for word in (*people.CANARY_NAMES, physician.display_name, place.name, str(person_id), REASON)
    )


def organisation_of(actor):
    return Organisation.objects.get(pk=actor.organisation_id)


def test_a_stranger_declares_nothing_and_learns_nothing(person_id):
    with pytest.raises(NotFound):
        declare_treating(DeclareTreating(person_id=person_id, reason=REASON), by=people.actor(Role.PHYSICIAN))


def test_a_declaration_says_why(nurse, person_id):
    physician = knows(people.actor(Role.PHYSICIAN), person_id)
    with pytest.raises(ReasonTooShort):
        declare_treating(DeclareTreating(person_id=person_id, reason="oui"), by=physician)


def test_what_follows_a_file_does_not_end_by_hand(nurse, person_id):
    dac = people.coordination()
    followed = enter(OpenMembership(person_id=person_id, organisation_id=dac.id, basis=Basis.COORDINATION))
    with pytest.raises(EndsByItself):
        end_membership(EndMembership(membership_id=followed.id), by=nurse)
    agree_and_add(agreement(person_id, dac), by=nurse)
    agreed = CircleMembership.objects.get(basis=Basis.CONSENT)
    end_membership(EndMembership(membership_id=agreed.id), by=nurse)
    agreed.refresh_from_db()
    assert agreed.ends_at is not None


def refuse(person_id, by, organisation=None, *categories):
    return record_opposition(
        RecordOpposition(
            person_id=person_id,
            organisation_id=organisation.id if organisation else None,
            stated_on=today(),
            means=ConsentMeans.SPOKEN,
            categories=frozenset(categories or {Category.ALL}),
        ),
        by=by,
    )


def test_a_refusal_to_everybody_spares_where_it_was_said(nurse, person_id):
    dac = people.coordination()
    enter(OpenMembership(person_id=person_id, organisation_id=dac.id, basis=Basis.COORDINATION))
    coordinator = people.actor(Role.COORDINATOR, dac)
    assert may(coordinator, Permission.PPA_READ_VALIDATED, person_id)
    refuse(person_id, nurse)
    assert not may(coordinator, Permission.PATIENT_IDENTITY_READ, person_id)
    assert may(nurse, Permission.PPA_READ_VALIDATED, person_id)


def test_a_refusal_of_one_category_is_lifted_on_the_next_request(nurse, person_id):
    refuse(person_id, nurse, organisation_of(nurse), Category.DIRECTIVES)
    assert not may(nurse, Permission.ADVANCE_DIRECTIVE_READ_CONTENT, person_id)
    assert may(nurse, Permission.PPA_READ_VALIDATED, person_id)
    lifted = LiftOpposition(opposition_id=Opposition.objects.get().id, lifted_on=today(), means=ConsentMeans.SPOKEN)
    lift_opposition(lifted, by=nurse)
    assert may(nurse, Permission.ADVANCE_DIRECTIVE_READ_CONTENT, person_id)
    with pytest.raises(NotFound):
        lift_opposition(lifted, by=nurse)


def test_the_thirty_days_that_an_agreement_opened_end_with_it(nurse, person_id):
    outside = people.organisation()
    agree_and_add(agreement(person_id, outside), by=nurse)
    CircleMembership.objects.filter(basis=Basis.CONSENT).update(
        basis=Basis.ACCEPTED_REFERRAL, ends_at=people.now() + timedelta(days=30)
    )
    physician = people.actor(Role.PHYSICIAN, outside)
    assert standing_of(physician, person_id).bases
    record = WithdrawSharingConsent(
        consent_id=SharingConsent.objects.get().id, withdrawn_on=today(), means=ConsentMeans.SPOKEN
    )
    withdraw_sharing_consent(record, by=nurse)
    assert not standing_of(physician, person_id).bases
