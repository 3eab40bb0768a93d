"""Files lie encrypted under keys of their own; one that was moved, cut or altered is never shown."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from accounts.documents.models import Document
from accounts.documents.queries import document_content
from accounts.documents.records import DocumentKind
from accounts.documents.rules import MOST_BYTES_OF_A_PERSON, NoRoomLeft, UploadsLimited
from accounts.documents.store import _former_path, _path, _place, contents, convert_former_files
from accounts.kernel.actor import Role
from accounts.kernel.crypto import Purpose, Unreadable, key_number
from accounts.kernel.fields import Sealed
from accounts.kernel.keyring import ring, seal
from tests.factories import directives, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse():
    return people.actor(Role.NURSE)


@pytest.fixture
def document(nurse):
    return kept(nurse)


def kept(nurse):
    directive_id = directives.directive(people.person(nurse), nurse)
    return Document.objects.get(pk=directives.file_of(directive_id))


def in_the_former_form(document):
    """Make a document what it was before files had keys of their own."""
    _path(document).unlink()
    sealed = seal(directives.PDF, bound_to=_place(document), purpose=Purpose.FILES)
    _former_path(document).write_bytes(sealed)
    Document.objects.filter(pk=document.pk).update(file_key=None)
    return Document.objects.get(pk=document.pk)


def test_a_kept_file_holds_nothing_in_clear_and_reads_as_it_was(document):
    assert directives.PDF[:16] not in _path(document).read_bytes()
    assert document_content(document.pk) == directives.PDF
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.new"))


def test_two_files_under_each_others_name_do_not_open(nurse, document):
    other = kept(nurse)
    first, second = _path(document), _path(other)
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)
    for one in (document, other):
        with pytest.raises(Unreadable):
            contents(one)


def test_the_sealed_key_of_another_file_opens_nothing(nurse, document):
    other = kept(nurse)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_document SET file_key = (SELECT file_key FROM accounts_document WHERE id = %s) WHERE id = %s",
            [Document._meta.pk.get_db_prep_value(one.pk, connection) for one in (other, document)],
        )
    with pytest.raises(Unreadable):
        document_content(document.pk)


def test_a_file_that_is_gone_or_not_the_one_that_was_kept_is_said_so(document):
    document.sha256 = hashlib.sha256(b"autre").hexdigest()
    document.save(update_fields=["sha256"])
    with pytest.raises(Unreadable, match="not the one"):
        document_content(document.pk)
    _path(document).unlink()
    with pytest.raises(Unreadable, match="gone"):
        document_content(document.pk)


def test_a_file_of_the_former_form_reads_and_is_converted_under_its_readers(document):
    former = in_the_former_form(document)
    assert document_content(former.pk) == directives.PDF
    assert convert_former_files() == 1
    assert not _former_path(former).exists()
    assert b"".join(contents(former)) == directives.PDF, "a reader that began before"
    assert document_content(document.pk) == directives.PDF
    assert convert_former_files() == 0


def test_a_conversion_that_was_cut_short_is_done_again(document):
    former = in_the_former_form(document)
    _path(former).write_bytes(b"half a file")
    assert convert_former_files() == 1
    assert document_content(former.pk) == directives.PDF


def test_the_key_of_a_file_is_sealed_by_the_ring_of_files(document):
    held = document.__dict__["file_key"]
    assert isinstance(held, Sealed)
    assert key_number(held.raw) == ring(Purpose.FILES).active


def cards(person_id, *, number, kind=DocumentKind.DIRECTIVES, size=1):
    for _ in range(number):
        Document.objects.create(
            person_id=person_id, kind=kind, title="Essai", content_type="application/pdf", size=size
        )


def test_a_person_s_file_takes_fifty_files_that_were_handed_in_and_our_own_papers_besides(nurse):
    person_id = people.person(nurse)
    cards(person_id, number=49)
    cards(person_id, number=2, kind=DocumentKind.PLAN)
    directives.directive(person_id, nurse)
    with pytest.raises(NoRoomLeft):
        directives.directive(person_id, nurse)


def test_a_person_s_file_takes_500_mebibytes(nurse):
    person_id = people.person(nurse)
    cards(person_id, number=1, size=MOST_BYTES_OF_A_PERSON)
    with pytest.raises(NoRoomLeft):
        directives.directive(person_id, nurse)
    directives.directive(people.person(nurse), nurse)


def test_one_account_hands_in_five_files_a_minute(nurse, settings, clock):
    settings.UPLOADS_PER_MINUTE = 5
    clock.move_to(clock.now.replace(second=1, microsecond=0) + timedelta(minutes=1))
    for _ in range(5):
        kept(nurse)
    with pytest.raises(UploadsLimited):
        kept(nurse)
    kept(people.actor(Role.NURSE))
    clock.forward(seconds=60)
    kept(nurse)
