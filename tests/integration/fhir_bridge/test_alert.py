"""A call to a rapid team, seen by who called, by the team, and by nobody else."""

import pytest

from accounts.kernel.actor import Role
from fhir_bridge.projection.refresh import differences
from tests.factories import alerts, fhir, people

pytestmark = pytest.mark.django_db


def test_the_caller_and_the_team_read_the_call():
    place, team = people.organisation(), alerts.rapid_team()
    nurse = people.actor(Role.NURSE, place)
    person_id = people.person(nurse)
    alert_id = alerts.alert(person_id, team, nurse)
    hospital = fhir.partner(place)
    rapid = fhir.partner(team.organisation)
    stranger = fhir.partner(people.organisation())
    for partner in (hospital, rapid):
        task = partner.get(f"Task/{alert_id}").json()
        assert (task["status"], task["priority"]) == ("requested", "stat")
        found = partner.get(f"Task?patient={person_id}&code=eri-sp-alert&status=requested").json()
        assert [one["resource"]["id"] for one in found["entry"]] == [str(alert_id)]
    assert stranger.get(f"Task/{alert_id}").status_code == 404
    assert "entry" not in stranger.get(f"Task?patient={person_id}").json()
    refused = rapid.put(f"Task/{alert_id}", rapid.get(f"Task/{alert_id}").json(), if_match='W/"1"')
    assert refused.status_code == 422
    assert list(differences()) == []
