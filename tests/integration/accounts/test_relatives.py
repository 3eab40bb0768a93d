"""The people round a person: distinct roles from a day to a day, the order of the calls, one delegate of Mon espace santé."""

from datetime import timedelta

import pytest

from accounts.access.gate import open_trail
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import DomainError, NotFound, StaleVersion
from accounts.people.commands import change_relative
from accounts.people.models import Relative, RelativeRoleRow
from accounts.people.queries import find_people, relatives_of
from accounts.people.records import ChangeRelative, Contact
from accounts.people.states import RelativeRole
from fhir_bridge.mappers import related_person
from tests.factories import people, trusted_persons
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]
R = RelativeRole


class Story:
    """A nurse, her patient, a daughter to be told who helps her."""

    def __init__(self):
        self.nurse = people.actor(Role.NURSE)
        self.person_id = people.person(self.nurse)
        self.daughter = people.relative(self.person_id, self.nurse, roles=frozenset({R.CONTACT, R.CARER}))

    def change(self, relative_id=None, **fields):
        row = Relative.objects.get(pk=relative_id or self.daughter)
        given = {
            "version": row.version, "family": row.family, "given": row.given, "relation": row.relation,
            "roles": frozenset({R.CONTACT, R.CARER}), "since": today(), "contact": Contact(phones=("06 00 00 00 02",)),
            **fields,
        }  # fmt: skip
        return change_relative(ChangeRelative(relative_id=row.id, **given), by=self.nurse)

    @property
    def shown(self):
        with open_trail():
            return relatives_of(self.person_id, actor=self.nurse)


@pytest.fixture
def story():
    return Story()


def test_roles_change_and_their_past_stays(story):
    RelativeRoleRow.objects.update(starts_on=today() - timedelta(days=30))
    story.change(roles=frozenset({R.CONTACT, R.LEGAL_REPRESENTATIVE}), since=today() - timedelta(days=2))
    shown = story.shown[0]
    assert set(shown.roles) == {R.CONTACT, R.LEGAL_REPRESENTATIVE}
    ended = next(one for one in shown.history if one.role == R.CARER)
    assert (ended.starts_on, ended.ends_on) == (today() - timedelta(days=30), today() - timedelta(days=2))
    story.change(roles=frozenset({R.CONTACT, R.CARER}))
    assert [one.ends_on is None for one in story.shown[0].history if one.role == R.CARER] == [False, True]
    page = signed_in(story.nurse).get(f"/personnes/{story.person_id}/proches/").content.decode()
    assert "Représentant légal, du" in page
    assert "Proche aidant" in page


def test_mon_espace_sante_has_one_delegate(story):
    son = people.relative(story.person_id, story.nurse, family="FILS", roles=frozenset({R.ENS_DELEGATE}))
    with pytest.raises(DomainError) as refused:
        story.change(roles=frozenset({R.ENS_DELEGATE}))
    assert "déjà délégué de Mon espace santé" in refused.value.message
    with pytest.raises(DomainError, match="relative-second-delegate"):
        people.relative(story.person_id, story.nurse, roles=frozenset({R.ENS_DELEGATE}))
    story.change(son, roles=frozenset())
    story.change(roles=frozenset({R.ENS_DELEGATE}))
    page = signed_in(story.nurse).get(f"/personnes/{story.person_id}/proches/").content.decode()
    assert "jamais les directives anticipées" in page
    delegate = next(one for one in story.shown if one.id == story.daughter)
    codes = [
        one["code"]
        for resource in related_person.to_resources(delegate)
        for part in resource["relationship"]
        for one in part["coding"]
    ]
    assert "ens-delegate" in codes


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"since": today() + timedelta(days=2)}, "Cette date est dans le futur"),
        ({"roles": frozenset({R.TRUSTED_PERSON})}, "se désigne avec les deux signatures"),
    ],
)
def test_what_cannot_be_stated_is_refused(story, fields, sentence):
    with pytest.raises(DomainError) as refused:
        story.change(**fields)
    assert sentence in refused.value.message
    with pytest.raises(StaleVersion):
        story.change(version=0)


def test_a_trusted_person_keeps_that_role_and_does_not_leave_by_a_click(story):
    trusted_persons.designation(story.person_id, story.daughter, story.nurse)
    story.change(roles=frozenset({R.CONTACT}))
    assert R.TRUSTED_PERSON in story.shown[0].roles
    with pytest.raises(DomainError) as refused:
        story.change(leaves=True)
    assert "Mettez d’abord fin à la désignation" in refused.value.message


def test_who_leaves_is_called_no_more_and_stays_in_the_history(story):
    story.change(leaves=True)
    page = signed_in(story.nurse).get(f"/personnes/{story.person_id}/proches/").content.decode()
    assert page.index("Avant") < page.index("MERLANDOISE")
    assert not story.shown[0].active
    assert story.shown[0].roles == ()


def test_relatives_come_in_the_order_in_which_they_are_called_and_are_found_by_their_phone(story):
    neighbour = people.relative(story.person_id, story.nurse, family="VOISIN", call_rank=2)
    first = people.relative(story.person_id, story.nurse, family="AINEE", call_rank=1)
    assert [one.id for one in story.shown] == [first, neighbour, story.daughter]
    story.change(neighbour, contact=Contact(phones=("06 00 00 45 67",)), call_rank=2)
    with open_trail():
        assert [one.id for one in find_people("4567", actor=story.nurse)] == [story.person_id]


def test_a_change_on_screen_and_nothing_for_a_stranger(story):
    client, address = signed_in(story.nurse), f"/personnes/{story.person_id}/proches/{story.daughter}/"
    assert "MERLANDOISE" in client.get(address).content.decode()
    version = Relative.objects.get(pk=story.daughter).version
    filled = {
        "version": version, "given": "Capucine", "family": "MERLANDOISE", "relation": "DAUC", "roles": ["ECON"],
        "since": str(today()), "call_rank": "1", "phone": "06 00 00 00 09",
    }  # fmt: skip
    assert client.post(address, filled).status_code == 302
    assert story.shown[0].contact.phones == ("+33600000009",)
    assert story.shown[0].call_rank == 1
    stranger = people.actor(Role.NURSE)
    assert signed_in(stranger).get(address).status_code == 404
    assert signed_in(stranger).get(f"/personnes/{story.person_id}/proches/").status_code == 404
    with pytest.raises(NotFound):
        change_relative(
            ChangeRelative(
                relative_id=story.daughter, version=version + 1, family="X", given="Y", relation="DAUC",
                roles=frozenset(), since=today(),
            ),
            by=stranger,
        )  # fmt: skip
    other = people.person(story.nurse)
    assert client.get(f"/personnes/{other}/proches/{story.daughter}/").status_code == 404
