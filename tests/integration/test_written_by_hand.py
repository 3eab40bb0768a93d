"""Forms and addresses that no page of ours has drawn."""

import pytest

from pathway.capacity.models import Places
from tests.factories import referrals, whole_story
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("version", ["-1", "-2", "99999999999999999999", "1.5", "x", ""])
def test_no_version_written_by_hand_passes_for_the_present_one(version):
    structure = referrals.structure(places=3)
    client = signed_in(structure.manager)
    response = client.post(f"/places/{structure.offer.id}/", {"available": "7", "version": version})
    assert response.status_code in (400, 409, 412, 422)
    assert Places.objects.get(offer=structure.offer).available == 3


@pytest.mark.parametrize("number", [0, 2, 10**9, 10**20])
def test_a_version_of_a_plan_that_is_not_there_is_unknown(number):
    story = whole_story.told()
    client = signed_in(story.physician)
    for address in ("", "pdf/"):
        assert client.get(f"/personnes/{story.person_id}/plan/versions/{number}/{address}").status_code == 404
