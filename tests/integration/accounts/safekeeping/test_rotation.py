"""Everything moves to a new key and stays what it was; nothing that may be needed is ever destroyed."""

import base64
import secrets

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.access.gate import open_trail
from accounts.audit.models import AuditRow
from accounts.audit.verification import verify as verify_audit
from accounts.authentication.second_factor import held_by
from accounts.documents.models import Document
from accounts.documents.queries import document_content
from accounts.documents.store import _path
from accounts.kernel.clock import now
from accounts.kernel.crypto import Purpose, Unreadable, is_signed, key_number
from accounts.kernel.data_keys import DataKey, KeyRotation
from accounts.kernel.fields import SealedColumn
from accounts.kernel.keyring import count_uses, forget_keys, public_keys, ring, sign
from accounts.people.commands import register_person
from accounts.people.models import OrganisationLink, Person
from accounts.people.queries import find_people
from accounts.safekeeping import rotation
from accounts.safekeeping.rotation import USES_ALARM, RotationFailed, destroy, rotate, verify
from accounts.safekeeping.tables import SecondFactors, sealed_tables
from fhir_bridge.projection.refresh import differences, refresh_all
from fhir_bridge.repository.models import ResourceVersion, TokenRow
from ppa.plans.models import TopicText
from tests.factories import accounts, directives, people, plans, whole_story

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]


@pytest.fixture
def story():
    told = whole_story.told()
    accounts.account()
    list(refresh_all())
    return told


@pytest.fixture
def document():
    nurse = people.actor(people.Role.NURSE)
    directive_id = directives.directive(people.person(nurse), nurse)
    return Document.objects.get(pk=directives.file_of(directive_id))


def sealed_columns(purpose=Purpose.FIELDS):
    return [
        (model, column)
        for model in apps.get_models()
        for column in model._meta.local_concrete_fields
        if isinstance(column, SealedColumn) and column.purpose == purpose
    ]


def values():
    """Return every value that people or partners read, by column and row."""
    return {
        (str(column), row.pk): getattr(row, column.attname)
        for model, column in sealed_columns()
        if column.attname not in ("body", "fingerprint")
        for row in model._default_manager.all()
    }


def versions():
    """Return what a command would change of every aggregate."""
    return {
        (model._meta.label, row["pk"]): row
        for model in apps.get_models()
        if {"version", "updated_at"} <= {field.name for field in model._meta.local_concrete_fields}
        for row in model._default_manager.values("pk", "version", "updated_at")
    }


def keys_in_use(purpose=Purpose.FIELDS):
    return {
        key_number(sealed)
        for model, column in sealed_columns(purpose)
        for row in model._default_manager.all()
        if (sealed := column.sealed_bytes(row))
    }


def retire_long_ago():
    DataKey.objects.exclude(retired_at=None).update(retired_at=DataKey.objects.get(number=1).created_at.replace(2020))


def test_every_sealed_value_moves_and_nothing_else_changes(story):
    former, before, stamped, unlike = ring(Purpose.FIELDS).active, values(), versions(), list(differences())
    done = rotate(Purpose.FIELDS)
    assert done.number != former
    assert done.done == done.total > 50
    assert keys_in_use() == {done.number}
    assert (values(), versions()) == (before, stamped)
    assert verify(Purpose.FIELDS) >= sum(value is not None for value in before.values())
    assert list(differences()) == unlike
    assert verify_audit().faults == []
    deeds = AuditRow.objects.filter(object_type="data_key").order_by("id").values_list("action", "rule")
    assert list(deeds) == [("key.activated", f"key {done.number}"), ("key.rotated", f"key {done.number}")]


def test_second_factors_move_too():
    accounts.account()
    [factor] = [row for row in SecondFactors()._rows() if "secret" in row.data]
    former = factor.data["secret"]
    rotate(Purpose.FIELDS)
    factor.refresh_from_db()
    assert factor.data["secret"] != former
    with held_by(factor.user):
        assert factor.wrap().validate_code(accounts.present_code())


def test_rows_that_are_written_once_move_in_a_rotation_and_change_in_no_other_way():
    plans.written(plans.team())
    row = TopicText.objects.order_by("pk").first()
    [column] = [column for model, column in sealed_columns() if model is TopicText]
    sealed = column.sealed_bytes(row)
    for forged in (_turned(sealed), b""):
        with pytest.raises(DatabaseError, match="append-only"):
            _set(row, "text", forged)
    rotate(Purpose.FIELDS)
    moved = column.sealed_bytes(TopicText.objects.get(pk=row.pk))
    assert key_number(moved) == ring(Purpose.FIELDS).active
    for forged in (sealed, _turned(moved), moved + b"x"):
        with pytest.raises(DatabaseError, match="append-only"):
            _set(row, "text", forged)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        TopicText.objects.filter(pk=row.pk).update(created_at=now())


