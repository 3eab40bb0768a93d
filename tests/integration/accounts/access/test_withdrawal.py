"""What a person takes back, and what a structure that was only asked may not give itself."""

import pytest

from accounts.access.commands import withdraw_sharing_consent
from accounts.access.gate import standing_of
from accounts.access.models import SharingConsent
from accounts.access.records import WithdrawSharingConsent
from accounts.access.states import Basis, ConsentMeans
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed
from pathway.rapid_response.commands import call_rapid_response, close_alert, follow_alert
from pathway.rapid_response.models import Alert
from pathway.rapid_response.records import CloseAlert, FollowAlert
from pathway.rapid_response.states import AlertAction, AlertState, CloseReason
from pathway.referrals.states import Destination, LineState, WithdrawReason
from pathway.stays.commands import discharge, open_stay
from pathway.stays.models import Stay
from pathway.stays.records import Discharge, OpenStay
from tests.factories import alerts, people, referrals

pytestmark = pytest.mark.django_db


def take_back(asked):
    consent = SharingConsent.objects.get(person_id=asked.person_id)
    record = WithdrawSharingConsent(consent_id=consent.id, withdrawn_on=today(), means=ConsentMeans.SPOKEN)
    withdraw_sharing_consent(record, by=asked.sender)


def bases(asked):
    return standing_of(asked.structures[0].manager, asked.person_id).bases


def test_a_structure_that_agreed_reads_no_more_once_the_agreement_is_taken_back():
    asked = referrals.sent()
    referrals.agreed(asked)
    assert Basis.ACCEPTED_REFERRAL in bases(asked)
    take_back(asked)
    assert bases(asked) == frozenset()


def test_the_team_that_cares_for_the_person_goes_on_reading():
    asked = referrals.sent()
    referrals.proposed(asked)
    referrals.admitted(asked)
    take_back(asked)
    assert {Basis.SAME_TEAM, Basis.ACCEPTED_REFERRAL} <= bases(asked)


def test_a_structure_that_was_only_asked_enters_the_circle_by_answering_not_by_declaring_an_arrival():
    asked = referrals.sent()
    structure = asked.structures[0]
    record = OpenStay(person_id=asked.person_id, offer_id=structure.offer.id, admitted_at=now())
    for role in (structure.manager, structure.physician):
        with pytest.raises(NotAllowed):
            open_stay(record, by=role)
    assert bases(asked) == {Basis.ADDRESSED_REFERRAL}
    assert not Stay.objects.exists()


def test_what_was_asked_of_the_structure_is_withdrawn_with_the_agreement():
    asked = referrals.sent()
    take_back(asked)
    line = asked.line(0)
    assert (line.state, line.reason) == (LineState.WITHDRAWN, WithdrawReason.PERSON_DISAGREES)


def test_a_structure_that_discharged_her_does_not_keep_its_thirty_days():
    asked = referrals.sent()
    referrals.proposed(asked)
    referrals.admitted(asked)
    stay = Stay.objects.get()
    discharge(
        Discharge(stay_id=stay.id, version=stay.version, destination=Destination.HOME_WITH_HAD, ended_at=now()),
        by=asked.structures[0].manager,
    )
    assert bases(asked)
    take_back(asked)
    assert bases(asked) == frozenset()


@pytest.fixture
def called():
    nurse = people.actor(Role.NURSE)
    person_id = people.person(nurse)
    team = alerts.rapid_team()
    alert_id = call_rapid_response(alerts.call(person_id, team), by=nurse).id
    return nurse, people.actor(Role.NURSE, team.organisation), person_id, alert_id


def take_back_the_call(nurse, person_id):
    consent = SharingConsent.objects.get(person_id=person_id)
    record = WithdrawSharingConsent(consent_id=consent.id, withdrawn_on=today(), means=ConsentMeans.SPOKEN)
    withdraw_sharing_consent(record, by=nurse)


def test_a_call_without_an_answer_is_taken_back_with_the_agreement(called):
    nurse, rapid_nurse, person_id, alert_id = called
    take_back_the_call(nurse, person_id)
    assert Alert.objects.get(pk=alert_id).state == AlertState.CANCELLED
    assert standing_of(rapid_nurse, person_id).bases == frozenset()


def test_a_team_at_work_reads_until_its_intervention_ends_and_not_a_day_longer(called):
    nurse, rapid_nurse, person_id, alert_id = called
    follow_alert(FollowAlert(alert_id=alert_id, version=1, action=AlertAction.ANSWER), by=rapid_nurse)
    take_back_the_call(nurse, person_id)
    assert standing_of(rapid_nurse, person_id).bases == {Basis.ACCEPTED_REFERRAL}
    version = Alert.objects.get(pk=alert_id).version
    close_alert(CloseAlert(alert_id=alert_id, version=version, reason=CloseReason.NO_RELAY_NEEDED), by=rapid_nurse)
    assert standing_of(rapid_nurse, person_id).bases == frozenset()
