"""What every command leaves behind: a transition, an event, an audit row; or, refused, nothing but the refusal."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.access.commands import record_opposition, record_sharing_consent, withdraw_sharing_consent
from accounts.access.gate import current_trail, open_trail
from accounts.access.models import CircleMembership, IdempotencyKey, Opposition
from accounts.access.permissions import Permission
from accounts.access.queries import circle_of
from accounts.access.records import RecordOpposition, RecordSharingConsent, WithdrawSharingConsent
from accounts.access.states import Basis, ConsentMeans
from accounts.access.unit import command, run_together, together
from accounts.audit.models import AuditRow
from accounts.audit.verification import verify
from accounts.kernel.actor import Role, system_actor
from accounts.kernel.clock import now, today
from accounts.kernel.crypto import Unreadable
from accounts.kernel.errors import AuditUnavailable, KeyReused, NotFound, StaleVersion, VersionMissing
from accounts.kernel.models import Transition
from accounts.outbox.drain import drain
from accounts.outbox.models import StoredEvent, Work
from accounts.outbox.registry import Consumer, consumers
from accounts.people.commands import mark_deceased, record_relative, register_person, update_contact
from accounts.people.models import Person
from accounts.people.queries import person_for
from accounts.people.records import Contact, MarkDeceased, RecordRelative, UpdateContact
from accounts.people.rules import AlreadyDeceased
from tests.factories import people
from tests.support.roles import as_owner
from tests.support.undone import undone

pytestmark = pytest.mark.django_db


def test_a_command_leaves_a_transition_an_event_and_an_audit_row():
    nurse = people.actor(Role.NURSE)
    person_id = people.person(nurse)
    row = Transition.objects.get(aggregate_id=person_id)
    assert (row.deed, row.aggregate_version, row.person_id, row.actor_id) == ("register", 1, person_id, nurse.id)
    assert StoredEvent.objects.get(aggregate_id=person_id).type == "person.registered"
    assert AuditRow.objects.get().action == Permission.PATIENT_IDENTITY_CREATE


def test_a_command_that_does_not_ask_the_gate_writes_nothing():
    @command(Permission.RELATIVE_RECORD)
    def careless(record, act):
        from accounts.access.records import Receipt

        return Receipt(type="x", id=record, version=1)

    nurse = people.actor(Role.NURSE)
    with pytest.raises(RuntimeError, match="gate was not asked"):
        careless(people.person(nurse), by=nurse)
    from accounts.access.unit import commands

    commands.pop(careless.name)


def test_reading_outside_of_any_door_is_refused():
    with pytest.raises(RuntimeError, match="No door is open"):
        current_trail()


def test_a_stale_or_missing_version_is_refused():
    nurse = people.actor(Role.NURSE)
    person_id = people.person(nurse)
    update_contact(UpdateContact(person_id=person_id, version=1, contact=Contact(phones=("0380000009",))), by=nurse)
    with pytest.raises(StaleVersion):
        update_contact(UpdateContact(person_id=person_id, version=1, contact=Contact()), by=nurse)
    with pytest.raises(VersionMissing):
        update_contact(UpdateContact(person_id=person_id, version=None, contact=Contact()), by=nurse)
    with open_trail():
        assert person_for(person_id, actor=nurse).contact.phones == ("+33380000009",)


def test_what_is_composed_under_another_actor_acts_as_that_one_all_the_way_down():
    nurse, clerk = people.actor(Role.NURSE), system_actor("clerk")

    @together
    def registered(record, run):
        return run(register_person, record)

    person_id = run_together(lambda run: run(registered, people.registration(), by=nurse), by=clerk, fingerprint="1").id
    assert Transition.objects.get(aggregate_id=person_id).actor_id == nurse.id


def test_the_same_key_gives_the_first_answer_and_one_effect():
    nurse = replace(people.actor(Role.NURSE), idempotency_key="clic-1")
    registration = people.registration(ins=None, status="PROV")
    first, again = register_person(registration, by=nurse), register_person(registration, by=nurse)
    assert (first.id, first.replayed, again.replayed) == (again.id, False, True)
    assert Person.objects.count() == IdempotencyKey.objects.count() == 1
    with pytest.raises(KeyReused):
        register_person(people.registration(), by=nurse)


def test_an_answer_given_again_leaves_a_row_of_its_own():
    nurse = replace(people.actor(Role.NURSE), idempotency_key="clic-1")
    registration = people.registration(ins=None, status="PROV")
    person_id = register_person(registration, by=nurse).id
    before = AuditRow.objects.count()
    register_person(registration, by=nurse)
    row = AuditRow.objects.latest("id")
    assert AuditRow.objects.count() == before + 1
    assert (row.rule, row.outcome, row.object_type, row.object_id) == ("replayed", "allowed", "person", person_id)
    assert row.actor_id == nurse.id
    assert verify().faults == []


def test_together_keeps_all_or_nothing():
    nurse = people.actor(Role.NURSE)
    person_id = people.person(nurse)

    def relative_then_failure(run):
        run(
            record_relative,
            RecordRelative(person_id=person_id, family="MERLANDOISE", given="Capucine", relation="DAUC"),
        )
        run(mark_deceased, MarkDeceased(person_id=person_id, died_on=today()))
        return run(mark_deceased, MarkDeceased(person_id=person_id, died_on=today()))

    with pytest.raises(AlreadyDeceased):
        run_together(relative_then_failure, by=nurse, fingerprint="x")
    assert Person.objects.get().died_on is None
    assert not StoredEvent.objects.filter(type="relative.recorded").exists()
    assert AuditRow.objects.order_by("-number").first().rule == "already-deceased"


def test_a_command_inside_a_command_is_refused():
    nurse = people.actor(Role.NURSE)
    with pytest.raises(RuntimeError, match="run_together"):
        run_together(lambda run: register_person(people.registration(), by=nurse), by=nurse, fingerprint="x")


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("UPDATE accounts_auditrow SET outcome = 'denied' WHERE number = 2", "altered row"),
        ("DELETE FROM accounts_auditrow WHERE number = 2", "missing row"),
        ("DELETE FROM accounts_auditrow WHERE number = 3", "cut or forged end"),
        ("UPDATE accounts_chainhead SET number = 2", "cut or forged end"),
    ],
)
def test_a_tampered_audit_is_named(sql, what):
    nurse = people.actor(Role.NURSE)
    for _ in range(3):
        people.person(nurse)
    assert verify().faults == []
    _drop_guards()
    as_owner(sql)
    assert [fault.what for fault in verify().faults] == [what]


def test_a_rewritten_chain_without_the_key_is_found():
    from accounts.audit.chain import body, link

    nurse = people.actor(Role.NURSE)
    people.person(nurse)
    row = AuditRow.objects.get()
    row.outcome = "denied"
    forged = link(bytes(row.previous_hash), body(row.hashed_fields()))
    _drop_guards()
    as_owner("UPDATE accounts_auditrow SET outcome = 'denied', hash = %s", forged)
    as_owner("UPDATE accounts_chainhead SET hash = %s", forged)
    assert [fault.what for fault in verify().faults] == ["forged seal: rewritten row"]


@pytest.mark.parametrize("verb", ["UPDATE accounts_transition SET deed = 'x'", "DELETE FROM accounts_auditrow"])
def test_the_database_refuses_to_change_what_is_append_only(verb):
    people.person(people.actor(Role.NURSE))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb)


def test_without_an_audit_nothing_happens():
    nurse = people.actor(Role.NURSE)
    if connection.vendor == "sqlite":
        as_owner("CREATE TRIGGER full BEFORE INSERT ON accounts_auditrow BEGIN SELECT RAISE(ABORT, 'full'); END")
    else:
        as_owner("CREATE TRIGGER full_disk BEFORE INSERT ON accounts_auditrow EXECUTE FUNCTION refuse_change()")
    with pytest.raises(AuditUnavailable):
        people.person(nurse)
    assert not Person.objects.exists()
    assert not StoredEvent.objects.exists()


def test_a_value_swapped_between_rows_does_not_open():
    nurse = people.actor(Role.NURSE)
    first, second = people.person(nurse), people.person(nurse)
    stolen = Person.objects.filter(pk=first).values_list("birth_name", flat=True).get()
    with undone(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_person SET birth_name = %s WHERE id = %s",
            [bytes(stolen.raw), second.hex if connection.vendor == "sqlite" else second],
        )
        with pytest.raises(Unreadable):
            _ = Person.objects.get(pk=second).birth_name


def test_a_failing_consumer_is_tried_again_then_given_up(monkeypatch):
    calls = []

    def fail(event):
        calls.append(event.type)
        raise ValueError

    monkeypatch.setitem(consumers, "test", Consumer("test", fail, frozenset({"person.registered"}), prompt=False))
    people.person(people.actor(Role.NURSE))
    work = Work.objects.get(consumer="test")
    drain()
    work.refresh_from_db()
    assert (work.state, work.tries, work.error_class, calls) == ("pending", 1, "ValueError", ["person.registered"])
    assert work.due_at > now()
    Work.objects.filter(pk=work.pk).update(tries=11, due_at=now())
    drain()
    work.refresh_from_db()
    assert work.state == "dead"


def test_a_lease_that_ran_out_is_taken_over(monkeypatch):
    seen = []
    monkeypatch.setitem(
        consumers,
        "test",
        Consumer("test", lambda event: seen.append(event.type), frozenset({"person.registered"}), prompt=False),
    )
    people.person(people.actor(Role.NURSE))
    Work.objects.filter(consumer="test").update(lease_until=now() + timedelta(seconds=30))
    drain()
    assert seen == []
    Work.objects.filter(consumer="test").update(lease_until=now() - timedelta(seconds=1))
    drain()
    assert seen == ["person.registered"]
    assert Work.objects.get(consumer="test").state == "done"


def test_withdrawing_a_consent_ends_what_rested_on_it_at_once():
    nurse, other = people.actor(Role.NURSE), people.organisation()
    person_id = people.person(nurse)
    consent = record_sharing_consent(
        RecordSharingConsent(
            person_id=person_id, organisation_ids=frozenset({other.id}), given_on=today(), means=ConsentMeans.SPOKEN
        ),
        by=nurse,
    )
    CircleMembership.objects.create(person_id=person_id, organisation=other, basis=Basis.CONSENT)
    guest = people.actor(Role.PHYSICIAN, other)
    with open_trail():
        person_for(person_id, actor=guest)
    withdraw_sharing_consent(
        WithdrawSharingConsent(consent_id=consent.id, withdrawn_on=today(), means=ConsentMeans.SPOKEN), by=nurse
    )
    with open_trail(), pytest.raises(NotFound):
        person_for(person_id, actor=guest)


def test_an_opposition_closes_the_file_to_the_named_organisation():
    nurse = people.actor(Role.NURSE)
    person_id = people.person(nurse)
    record_opposition(
        RecordOpposition(
            person_id=person_id, organisation_id=nurse.organisation_id, stated_on=today(), means=ConsentMeans.WRITTEN
        ),
        by=nurse,
    )
    assert Opposition.objects.count() == 1
    with open_trail(), pytest.raises(NotFound):
        circle_of(person_id, actor=nurse)


def _drop_guards():
    if connection.vendor == "sqlite":
        for verb in ("update", "delete"):
            as_owner(f"DROP TRIGGER accounts_auditrow_no_{verb}")
    else:
        as_owner("DROP TRIGGER accounts_auditrow_append_only ON accounts_auditrow")


def test_the_professionals_of_a_unit_belong_to_the_team_of_their_establishment():
    from accounts.organisations.directory import establishment_of, units_of

    hospital = people.organisation()
    ward, other = people.organisation(part_of=hospital), people.organisation(part_of=hospital)
    person_id = people.person(people.actor(Role.NURSE, hospital))
    with open_trail():
        person_for(person_id, actor=people.actor(Role.PHYSICIAN, ward, stands_for=establishment_of(ward)))
    known_to_ward = people.person(people.actor(Role.NURSE, ward))
    with open_trail(), pytest.raises(NotFound):
        person_for(known_to_ward, actor=people.actor(Role.PHYSICIAN, other, stands_for=establishment_of(other)))
    client = people.system_client(hospital, "system/Patient.r")
    reader = replace(client, stands_for=units_of(hospital.id), interaction="Patient.r")
    with open_trail():
        person_for(known_to_ward, actor=reader)


def test_events_that_wait_together_are_handled_at_once_and_only_the_faulty_one_fails(monkeypatch):
    calls = []

    def handle(events):
        calls.append(len(events))
        if any(event.type == "person.registered" for event in events):
            raise ValueError("broken")

    many = Consumer("many", lambda event: handle([event]), frozenset(), prompt=True, handle_many=handle)
    monkeypatch.setitem(consumers, "many", many)
    by = people.actor(Role.NURSE)
    record = people.registration()
    run_together(
        lambda run: run(
            record_relative,
            RecordRelative(
                person_id=run(register_person, record).id, family="MERLANDOISE", given="Ode", relation="SIS"
            ),
        ),
        by=by,
        fingerprint="two",
    )
    assert calls == [2, 1, 1]
    states = dict(Work.objects.filter(consumer="many").values_list("event__type", "state"))
    assert states == {"person.registered": Work.State.PENDING, "relative.recorded": Work.State.DONE}
