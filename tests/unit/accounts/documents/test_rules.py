"""Files: told by their content, refused when they run something, named by us."""

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from accounts.documents import rules
from accounts.documents.forms import NewFileField
from accounts.documents.records import NewFile
from tests.factories.directives import paper

PDF = paper()
PNG = b"\x89PNG\r\n\x1a\n...."
JPEG = b"\xff\xd8\xff\xe0...."


@pytest.mark.parametrize(("content", "kind"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")])
def test_the_kind_is_told_by_the_first_bytes(content, kind):
    assert rules.content_type_of(content) == kind
    rules.check_file(NewFile(title="Essai", content=content, content_type=kind))


@given(st.binary(max_size=40).filter(lambda raw: not raw.startswith((PDF[:5], PNG[:8], JPEG[:3]))))
def test_anything_else_is_refused(content):
    with pytest.raises(rules.FileKindRefused):
        rules.content_type_of(content)


@pytest.mark.parametrize(
    ("file", "refusal"),
    [
        (NewFile(title="Essai", content=b"", content_type="application/pdf"), rules.FileEmpty),
        (NewFile(title="Essai", content=PNG, content_type="application/pdf"), rules.FileKindRefused),
        (
            NewFile(title="Essai", content=PDF + bytes(rules.MOST_BYTES), content_type="application/pdf"),
            rules.FileTooLarge,
        ),
    ],
)
def test_a_file_that_may_not_be_kept_is_refused(file, refusal):
    with pytest.raises(refusal):
        rules.check_file(file)


def test_the_field_keeps_neither_the_name_nor_the_type_that_the_browser_sends():
    sent = SimpleUploadedFile("../../CANARIVAUX.exe", PDF, content_type="text/html")
    kept = NewFileField(title="Directives anticipées").clean(sent)
    assert kept == NewFile(
        title="Directives anticipées", content=PDF, content_type="application/pdf", is_inspected=True
    )


def test_the_field_says_why_a_file_is_refused_and_takes_none_when_it_is_optional():
    with pytest.raises(forms.ValidationError) as refused:
        NewFileField(title="Essai").clean(SimpleUploadedFile("essai.pdf", b"MZ"))
    assert refused.value.messages == [rules.FileKindRefused.text]
    assert NewFileField(title="Essai", required=False).clean(None) is None