def test_a_retired_value_of_a_row_written_once_moves_alone_and_at_its_length():
    plans.written(plans.team())
    row = TopicText.objects.order_by("pk").first()
    [column] = [column for model, column in sealed_columns() if model is TopicText]
    sealed = column.sealed_bytes(row)
    rotation._activate(rotation._begun(Purpose.FIELDS))
    moved = ring(Purpose.FIELDS).reseal(sealed, bound_to=column.place(row))
    with pytest.raises(DatabaseError, match="append-only"):
        _set(row, "text", moved + b"x")
    with pytest.raises(DatabaseError, match="append-only"):
        _set(row, "text", moved, also=', "created_at" = NULL')
    _set(row, "text", moved)
    assert TopicText.objects.get(pk=row.pk).text == row.text


def _turned(sealed):
    return sealed[:-1] + bytes([sealed[-1] ^ 1])


def _set(row, column, value, *, also=""):
    statement = f'UPDATE "{row._meta.db_table}" SET "{column}" = %s{also} WHERE id = %s'  # noqa: S608 (a test names its own columns)
    with transaction.atomic(), connection.cursor() as cursor:
        key = row._meta.pk.get_db_prep_value(row.pk, connection)
        cursor.execute(statement, [connection.Database.Binary(value), key])


def test_a_stopped_rotation_goes_on_with_the_same_key(document, monkeypatch):
    monkeypatch.setattr("accounts.safekeeping.tables.BATCH", 1)

    def stop(done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(Purpose.FIELDS, tell=stop)
    begun = KeyRotation.objects.get()
    assert begun.done == 3
    assert len(keys_in_use()) == 2
    done = rotate(Purpose.FIELDS)
    assert (done.number, done.done) == (begun.number, done.total)
    assert keys_in_use() == {begun.number}


def test_what_changed_since_it_was_read_is_not_written_over(monkeypatch):
    person = Person.objects.get(pk=people.person(people.actor(people.Role.NURSE)))
    [table] = [table for table in sealed_tables(Purpose.FIELDS) if table.name == "accounts.Person"]
    former = ring(Purpose.FIELDS).active
    rotation._activate(rotation._begun(Purpose.FIELDS))
    values, took = table._values, iter([True, False])

    def changed_since(*given, **kept):
        read = list(values(*given, **kept))
        if next(took):
            person.birth_name = "CANARINEUF"
            person.save()
        return iter(read)

    monkeypatch.setattr(table, "_values", changed_since)
    moved = table.move([former], after="", note=lambda moved: None)
    assert (moved.rows, moved.left) == (0, 1)
    person.refresh_from_db()
    assert person.birth_name == "CANARINEUF"
    moved = table.move([former], after="", note=lambda moved: None)
    assert (moved.rows, moved.left) == (1, 0)
    person.refresh_from_db()
    assert person.birth_name == "CANARINEUF"


def test_a_value_that_was_moved_elsewhere_is_named_and_keeps_its_key_from_being_destroyed():
    nurse = people.actor(people.Role.NURSE)
    first, second = (Person.objects.get(pk=people.person(nurse)) for _ in range(2))
    _set(second, "birth_name", Person._meta.get_field("birth_name").sealed_bytes(first))
    former = ring(Purpose.FIELDS).active
    with pytest.raises(
        RotationFailed, match=f"1 values do not open, the first: accounts.Person.birth_name {second.pk}"
    ):
        rotate(Purpose.FIELDS)
    with pytest.raises(RotationFailed, match="1 of"):
        verify(Purpose.FIELDS)
    retire_long_ago()
    with pytest.raises(RotationFailed, match="under way"):
        destroy(former)


def test_people_are_found_before_during_and_after_a_change_of_the_index_key(story):
    tokens = set(TokenRow.objects.values_list("token", flat=True))
    qualified = bytes(Person.objects.get(pk=story.person_id).qualified_token)

    def found():
        with open_trail():
            by_name = [line.id for line in find_people(story.birth_name, actor=story.physician)]
            return by_name, [line.id for line in find_people(story.ins, actor=story.physician)]

    seen = []
    rotate(Purpose.INDEX, tell=lambda done, total: seen.append(found()))
    assert set(map(str, seen)) == {str(([story.person_id], [story.person_id]))}
    assert found() == seen[0]
    assert tokens.isdisjoint(TokenRow.objects.values_list("token", flat=True))
    assert qualified != bytes(Person.objects.get(pk=story.person_id).qualified_token)
    assert verify(Purpose.INDEX) > 10


def test_the_store_does_not_take_a_new_index_key_for_new_versions(story):
    unlike, kept = list(differences()), ResourceVersion.objects.count()
    begun = rotation._begun(Purpose.INDEX)
    list(refresh_all())
    assert list(differences()) == unlike
    rotation._make_indexes_again(begun, lambda done, total: None)
    list(refresh_all())
    assert (list(differences()), ResourceVersion.objects.count()) == (unlike, kept)


def test_a_qualified_identity_is_one_person_while_the_index_key_changes():
    nurse = people.actor(people.Role.NURSE)
    known = people.registration()
    person_id = register_person(known, by=nurse).id
    rotation._begun(Purpose.INDEX)
    assert register_person(known, by=nurse).id == person_id


def test_an_index_of_another_value_is_named():
    person_id = people.person(people.actor(people.Role.NURSE), ipp="123", ipp_system="urn:oid:1.2.3")
    other = OrganisationLink.objects.get(person_id=person_id)
    assert verify(Purpose.INDEX) > 0
    OrganisationLink.objects.filter(pk=other.pk).update(ipp_token=secrets.token_bytes(16))
    with pytest.raises(RotationFailed, match=f"accounts.OrganisationLink {other.pk}"):
        verify(Purpose.INDEX)


def test_a_key_is_destroyed_only_when_nothing_needs_it(document):
    fields, signature = ring(Purpose.FIELDS).active, ring(Purpose.SIGNATURE).active
    sealed = bytes(Document.objects.values_list("title", flat=True).first().raw)
    for purpose in (Purpose.FIELDS, Purpose.SIGNATURE, Purpose.AUDIT):
        rotate(purpose)
    for number, reason in ((fields, "minutes ago"), (ring(Purpose.FIELDS).active, "retired"), (999, "retired")):
        with pytest.raises(RotationFailed, match=reason):
            destroy(number)
    retire_long_ago()
    with pytest.raises(RotationFailed, match="still checked"):
        destroy(signature)
    _set(document, "title", sealed)
    with pytest.raises(RotationFailed, match="1 rows are still under this key"):
        destroy(fields)
    rotate(Purpose.FIELDS)
    retire_long_ago()
    destroy(fields)
    assert bytes(DataKey.objects.get(number=fields).wrapped) == b""
    assert fields not in ring(Purpose.FIELDS)
    assert verify_audit().faults == []


def test_what_a_retired_key_signed_is_still_checked():
    before = sign(b"point")
    rotate(Purpose.SIGNATURE)
    assert is_signed(b"point", before, public_keys())
    assert is_signed(b"point", sign(b"point"), public_keys())
    assert sign(b"point")[:2] != before[:2]


def test_the_keys_of_files_move_and_the_files_stay(document):
    before = on_disk(document)
    done = rotate(Purpose.FILES)
    assert keys_in_use(Purpose.FILES) == {done.number}
    assert on_disk(document) == before
    assert document_content(document.pk) == directives.PDF
    assert verify(Purpose.FILES) == 2 * Document.objects.count()


def on_disk(document):
    return _path(document).read_bytes()


def test_the_data_keys_are_wrapped_again_by_a_new_master_key(settings, tmp_path):
    former = settings.MASTER_KEY_FILE.read_text()
    nurse = people.actor(people.Role.NURSE)
    person_id = people.person(nurse)
    settings.MASTER_KEY_FILE = tmp_path / "master.key"
    present = base64.b64encode(secrets.token_bytes(32)).decode()
    settings.MASTER_KEY_FILE.write_text(f"{present}\n{former}\n")
    call_command("rotate_keys", purpose="master", verbosity=0)
    settings.MASTER_KEY_FILE.write_text(present)
    forget_keys()
    assert Person.objects.get(pk=person_id).birth_name
    settings.MASTER_KEY_FILE.write_text(former)
    forget_keys()
    with pytest.raises(Unreadable):
        _ = Person.objects.get(pk=person_id).birth_name


def test_a_key_counts_its_uses_and_says_when_it_was_used_too_often(capsys):
    number = ring(Purpose.FIELDS).active
    count_uses()
    before = DataKey.objects.get(number=number).uses
    people.person(people.actor(people.Role.NURSE))
    count_uses()
    assert DataKey.objects.get(number=number).uses >= before + 8
    call_command("rotate_keys", status=True)
    assert "ROTATE NOW" not in capsys.readouterr().out
    DataKey.objects.filter(number=number).update(uses=USES_ALARM)
    call_command("rotate_keys", status=True)
    assert "ROTATE NOW" in capsys.readouterr().out


def test_the_command_rotates_verifies_and_says_what_does_not_hold(document, capsys):
    call_command("rotate_keys", verbosity=0)
    assert capsys.readouterr().out.count(": key ") == len(Purpose)
    call_command("rotate_keys", verify=True, verbosity=0)
    assert capsys.readouterr().out.count("hold.") == len(Purpose)
    with pytest.raises(CommandError, match="minutes ago"):
        call_command("rotate_keys", destroy=1, verbosity=0)
