"""What the recipient of a request may not read before it accepts, it cannot guess by searching either."""

import re
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.kernel.ids import new_id
from accounts.organisations.models import Organisation
from fhir_bridge.mappers.minimum import CUTTERS
from fhir_bridge.repository.catalogue import CATALOGUE
from tests.factories import fhir, people, referrals

pytestmark = pytest.mark.django_db
TABLE = re.compile(r'^(SELECT|INSERT|UPDATE|DELETE)|(?:FROM|INTO|UPDATE) "?(\w+)"?')


def ids(bundle):
    return {entry["resource"]["id"] for entry in bundle.get("entry", [])}


def test_a_search_on_what_is_cut_finds_nothing(asked, first):
    other = asked.structures[1].offer.id
    assert ids(first.get("ServiceRequest").json()) == {str(asked.request_id)}
    asked_for_other = first.get(f"ServiceRequest?performer=HealthcareService/{other}&_total=accurate").json()
    assert ids(asked_for_other) == set()
    assert asked_for_other["total"] == 0
    sender = fhir.partner(Organisation.objects.get(pk=asked.sender.organisation_id))
    assert ids(sender.get(f"ServiceRequest?performer=HealthcareService/{other}").json()) == {str(asked.request_id)}


def test_an_include_does_not_follow_what_is_cut(asked, first):
    assert ids(first.get("ServiceRequest?_include=ServiceRequest:performer").json()) == {str(asked.request_id)}
    other = asked.structures[1].offer.id
    pointing = first.get(f"HealthcareService?_id={other}&_revinclude=ServiceRequest:performer").json()
    assert ids(pointing) == {str(other)}


def test_what_was_agreed_opens_the_whole_again(asked, first):
    referrals.agreed(asked)
    other = asked.structures[1].offer.id
    assert ids(first.get(f"ServiceRequest?performer=HealthcareService/{other}").json()) == {str(asked.request_id)}


@pytest.mark.parametrize(
    "path",
    [
        "Patient/%00",
        "Patient/a%00b/_history",
        "Binary/%00",
        "Patient?_id=%00",
        "Task?focus=ServiceRequest/a%00b",
        "Task?status=%00",
    ],
)
def test_a_nul_is_refused_or_unknown_and_never_a_fault(path):
    response = fhir.partner(people.organisation()).get(path)
    assert response.status_code in (400, 404), (quote(path), response.content)


def test_every_parameter_on_what_a_request_hides_is_for_whole_readers():
    params = CATALOGUE["ServiceRequest"].params
    elements = {name: {path.partition(".")[0] for path in param.paths} for name, param in params.items()}
    left = CUTTERS["ServiceRequest"]({element: [{}] for found in elements.values() for element in found})
    assert {name for name, found in elements.items() if found - set(left)} == CATALOGUE["ServiceRequest"].whole_only


@pytest.mark.parametrize("rtype", ["Patient", "CareTeam"])
def test_an_unknown_id_costs_what_a_hidden_one_costs(person_id, stranger, rtype):
    def statements(fid):
        with CaptureQueriesContext(connection) as sent:
            assert stranger.get(f"{rtype}/{fid}").status_code == 404
        return [TABLE.findall(one["sql"]) for one in sent]

    statements(new_id())
    assert statements(person_id) == statements(new_id())
