"""Breaking the glass: who may, for how long, what it opens, what follows."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail

from accounts.access.circle import enter
from accounts.access.gate import is_permitted, open_trail, permit
from accounts.access.models import CircleMembership, Opposition
from accounts.access.permissions import Permission
from accounts.access.records import Facts, FieldSet, OpenMembership
from accounts.access.states import Basis, Category
from accounts.audit.journal import write_alone
from accounts.audit.models import AuditRow
from accounts.audit.verification import verify
from accounts.break_glass.commands import end_break_glass, open_break_glass, review_break_glass, tell_person
from accounts.break_glass.models import BreakGlass, EmergencyAccessNotice
from accounts.break_glass.queries import find, notice_for, notices_due, review_of, to_review
from accounts.break_glass.records import EndBreakGlass, ReviewBreakGlass, TellPerson
from accounts.break_glass.rules import (
    CommentMissing,
    ExplanationTooShort,
    FindingOver,
    IdentityNotConfirmed,
    OwnReview,
    ToldTooEarly,
    TooManyOpenings,
    TooManySearches,
)
from accounts.break_glass.states import NoticeMeans, NoticeState, State, Verdict
from accounts.break_glass.tasks import alert_late, end_those_over
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound, StepUpNeeded, TransitionRefused
from accounts.organisations.models import Membership, Professional
from accounts.outbox.drain import drain
from accounts.people.queries import find_people
from accounts.people.records import Contact
from tests.factories import directives, emergencies, people
from tests.support import canary

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse():
    return people.actor(Role.NURSE)


@pytest.fixture
def person_id(nurse):
    return people.person(nurse)


@pytest.fixture
def dispatcher():
    return emergencies.dispatcher()


def at(actor):
    return Membership.objects.get(professional_id=actor.professional_id).organisation


def may_read(actor, person_id, right=Permission.ADVANCE_DIRECTIVE_READ_CONTENT):
    return is_permitted(actor, right, Facts(type="x", person_id=person_id))


def found(text, actor):
    with open_trail() as trail:
        people_found = find(text, actor=actor)
        write_alone(trail.take())
    return people_found


# Finding


@pytest.mark.parametrize("typed", ["06 39 98 12 34", "+33 6 39 98 12 34", "06.39.98.12.34", "0033639981234"])
def test_a_phone_in_any_writing_finds_the_person(nurse, dispatcher, typed):
    people.person(nurse, contact=Contact(phones=("06 39 98 12 34",), city="Dijon"))
    (one,) = found(typed, dispatcher)
    assert (one.city, one.sex) == ("Dijon", "Femme")


def test_the_phone_of_a_relative_finds_the_person(nurse, person_id, dispatcher):
    people.relative(person_id, nurse, contact=Contact(phones=("06 39 98 55 66",)))
    assert len(found("0639985566", dispatcher)) == 1


def test_a_whole_name_and_the_birth_date_find_her(nurse, dispatcher):
    name = replace(people.registration().traits, birth_name="CANARI-VELOURS")
    people.person(nurse, traits=name)
    typed = "canari velours rose, née le 12.03.1955"
    assert len(found(typed, dispatcher)) == 1
    assert found("Canari 12/03/1955", dispatcher) == []
    assert found("Philomène Rose 12/03/1955", dispatcher) == []
    assert found("Canari-Velours 13/03/1955", dispatcher) == []


def test_the_national_number_finds_her(nurse, dispatcher):
    number = people.ins()
    people.person(nurse, ins=number)
    value = number.value
    assert len(found(f"{value[0]} {value[1:3]} {value[3:]}", dispatcher)) == 1


@pytest.mark.parametrize("category", [Category.ALL, Category.EMERGENCY])
def test_whoever_refuses_is_not_found(nurse, dispatcher, category):
    person_id = people.person(nurse, contact=Contact(phones=("06 39 98 12 34",)))
    emergencies.refuse(person_id, category)
    assert found("0639981234", dispatcher) == []


def test_each_person_shown_is_one_row_of_the_audit(nurse, dispatcher):
    person_id = people.person(nurse, contact=Contact(phones=("06 39 98 12 34",)))
    found("0639981234", dispatcher)
    shown = AuditRow.objects.get(action=Permission.BREAK_GLASS_FIND, person_id=person_id)
    assert shown.rule == "found-by-phone"


def test_searches_have_a_pace(dispatcher, clock):
    for _ in range(20):
        found("0639981234", dispatcher)
    referent = people.actor(Role.PRIVACY_OFFICER, at(dispatcher))
    Professional.objects.filter(pk=referent.professional_id).update(email="referent@samu.example.test")
    for _ in range(2):
        with pytest.raises(TooManySearches):
            found("0639981234", dispatcher)
    drain()
    assert [message.to for message in mail.outbox] == [["referent@samu.example.test"]], "once a day"
    clock.forward(seconds=61)
    assert found("0639981234", dispatcher) == []


def test_a_physician_searches_in_an_emergency_service_only():
    with pytest.raises(NotAllowed):
        found("0639981234", people.actor(Role.PHYSICIAN))
    assert found("0639981234", people.actor(Role.PHYSICIAN, emergencies.service())) == []


# Opening


def test_it_opens_the_emergency_set_for_four_hours_and_no_more(person_id, dispatcher, clock):
    assert not may_read(dispatcher, person_id)
    emergencies.opened(person_id, dispatcher)
    assert may_read(dispatcher, person_id)
    clock.forward(hours=3, minutes=59)
    assert may_read(dispatcher, person_id)
    clock.forward(minutes=2)
    assert not may_read(dispatcher, person_id)


def test_it_opens_to_the_opener_alone(person_id, dispatcher):
    emergencies.opened(person_id, dispatcher)
    colleague = people.actor(Role.EMERGENCY_DISPATCHER, BreakGlass.objects.get().organisation)
    assert not may_read(colleague, person_id)


@pytest.mark.parametrize(
    "right",
    [Permission.PPA_READ_DRAFT, Permission.REFERRAL_CREATE_DRAFT, Permission.STAY_READ, Permission.ANNOUNCEMENT_READ],
)
def test_nothing_outside_of_the_emergency_set_opens(person_id, right):
    doctor = people.actor(Role.PHYSICIAN, emergencies.service())
    emergencies.opened(person_id, doctor)
    assert may_read(doctor, person_id)
    assert not may_read(doctor, person_id, right)


def test_each_reading_names_the_break_glass_in_the_audit(nurse, person_id, dispatcher):
    access_id = emergencies.opened(person_id, dispatcher)
    with open_trail() as trail:
        decision = permit(dispatcher, Permission.TRUSTED_PERSON_READ, Facts(type="x", person_id=person_id))
        write_alone(trail.take())
    assert decision.fields == FieldSet.EMERGENCY
    assert AuditRow.objects.get(action=Permission.TRUSTED_PERSON_READ).break_glass_id == access_id
    assert not verify().faults


def test_both_factors_must_be_fresh(person_id, dispatcher):
    stale = replace(dispatcher, authenticated_at=dispatcher.authenticated_at - timedelta(minutes=6))
    with pytest.raises(StepUpNeeded):
        emergencies.opened(person_id, stale)
    assert not BreakGlass.objects.exists()


def test_an_explanation_and_a_confirmed_identity_are_needed(person_id, dispatcher):
    with pytest.raises(ExplanationTooShort):
        open_break_glass(emergencies.opening(person_id, dispatcher, explanation=f"urgent{' ' * 40}!"), by=dispatcher)
    with pytest.raises(IdentityNotConfirmed):
        open_break_glass(emergencies.opening(person_id, dispatcher, identity_confirmed=False), by=dispatcher)


def test_only_ones_own_recent_finding_opens(person_id, dispatcher, clock):
    others = emergencies.finding(person_id, emergencies.dispatcher())
    for token in (others, "", "x", others[:-4], str(person_id)):
        with pytest.raises(FindingOver):
            open_break_glass(emergencies.opening(person_id, dispatcher, finding=token), by=dispatcher)
    old = emergencies.finding(person_id, dispatcher)
    clock.forward(minutes=16)
    fresh = replace(dispatcher, authenticated_at=clock.now)
    with pytest.raises(FindingOver):
        open_break_glass(emergencies.opening(person_id, fresh, finding=old), by=fresh)


@pytest.mark.parametrize("role", [Role.NURSE, Role.COORDINATOR, Role.PRIVACY_OFFICER, Role.TECHNICAL_ADMIN])
def test_other_roles_never_open(person_id, role):
    with pytest.raises((NotAllowed, NotFound)):
        emergencies.opened(person_id, people.actor(role, emergencies.service()))


def test_a_physician_opens_in_an_emergency_service_only(person_id):
    with pytest.raises(NotFound):
        emergencies.opened(person_id, people.actor(Role.PHYSICIAN))


@pytest.mark.parametrize("category", [Category.ALL, Category.EMERGENCY])
def test_a_refusal_wins_before_and_after(person_id, dispatcher, category):
    emergencies.opened(person_id, dispatcher)
    emergencies.refuse(person_id, category)
    assert not may_read(dispatcher, person_id)
    another = emergencies.dispatcher()
    with pytest.raises(NotFound):
        emergencies.opened(person_id, another)


def test_opening_again_gives_the_one_that_runs(person_id, dispatcher):
    assert emergencies.opened(person_id, dispatcher) == emergencies.opened(person_id, dispatcher)
    assert CircleMembership.objects.filter(basis=Basis.BREAK_GLASS).count() == 1


def test_ten_an_hour_and_sixty_a_day(nurse, dispatcher, clock):
    everyone = [people.person(nurse) for _ in range(11)]
    for person_id in everyone[:10]:
        emergencies.opened(person_id, dispatcher)
    with pytest.raises(TooManyOpenings):
        emergencies.opened(everyone[10], dispatcher)
    emergencies.opened(everyone[10], emergencies.dispatcher())
    clock.forward(minutes=61)
    later = replace(dispatcher, authenticated_at=clock.now)
    emergencies.opened(everyone[10], later)
    BreakGlass.objects.filter(account_id=dispatcher.id).update(opened_at=clock.now - timedelta(hours=2))
    row = BreakGlass.objects.filter(account_id=dispatcher.id).first()
    for number in range(60 - 11):
        row.pk, row.reference, row._state.adding = people.person(nurse), f"BG-{number:04}", True
        row.save(force_insert=True)
    with pytest.raises(TooManyOpenings):
        emergencies.opened(people.person(nurse), later)


def test_among_those_opened_only_a_whole_identity_finds(nurse, dispatcher):
    phone = Contact(phones=("06 39 98 12 34",))
    person_id = people.person(nurse, traits=replace(people.registration().traits, birth_name="VELOURS"), contact=phone)
    with open_trail():
        assert find_people("Velours", actor=dispatcher) == []
        emergencies.opened(person_id, dispatcher)
        for text, number in (("Velours", 1), ("06 39 98 12 34", 1), ("Vel", 0), ("1234", 0), ("12/03/1955", 0)):
            assert len(find_people(text, actor=dispatcher)) == number, text


# Ending


def test_its_opener_ends_it_at_once(person_id, dispatcher):
    access_id = emergencies.opened(person_id, dispatcher)
    end_break_glass(EndBreakGlass(id=access_id, version=1), by=dispatcher)
    assert not may_read(dispatcher, person_id)
    with pytest.raises((NotFound, NotAllowed)):
        end_break_glass(EndBreakGlass(id=access_id, version=2), by=emergencies.dispatcher())


def test_the_clock_ends_it(person_id, dispatcher, clock):
    access_id = emergencies.opened(person_id, dispatcher)
    assert end_those_over() == 0
    clock.forward(hours=4, seconds=1)
    assert end_those_over() == 1
    row = BreakGlass.objects.get(pk=access_id)
    assert (row.state, row.ended_at) == (State.ENDED, row.ends_at)


# Alert


def referent(at, email="referent@samu.example"):
    actor = people.actor(Role.PRIVACY_OFFICER, at)
    Professional.objects.filter(pk=actor.professional_id).update(email=email)
    return actor


def test_the_referents_are_alerted_without_any_identity(nurse, dispatcher):
    traits = people.registration().traits
    person_id = people.person(nurse, traits=traits)
    for name in (traits.birth_name, "Philomène"):
        canary.mark(name)
    dac = people.coordination()
    enter(OpenMembership(person_id=person_id, organisation_id=dac.id, basis=Basis.COORDINATION))
    referent(at(dispatcher))
    referent(dac, "referent@dac.example")
    access_id = emergencies.opened(person_id, dispatcher)
    drain()
    row = BreakGlass.objects.get(pk=access_id)
    (message,) = mail.outbox
    assert sorted(message.to) == ["referent@dac.example", "referent@samu.example"]
    assert row.reference in message.subject
    assert row.alerted_at - row.opened_at < timedelta(minutes=1)
    assert str(person_id) not in str(message.message())
    drain()
    assert len(mail.outbox) == 1


def test_an_alert_that_nobody_could_get_is_not_noted_as_sent(person_id, dispatcher):
    access_id = emergencies.opened(person_id, dispatcher)
    drain()
    assert BreakGlass.objects.get(pk=access_id).alerted_at is None
    assert alert_late() == 0
    referent(at(dispatcher))
    assert alert_late() == 1
    assert alert_late() == 0
    assert BreakGlass.objects.get(pk=access_id).alerted_at
    assert len(mail.outbox) == 1


# Review


def ended(person_id, dispatcher):
    access_id = emergencies.opened(person_id, dispatcher)
    end_break_glass(EndBreakGlass(id=access_id, version=1), by=dispatcher)
    return access_id


def verdict(access_id, version=2, **fields):
    values = {"verdict": Verdict.JUSTIFIED, "comment": "L’appel figure au journal", **fields}
    return ReviewBreakGlass(id=access_id, version=version, **values)


def test_another_person_of_the_service_reviews(person_id, dispatcher):
    access_id = ended(person_id, dispatcher)
    officer = people.actor(Role.PRIVACY_OFFICER, at(dispatcher))
    with pytest.raises(CommentMissing):
        review_break_glass(verdict(access_id, comment="  "), by=officer)
    review_break_glass(verdict(access_id), by=officer)
    row = BreakGlass.objects.get()
    assert (row.state, row.verdict, row.reviewer_id) == (State.REVIEWED, Verdict.JUSTIFIED, officer.id)


def test_the_referent_of_the_dac_that_follows_her_reviews_too(person_id, dispatcher):
    dac = people.coordination()
    enter(OpenMembership(person_id=person_id, organisation_id=dac.id, basis=Basis.COORDINATION))
    access_id = ended(person_id, dispatcher)
    review_break_glass(verdict(access_id), by=people.actor(Role.PRIVACY_OFFICER, dac))


def test_a_referent_of_elsewhere_does_not_know_of_it(person_id, dispatcher):
    access_id = ended(person_id, dispatcher)
    with pytest.raises(NotFound):
        review_break_glass(verdict(access_id), by=people.actor(Role.PRIVACY_OFFICER))


def test_nobody_reviews_what_he_opened_himself(person_id, dispatcher):
    access_id = ended(person_id, dispatcher)
    same_account = replace(people.actor(Role.PRIVACY_OFFICER, at(dispatcher)), id=dispatcher.id)
    same_person = replace(same_account, id=people.actor(Role.NURSE).id, professional_id=dispatcher.professional_id)
    for himself in (same_account, same_person):
        with pytest.raises(OwnReview):
            review_break_glass(verdict(access_id), by=himself)
        with open_trail():
            assert to_review(actor=himself) == []


def test_it_is_reviewed_once_ended_and_once(person_id, dispatcher):
    officer = people.actor(Role.PRIVACY_OFFICER, at(dispatcher))
    access_id = emergencies.opened(person_id, dispatcher)
    with pytest.raises(TransitionRefused):
        review_break_glass(verdict(access_id, version=1), by=officer)
    end_break_glass(EndBreakGlass(id=access_id, version=1), by=dispatcher)
    review_break_glass(verdict(access_id), by=officer)
    with pytest.raises(TransitionRefused):
        review_break_glass(verdict(access_id, version=3), by=officer)


def test_after_seven_days_it_is_late_until_it_is_reviewed(person_id, dispatcher, clock):
    officer = people.actor(Role.PRIVACY_OFFICER, at(dispatcher))
    access_id = ended(person_id, dispatcher)
    with open_trail():
        assert [row.is_late for row in to_review(actor=officer)] == [False]
        clock.forward(days=8)
        assert [row.is_late for row in to_review(actor=officer)] == [True]
        review_break_glass(verdict(access_id), by=officer)
        assert to_review(actor=officer) == []


def test_the_reviewer_sees_what_was_consulted_and_no_identity(nurse, dispatcher):
    traits = people.registration().traits
    person_id = people.person(nurse, traits=traits)
    access_id = emergencies.opened(person_id, dispatcher)
    with open_trail() as trail:
        permit(dispatcher, Permission.TRUSTED_PERSON_READ, Facts(type="x", person_id=person_id))
        write_alone(trail.take())
    with open_trail():
        review = review_of(access_id, actor=people.actor(Role.PRIVACY_OFFICER, at(dispatcher)))
    assert [one.label for one in review.consulted] == ["Personne de confiance"]
    assert review.explanation == emergencies.EXPLANATION
    assert traits.birth_name not in repr(review)


# The person


def test_the_dac_that_follows_her_tells_her_within_a_day(person_id, dispatcher, clock):
    dac = people.coordination()
    enter(OpenMembership(person_id=person_id, organisation_id=dac.id, basis=Basis.COORDINATION))
    coordinator = people.actor(Role.COORDINATOR, dac)
    emergencies.opened(person_id, dispatcher)
    with open_trail():
        (notice,) = notices_due(actor=coordinator)
        assert not notice.is_late
        clock.forward(hours=25)
        assert notices_due(actor=coordinator)[0].is_late
    record = TellPerson(id=notice.id, version=1, told_on=today(), means=NoticeMeans.PHONE)
    with pytest.raises(ToldTooEarly):
        tell_person(replace(record, told_on=today() + timedelta(days=1)), by=coordinator)
    tell_person(record, by=coordinator)
    row = EmergencyAccessNotice.objects.get()
    assert (row.state, row.told_on, row.means) == (NoticeState.TOLD, today(), NoticeMeans.PHONE)
    with open_trail():
        assert notices_due(actor=coordinator) == []


def test_without_a_dac_her_own_team_tells_her(nurse, person_id, dispatcher):
    emergencies.opened(person_id, dispatcher)
    with open_trail():
        (notice,) = notices_due(actor=nurse)
        assert notice_for(notice.id, actor=nurse).phones
        assert notices_due(actor=directives.colleague(Role.NURSE, person_id)) == []
    with pytest.raises((NotFound, NotAllowed)):
        tell_person(
            TellPerson(id=notice.id, version=1, told_on=today(), means=NoticeMeans.LETTER), by=people.actor(Role.NURSE)
        )


def told_by(actor):
    """The notices that one organisation finds on its desk."""
    with open_trail():
        return notices_due(actor=actor)


def known_at(person_id, actor, basis=Basis.KNOWN, **fields):
    """As an organisation that knows the person, and no other is left in her circle."""
    CircleMembership.objects.filter(person_id=person_id).update(ends_at=now())
    enter(OpenMembership(person_id=person_id, organisation_id=actor.organisation_id, basis=basis, **fields))


@pytest.mark.parametrize("basis", [Basis.TREATING, Basis.SAME_TEAM])
def test_a_team_that_cares_for_her_until_a_day_tells_her(person_id, dispatcher, basis):
    other = people.actor(Role.PHYSICIAN)
    known_at(person_id, other, basis, ends_at=now() + timedelta(days=3))
    emergencies.opened(person_id, dispatcher)
    assert len(told_by(other)) == 1


def test_who_only_knows_her_tells_her_when_nobody_cares_for_her(person_id, dispatcher):
    other = people.actor(Role.NURSE)
    known_at(person_id, other)
    emergencies.opened(person_id, dispatcher)
    assert len(told_by(other)) == 1


def test_the_dac_of_her_commune_tells_her_when_nobody_knows_her_any_more(nurse, person_id, dispatcher):
    coordinator = people.actor(Role.COORDINATOR, people.coordination())
    CircleMembership.objects.filter(person_id=person_id).update(ends_at=now())
    emergencies.opened(person_id, dispatcher)
    assert (len(told_by(coordinator)), told_by(nurse)) == (1, [])
    with open_trail():
        assert notice_for(told_by(coordinator)[0].id, actor=coordinator).phones


def test_who_knew_her_last_tells_her_where_no_dac_covers_her(nurse, person_id, dispatcher):
    CircleMembership.objects.filter(person_id=person_id).update(ends_at=now())
    emergencies.opened(person_id, dispatcher)
    assert len(told_by(nurse)) == 1


def test_a_dac_where_nobody_works_and_a_team_that_she_refuses_are_passed_over(nurse, person_id, dispatcher):
    empty = people.coordination()
    enter(OpenMembership(person_id=person_id, organisation_id=empty.id, basis=Basis.COORDINATION))
    refused = people.actor(Role.PHYSICIAN)
    enter(OpenMembership(person_id=person_id, organisation_id=refused.organisation_id, basis=Basis.COORDINATION))
    Opposition.objects.create(
        person_id=person_id, organisation_id=refused.organisation_id, stated_on=today(), means="spoken"
    )
    emergencies.opened(person_id, dispatcher)
    assert len(told_by(nurse)) == 1
