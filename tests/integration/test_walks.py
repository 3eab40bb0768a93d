"""Rows of the matrix that the crawl cannot walk, for want of a story: each function of a right does what it is for."""

import pytest

from accounts.access.circle import enter
from accounts.access.commands import declare_treating, review_claim
from accounts.access.gate import open_trail
from accounts.access.models import TreatingClaim
from accounts.access.records import DeclareTreating, OpenMembership, ReviewClaim
from accounts.access.states import Basis
from accounts.break_glass.commands import end_break_glass, tell_person
from accounts.break_glass.models import BreakGlass, EmergencyAccessNotice
from accounts.break_glass.queries import notices_due
from accounts.break_glass.records import EndBreakGlass, TellPerson
from accounts.break_glass.states import NoticeMeans, NoticeState
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.organisations.models import Organisation
from pathway.opinions.commands import give_opinion
from pathway.opinions.models import Opinion
from pathway.opinions.records import GiveOpinion
from pathway.opinions.states import OpinionState
from ppa.trusted_persons.queries import designation_snapshot
from tests.factories import directives, emergencies, opinions, people, plans, trusted_persons
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db
CARERS = [Role.NURSE, Role.PHYSICIAN]


@pytest.mark.parametrize("role", [Role.EMERGENCY_DISPATCHER, Role.PHYSICIAN])
def test_who_stands_in_an_emergency_service_finds_opens_reads_and_ends(role):
    person_id = people.person(people.actor(Role.NURSE))
    here = people.actor(role, emergencies.service())
    client = signed_in(here)
    assert client.post("/urgence/", {"q": "+33639980001"}).status_code == 200
    access_id = emergencies.opened(person_id, here)
    assert client.get(f"/urgence/acces/{access_id}/").status_code == 200
    end_break_glass(EndBreakGlass(id=access_id, version=1), by=here)
    assert BreakGlass.objects.get(pk=access_id).ended_at <= now()


@pytest.mark.parametrize("role", CARERS)
def test_her_own_team_tells_her_that_her_file_was_opened(role):
    nurse = people.actor(Role.NURSE)
    person_id = people.person(nurse)
    emergencies.opened(person_id, emergencies.dispatcher())
    actor = people.actor(role, Organisation.objects.get(pk=nurse.organisation_id))
    with open_trail():
        (notice,) = notices_due(actor=actor)
    tell_person(TellPerson(id=notice.id, version=1, told_on=today(), means=NoticeMeans.LETTER), by=actor)
    assert EmergencyAccessNotice.objects.get().state == NoticeState.TOLD


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.PHYSICIAN])
def test_a_declared_relation_is_confirmed_by_somebody_of_the_circle(role):
    person_id = people.person(people.actor(Role.NURSE))
    claimant = people.actor(Role.PHYSICIAN)
    enter(OpenMembership(person_id=person_id, organisation_id=claimant.organisation_id, basis=Basis.KNOWN))
    declare_treating(DeclareTreating(person_id=person_id, reason="Je la soigne depuis dix ans."), by=claimant)
    claim = TreatingClaim.objects.get()
    by = directives.colleague(role, person_id)
    review_claim(ReviewClaim(claim_id=claim.id, version=claim.version, confirmed=True), by=by)
    claim.refresh_from_db()
    assert claim.reviewed_by_id == by.professional_id


@pytest.mark.parametrize("role", CARERS)
def test_who_was_asked_gives_an_opinion(role):
    told = opinions.asked(role=role)
    give_opinion(GiveOpinion(opinion_id=told.opinion_id, version=1, text="Doubler la dose du soir."), by=told.expert)
    assert Opinion.objects.get().state == OpinionState.ANSWERED


@pytest.mark.parametrize("role", [Role.COORDINATOR, *CARERS])
def test_a_signed_designation_is_downloaded_by_the_circle(role):
    of = plans.team()
    relative_id = people.relative(of.person_id, of.nurse)
    paper = directives.scan()
    designation_id = trusted_persons.designation(of.person_id, relative_id, of.nurse, file=paper)
    reader = directives.colleague(role, of.person_id)
    address = f"/documents/{designation_snapshot(designation_id).document_id}/"
    assert b"".join(signed_in(reader).get(address)) == paper.content
    assert signed_in(people.actor(role)).get(address).status_code == 404
