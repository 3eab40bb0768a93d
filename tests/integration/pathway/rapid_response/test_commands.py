"""A call to the rapid team, from the call to the relay."""

from datetime import timedelta

import pytest

from accounts.access.gate import open_trail
from accounts.kernel.actor import Role
from accounts.kernel.clock import in_hours, now, today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, TransitionRefused
from accounts.kernel.models import Transition
from accounts.people.commands import mark_deceased
from accounts.people.queries import person_for
from accounts.people.records import MarkDeceased
from pathway.rapid_response.commands import (
    call_rapid_response,
    cancel_alert,
    close_alert,
    decline_alert,
    follow_alert,
    pause_alert,
    plan_relay,
    raise_alert,
    resume_alert,
)
from pathway.rapid_response.models import Alert
from pathway.rapid_response.queries import alert_for, alerts_for, clock_of, teams_covering
from pathway.rapid_response.records import (
    CancelAlert,
    CloseAlert,
    DeclineAlert,
    FollowAlert,
    PauseAlert,
    PlanRelay,
    ResumeAlert,
)
from pathway.rapid_response.rules import (
    AlertAlreadyOpen,
    AlreadyPaused,
    NotARapidTeam,
    NotPalliative,
    NotPaused,
    OutOfArea,
    PersonDeceased,
    RelayInPast,
    StepOutOfTime,
)
from pathway.rapid_response.states import AlertAction, CloseReason, DeclineReason, PauseReason
from pathway.structures.states import OfferKind
from tests.factories import alerts, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(offer):
    return people.actor(Role.PHYSICIAN, offer.organisation)


def step(alert_id, action, by, *, version, at=None):
    return follow_alert(FollowAlert(alert_id=alert_id, version=version, action=action, at=at), by=by)


def test_the_team_answers_comes_stabilises_and_hands_over(nurse, person_id, offer, team):
    alert_id = alerts.alert(person_id, offer, nurse)
    with open_trail():
        assert person_for(person_id, actor=people.actor(Role.BED_MANAGER, offer.organisation)).id == person_id
    for version, action in enumerate(
        (AlertAction.ANSWER, AlertAction.DEPART, AlertAction.ARRIVE, AlertAction.STABILISE), 1
    ):
        step(alert_id, action, team, version=version)
    plan_relay(PlanRelay(alert_id=alert_id, version=5, offer_id=offer.id, from_at=in_hours(20)), by=team)
    step(alert_id, AlertAction.RELAY, team, version=6)
    close_alert(CloseAlert(alert_id=alert_id, version=7, reason=CloseReason.RELAYED), by=team)
    with open_trail():
        snapshot = alert_for(alert_id, actor=nurse)
        assert (snapshot.state, clock_of(snapshot).state) == ("closed", "stopped")
        assert person_for(person_id, actor=team).id == person_id
    deeds = list(
        Transition.objects.filter(aggregate_id=alert_id).order_by("aggregate_version").values_list("deed", flat=True)
    )
    assert deeds == ["raise", "answer", "depart", "arrive", "stabilise", "plan_relay", "relay", "close"]


def test_only_teams_of_the_sector_are_proposed(nurse, person_id, offer):
    alerts.rapid_team(departement="90")
    with open_trail():
        assert [choice.offer_id for choice in teams_covering(person_id, actor=nurse)] == [offer.id]


def test_refusals_before_the_call(nurse, person_id, offer):
    for wrong, refusal in (
        (alerts.call(person_id, offer, is_palliative=False), NotPalliative),
        (alerts.call(person_id, alerts.rapid_team(departement="90")), OutOfArea),
        (alerts.call(person_id, alerts.rapid_team(kind=OfferKind.HOME_HOSPITAL)), NotARapidTeam),
    ):
        with pytest.raises(refusal):
            call_rapid_response(wrong, by=nurse)
    assert not Alert.objects.exists()
    alerts.alert(person_id, offer, nurse)
    with pytest.raises(AlertAlreadyOpen):
        alerts.alert(person_id, offer, nurse)


