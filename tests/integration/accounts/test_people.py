"""Registering persons through the command, and finding them again within one's sight."""

import pytest

from accounts.access.gate import open_trail
from accounts.audit.models import AuditRow
from accounts.audit.verification import verify
from accounts.kernel.actor import Role
from accounts.kernel.errors import NotAllowed, NotFound
from accounts.organisations.models import Organisation
from accounts.outbox.models import StoredEvent
from accounts.people.models import IdentityAlert, Person
from accounts.people.page import banner_of
from accounts.people.queries import find_people, person_for, person_snapshot, relatives_of
from accounts.people.records import Ins
from accounts.people.rules import OID_NIR, InsKeyWrong, InsKindRefused
from tests.factories import people

pytestmark = pytest.mark.django_db


def test_a_registered_person_is_found_by_her_team_by_name_phone_birth_date_and_ins():
    nurse = people.actor(Role.NURSE)
    registration = people.registration()
    person_id = people.register_person(registration, by=nurse).id
    with open_trail():
        for text in (
            registration.traits.birth_name[:5].lower(),
            "philo",
            "12/03/1955",
            "0380000001",
            "000001",
            "rose 1955",
        ):
            assert [line.id for line in find_people(text, actor=nurse)] == [person_id], text
        for text in (registration.ins.value, f"{registration.ins.value[:13]} {registration.ins.value[13:]}"):
            assert [line.id for line in find_people(text, actor=nurse)] == [person_id], text
        assert person_for(person_id, actor=nurse).traits == registration.traits


@pytest.mark.parametrize("role", [Role.SOCIAL_WORKER, Role.VOLUNTEER, Role.BED_MANAGER])
def test_a_function_without_that_right_finds_nobody_by_her_number(role):
    nurse = people.actor(Role.NURSE)
    registration = people.registration()
    people.register_person(registration, by=nurse)
    colleague = people.actor(role, Organisation.objects.get(pk=nurse.organisation_id))
    with open_trail():
        assert find_people(registration.ins.value, actor=colleague) == []


def test_another_organisation_neither_finds_nor_opens_her():
    person_id = people.person(people.actor(Role.NURSE))
    stranger = people.actor(Role.PHYSICIAN)
    with open_trail() as trail:
        assert find_people("philo", actor=stranger) == []
        assert find_people(person_snapshot(person_id).ins.value, actor=stranger) == []
        with pytest.raises(NotFound):
            person_for(person_id, actor=stranger)
    assert [entry.outcome for entry in trail.entries] == ["allowed", "allowed", "denied"]


def test_the_same_qualified_identity_is_one_person_linked_to_both_organisations():
    registration = people.registration()
    first, second = people.actor(Role.NURSE), people.actor(Role.PHYSICIAN)
    receipts = [people.register_person(registration, by=by) for by in (first, second)]
    assert receipts[0].id == receipts[1].id
    with open_trail():
        assert person_for(receipts[0].id, actor=second).id == receipts[0].id


def test_a_similar_person_stays_apart_and_opens_an_alert():
    first = people.registration()
    second = people.registration(traits=first.traits)
    ids = {people.register_person(one, by=people.actor(Role.NURSE)).id for one in (first, second)}
    assert len(ids) == 2
    assert IdentityAlert.objects.get().kind == "similar_traits"


@pytest.mark.parametrize(
    ("ins", "refusal"),
    [
        (Ins(value="255032100000100", oid=people.OID_TEST), InsKeyWrong),
        (Ins(value=people.ins(9).value, oid=OID_NIR), InsKindRefused),
    ],
)
def test_a_wrong_key_or_a_production_number_is_refused_and_nothing_is_written(ins, refusal):
    with pytest.raises(refusal):
        people.person(people.actor(Role.NURSE), ins=ins)
    assert not Person.objects.exists()
    assert not StoredEvent.objects.exists()
    assert AuditRow.objects.get().outcome == "refused"


def test_a_technical_administrator_may_not_register():
    with pytest.raises(NotAllowed):
        people.person(people.actor(Role.TECHNICAL_ADMIN))


def test_the_audit_holds_and_no_name_lies_in_clear():
    registration = people.registration()
    people.register_person(registration, by=people.actor(Role.NURSE))
    assert verify().faults == []
    row = Person.objects.values().get()
    assert registration.traits.birth_name.encode() not in b"".join(
        bytes(v) for v in row.values() if isinstance(v, bytes | memoryview)
    )


def test_registering_somebody_known_elsewhere_opens_her_identity_and_not_her_circle():
    registration = people.registration()
    first, second = people.actor(Role.NURSE), people.actor(Role.NURSE)
    person_id = people.register_person(registration, by=first).id
    people.relative(person_id, first)
    people.register_person(registration, by=second)
    with open_trail():
        assert len(relatives_of(person_id, actor=first)) == 1
        assert banner_of(person_id, actor=second).partial
        with pytest.raises(NotAllowed):
            relatives_of(person_id, actor=second)


def test_the_team_that_announces_enters_the_circle():
    from ppa.announcements.commands import record_announcement
    from tests.factories import announcements

    registration = people.registration()
    first, second = people.actor(Role.NURSE), people.actor(Role.PHYSICIAN)
    person_id = people.register_person(registration, by=first).id
    people.register_person(registration, by=second)
    record_announcement(announcements.announcement(person_id), by=second)
    with open_trail():
        assert not banner_of(person_id, actor=second).partial
