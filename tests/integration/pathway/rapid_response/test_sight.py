"""Who learns that a rapid team was called: its team, the one who called, the circle; nobody else by another request."""

import pytest

from accounts.access.commands import record_opposition
from accounts.access.gate import open_trail
from accounts.access.records import RecordOpposition
from accounts.access.states import ConsentMeans
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from pathway.cases.queries import timeline
from pathway.rapid_response.queries import alerts_for
from tests.factories import alerts, people, referrals
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


def test_a_structure_asked_for_a_place_is_not_told_of_an_alert() -> None:
    asked = referrals.sent(referrals.structure())
    alerts.alert(asked.person_id, alerts.rapid_team(), asked.sender)
    manager = asked.structures[0].manager
    with open_trail():
        assert timeline(asked.person_id, actor=manager).lanes == ()
    shown = signed_in(manager).get(f"/personnes/{asked.person_id}/")
    assert shown.status_code == 200
    assert "quipe rapide" not in shown.content.decode()


def test_one_who_refuses_leaves_the_list_of_the_team() -> None:
    caller = people.actor(Role.PHYSICIAN)
    person_id, offer = people.person(caller), alerts.rapid_team()
    alerts.alert(person_id, offer, caller)
    manager = people.actor(Role.BED_MANAGER, offer.organisation)
    with open_trail():
        assert len(alerts_for(manager)) == 1
    refusal = RecordOpposition(
        person_id=person_id, organisation_id=offer.organisation_id, stated_on=today(), means=ConsentMeans.SPOKEN
    )
    record_opposition(refusal, by=caller)
    with open_trail():
        assert alerts_for(manager) == []