def test_without_the_persons_agreement_no_team_is_called(nurse, person_id, offer):
    with pytest.raises(NotAllowed):
        raise_alert(alerts.call(person_id, offer).alert, by=nurse)


def test_nobody_is_sent_for_a_person_who_died(nurse, person_id, offer):
    mark_deceased(MarkDeceased(person_id=person_id, died_on=today()), by=nurse)
    with pytest.raises(PersonDeceased):
        alerts.alert(person_id, offer, nurse)


def test_a_declined_call_closes_the_file_to_the_team_and_says_where_to_turn(nurse, person_id, offer, team):
    alert_id = alerts.alert(person_id, offer, nurse)
    decline_alert(
        DeclineAlert(alert_id=alert_id, version=1, reason=DeclineReason.TEAM_ENGAGED, instead="HAD des Collines"),
        by=team,
    )
    with open_trail(), pytest.raises(NotFound):
        person_for(person_id, actor=team)
    with open_trail():
        assert alert_for(alert_id, actor=nurse).outcome == "HAD des Collines"


def test_the_caller_takes_a_call_back_but_not_after_the_visit(nurse, person_id, offer, team):
    alert_id = alerts.alert(person_id, offer, nurse)
    step(alert_id, AlertAction.ANSWER, team, version=1)
    step(alert_id, AlertAction.ARRIVE, team, version=2)
    with pytest.raises(TransitionRefused):
        cancel_alert(CancelAlert(alert_id=alert_id, version=3, reason="Calmée"), by=nurse)


def test_steps_follow_the_table_the_version_and_the_time(nurse, person_id, offer, team):
    alert_id = alerts.alert(person_id, offer, nurse)
    with pytest.raises(TransitionRefused):
        step(alert_id, AlertAction.STABILISE, team, version=1)
    with pytest.raises(StepOutOfTime):
        step(alert_id, AlertAction.ANSWER, team, version=1, at=now() - timedelta(hours=1))
    step(alert_id, AlertAction.ANSWER, team, version=1)
    with pytest.raises(StaleVersion):
        step(alert_id, AlertAction.DEPART, team, version=1)
    with pytest.raises(RelayInPast):
        plan_relay(
            PlanRelay(alert_id=alert_id, version=2, offer_id=offer.id, from_at=now() - timedelta(hours=1)), by=team
        )


def test_the_clock_pauses_once_and_runs_again(nurse, person_id, offer, team):
    alert_id = alerts.alert(person_id, offer, nurse)
    with pytest.raises(NotPaused):
        resume_alert(ResumeAlert(alert_id=alert_id, version=1), by=team)
    pause_alert(PauseAlert(alert_id=alert_id, version=1, reason=PauseReason.FAMILY_ASKED), by=team)
    with pytest.raises(AlreadyPaused):
        pause_alert(PauseAlert(alert_id=alert_id, version=2, reason=PauseReason.FAMILY_ASKED), by=team)
    resume_alert(ResumeAlert(alert_id=alert_id, version=2), by=team)


def test_a_stranger_sees_no_alert_and_the_caller_may_not_play_the_team(nurse, person_id, offer):
    alert_id = alerts.alert(person_id, offer, nurse)
    stranger = people.actor(Role.PHYSICIAN)
    with open_trail(), pytest.raises(NotFound):
        alert_for(alert_id, actor=stranger)
    with open_trail():
        assert alerts_for(stranger) == []
    with pytest.raises(NotFound):
        step(alert_id, AlertAction.ANSWER, stranger, version=1)
    with pytest.raises(NotAllowed):
        step(alert_id, AlertAction.ANSWER, nurse, version=1)


def test_the_list_costs_the_same_for_one_and_five(nurse, offer, team):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for many in (1, 4):
        for _ in range(many):
            alerts.alert(people.person(nurse), offer, nurse)
        with open_trail(), CaptureQueriesContext(connection) as queries:
            alerts_for(team)
        counts.append(len(queries))
    assert counts[0] == counts[1]
