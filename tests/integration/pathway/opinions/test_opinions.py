"""An opinion asked of a named professional: the file opens to him alone, and closes whatever ends the question."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.access.commands import end_membership, withdraw_sharing_consent
from accounts.access.gate import open_trail
from accounts.access.models import CircleMembership
from accounts.access.records import EndMembership, WithdrawSharingConsent
from accounts.access.states import ConsentMeans
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound
from accounts.organisations.models import Organisation
from accounts.outbox.drain import drain
from accounts.people.queries import person_for
from pathway.opinions.commands import ask_opinion, give_opinion, withdraw_opinion
from pathway.opinions.models import CaseGrant, Opinion
from pathway.opinions.queries import opinion_for, opinions_awaited_from
from pathway.opinions.records import EndOpinion, GiveOpinion
from pathway.opinions.rules import AlreadyAsked, ExpertUnknown
from pathway.opinions.states import OpinionState
from pathway.opinions.tasks import lapse_opinions
from pathway.stays.commands import record_death
from pathway.stays.records import RecordDeath
from tests.factories import opinions, people
from tests.factories.opinions import asked, expert, question
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


def is_open_to(actor, person_id):
    with open_trail():
        try:
            person_for(person_id, actor=actor)
        except NotFound:
            return False
    return True


def state_of(opinion_id):
    return Opinion.objects.get(pk=opinion_id).state


def test_the_file_opens_to_who_was_asked_and_to_none_of_his_colleagues():
    told = asked()
    structure = Organisation.objects.get(pk=told.expert.organisation_id)
    assert is_open_to(told.expert, told.round_her.person_id)
    assert not is_open_to(expert(structure), told.round_her.person_id)
    with open_trail():
        assert [one.id for one, _ in opinions_awaited_from(told.expert)] == [told.opinion_id]


def test_the_answer_is_kept_and_closes_the_file():
    told = asked()
    give_opinion(GiveOpinion(opinion_id=told.opinion_id, version=1, text="Doubler la dose du soir."), by=told.expert)
    assert not is_open_to(told.expert, told.round_her.person_id)
    assert not CaseGrant.objects.exists()
    with open_trail():
        shown = opinion_for(told.opinion_id, actor=told.round_her.nurse)
        assert opinions_awaited_from(told.expert) == []
    assert (shown.state, shown.answer) == (OpinionState.ANSWERED, "Doubler la dose du soir.")


def test_without_its_grant_the_dated_membership_does_not_let_him_answer():
    told = asked()
    CaseGrant.objects.all().delete()
    with pytest.raises(NotAllowed):
        give_opinion(GiveOpinion(opinion_id=told.opinion_id, version=1, text="Oui."), by=told.expert)


def test_without_a_present_membership_the_grant_lets_him_neither_read_nor_answer(clock):
    told = asked(days=3)
    clock.forward(days=4)
    assert CaseGrant.objects.exists()
    assert not is_open_to(told.expert, told.round_her.person_id)
    with pytest.raises(NotFound):
        give_opinion(GiveOpinion(opinion_id=told.opinion_id, version=1, text="Oui."), by=told.expert)
    assert lapse_opinions() == 1
    assert state_of(told.opinion_id) == OpinionState.LAPSED
    assert not CaseGrant.objects.exists()


def test_nobody_else_answers_in_his_place():
    told = asked()
    with pytest.raises(NotAllowed):
        give_opinion(GiveOpinion(opinion_id=told.opinion_id, version=1, text="Oui."), by=told.round_her.physician)
    with pytest.raises(NotFound):
        give_opinion(GiveOpinion(opinion_id=told.opinion_id, version=1, text="Oui."), by=people.actor(Role.PHYSICIAN))


def test_an_agreement_taken_back_ends_the_question_in_the_same_act():
    told = asked()
    record = WithdrawSharingConsent(consent_id=told.consent_id, withdrawn_on=today(), means=ConsentMeans.SPOKEN)
    withdraw_sharing_consent(record, by=told.round_her.physician)
    assert not is_open_to(told.expert, told.round_her.person_id)
    assert state_of(told.opinion_id) == OpinionState.LAPSED
    assert not CaseGrant.objects.exists()


def test_the_asker_takes_it_back_and_a_death_ends_it():
    told, other = asked(), asked()
    withdraw_opinion(EndOpinion(opinion_id=told.opinion_id, version=1), by=told.round_her.physician)
    assert state_of(told.opinion_id) == OpinionState.WITHDRAWN
    assert not is_open_to(told.expert, told.round_her.person_id)
    record_death(RecordDeath(person_id=other.round_her.person_id, died_on=today()), by=other.round_her.physician)
    assert state_of(other.opinion_id) == OpinionState.LAPSED


def test_who_is_taken_out_of_the_circle_is_no_longer_asked():
    told, other = asked(), asked()
    mine = CircleMembership.objects.get(source_id=told.opinion_id)
    end_membership(EndMembership(membership_id=mine.id), by=told.round_her.physician)
    drain()
    assert state_of(told.opinion_id) == OpinionState.LAPSED
    assert state_of(other.opinion_id) == OpinionState.ASKED
    assert not CaseGrant.objects.filter(content_object=told.case_id).exists()


def test_only_somebody_whom_her_agreement_covers_is_asked_once():
    told = asked()
    with pytest.raises(AlreadyAsked):
        ask_opinion(question(told.case_id, told.expert), by=told.round_her.physician)
    outside = expert(people.organisation())
    with pytest.raises(NotAllowed):
        ask_opinion(question(told.case_id, outside), by=told.round_her.physician)
    structure = Organisation.objects.get(pk=told.expert.organisation_id)
    without_account = people.actor(Role.PHYSICIAN, structure)
    with pytest.raises(ExpertUnknown):
        ask_opinion(question(told.case_id, without_account), by=told.round_her.physician)


def test_the_pages_lead_from_the_question_to_the_answer():
    told = asked()
    person_id = told.round_her.person_id
    theirs, ours = signed_in(told.expert), signed_in(told.round_her.physician)
    assert f"/avis/{told.opinion_id}/" in theirs.get("/avis/").content.decode()
    assert opinions.QUESTION in theirs.get(f"/avis/{told.opinion_id}/").content.decode()
    answer = theirs.post(f"/avis/{told.opinion_id}/", {"version": 1, "text": "Passer à l’oxycodone."})
    assert answer.status_code == 302
    assert theirs.get(f"/avis/{told.opinion_id}/").status_code == 404
    assert theirs.get(f"/personnes/{person_id}/").status_code == 404
    assert "Passer à l’oxycodone." in ours.get(f"/avis/{told.opinion_id}/").content.decode()
    assert "Avis rendu" in ours.get(f"/personnes/{person_id}/").content.decode()


def test_a_question_is_asked_from_the_person_s_page_and_a_stranger_finds_nothing():
    told = asked()
    person_id = told.round_her.person_id
    client = signed_in(told.round_her.physician)
    assert f"/avis/demander/{person_id}/" in client.get(f"/personnes/{person_id}/").content.decode()
    colleague = expert(Organisation.objects.get(pk=told.expert.organisation_id), Role.NURSE)
    sent = {"expert": str(colleague.professional_id), "question": opinions.QUESTION, "days": "7"}
    answer = client.post(f"/avis/demander/{person_id}/", sent)
    assert answer.status_code == 302
    made = Opinion.objects.get(expert_id=colleague.professional_id)
    assert made.until - now() < timedelta(days=7, minutes=1)
    stranger = signed_in(people.actor(Role.PHYSICIAN))
    for address in (f"/avis/{told.opinion_id}/", f"/avis/demander/{person_id}/", f"/avis/demander/{uuid4()}/"):
        assert stranger.get(address).status_code == 404
        assert stranger.post(address, sent).status_code == 404
