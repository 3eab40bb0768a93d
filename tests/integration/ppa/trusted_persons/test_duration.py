"""A designation signed before April 2024: valid for the stay only?"""

from datetime import date

import pytest

from accounts.kernel.actor import Role
from accounts.kernel.errors import DomainError
from accounts.people.models import RelativeRoleRow
from ppa.trusted_persons.commands import confirm_duration
from ppa.trusted_persons.queries import active_designation, designation_snapshot
from ppa.trusted_persons.records import ConfirmDuration, Signatures
from ppa.trusted_persons.rules import DurationNotSaid
from ppa.trusted_persons.states import Duration, State
from tests.factories import people, trusted_persons
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db
OLD = Signatures(person_signed_on=date(2024, 4, 9), trusted_signed_on=date(2024, 4, 9))
SINCE = Signatures(person_signed_on=date(2024, 4, 10), trusted_signed_on=date(2024, 4, 10))
DOUBT = "À confirmer\N{NO-BREAK SPACE}: pour le séjour seulement\N{NO-BREAK SPACE}?"


class Story:
    """A nurse, her patient, a daughter who was chosen."""

    def __init__(self, signatures=OLD, **fields):
        self.nurse = people.actor(Role.NURSE)
        self.person_id = people.person(self.nurse)
        self.relative_id = people.relative(self.person_id, self.nurse)
        self.id = trusted_persons.designation(
            self.person_id, self.relative_id, self.nurse, signatures=signatures, **fields
        )

    @property
    def shown(self):
        return designation_snapshot(self.id)

    def confirm(self, duration):
        record = ConfirmDuration(designation_id=self.id, version=self.shown.version, duration=duration)
        return confirm_duration(record, by=self.nurse)

    def read(self, where=""):
        return signed_in(self.nurse).get(f"/personnes/{self.person_id}/{where}").content.decode()


def test_an_older_designation_is_in_doubt_until_somebody_knows():
    story = Story()
    assert story.shown.is_in_doubt
    for where in ("", "confiance/", f"confiance/{story.id}/"):
        assert DOUBT in story.read(where)
    address = f"/personnes/{story.person_id}/confiance/{story.id}/duree/"
    answer = {"version": story.shown.version, "duration": "lasting"}
    assert signed_in(story.nurse).post(address, answer).status_code == 302
    assert not story.shown.is_in_doubt
    assert story.shown.state == State.ACTIVE
    assert DOUBT not in story.read()


def test_one_that_was_meant_for_a_stay_ends_with_its_role():
    story = Story()
    story.confirm(Duration.STAY_ONLY)
    assert story.shown.state == State.LAPSED
    assert active_designation(story.person_id) is None
    assert RelativeRoleRow.objects.get(relative_id=story.relative_id, role="NOK").ends_on
    assert "Ne valait que pour un séjour" in story.read("confiance/")


@pytest.mark.parametrize(
    ("signatures", "fields"), [(SINCE, {}), (OLD, {"duration": Duration.LASTING})], ids=["signed since", "said to last"]
)
def test_there_is_no_doubt_about(signatures, fields):
    assert not Story(signatures, **fields).shown.is_in_doubt


def test_what_lifts_no_doubt_is_refused():
    story = Story()
    with pytest.raises(DurationNotSaid) as refused:
        story.confirm(Duration.UNKNOWN)
    assert "Dites si la désignation vaut sans limite" in refused.value.message
    with pytest.raises(DomainError) as refused:
        Story(duration=Duration.STAY_ONLY)
    assert "a pris fin avec lui" in refused.value.message


def test_the_question_is_asked_when_an_older_document_is_recorded():
    nurse = people.actor(Role.NURSE)
    person_id = people.person(nurse)
    relative_id = people.relative(person_id, nurse)
    client, address = signed_in(nurse), f"/personnes/{person_id}/confiance/designer/"
    filled = {
        "relative": str(relative_id), "person_signed_on": "2023-05-02", "trusted_signed_on": "2023-05-02", "scope": "all"
    }  # fmt: skip
    asked = client.post(address, filled)
    assert "dites s’il valait pour le séjour seulement" in asked.content.decode()
    assert client.post(address, {**filled, "duration": "unknown"}).status_code == 302
    chosen = active_designation(person_id)
    assert chosen is not None
    assert chosen.is_in_doubt
