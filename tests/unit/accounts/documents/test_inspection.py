"""Looking into files: what runs, hides or grows is refused; a photo comes back without what was written beside it."""

import zlib
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from accounts.documents.inspection import inspected
from accounts.documents.records import NewFile
from accounts.documents.rules import FileActive, FileKindRefused, FileTooLong, ImageTooLarge
from tests.factories.directives import paper


def script(**members: Any) -> Dictionary:
    return Dictionary({"/S": Name.JavaScript, "/JS": String("app.alert(1)"), **members})


def file(content, kind="application/pdf"):
    return NewFile(title="Essai", content=content, content_type=kind)


def pdf(change, **saving):
    made = BytesIO()
    with pikepdf.new() as paper:
        paper.add_blank_page()
        change(paper)
        paper.save(made, **saving)
    return made.getvalue()


def annotation(**members):
    def change(one):
        one.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Rect=[0, 0, 1, 1], **members)])

    return change


def root(name, value):
    return lambda one: one.Root.__setitem__(name, value)


def named_script(one):
    one.Root.Names = Dictionary(JavaScript=Dictionary(Names=["a", script()]))


def attached(one):
    one.attachments["a.exe"] = b"MZ"


def hidden_in_an_array(one):
    one.Root.Essai = Array([Array([Dictionary(A=script())])])


ACTIVE = {
    "script when opened": root("/OpenAction", script(**{"/Type": Name.Action})),
    "script without a type": root("/OpenAction", script()),
    "named script": named_script,
    "additional actions": root("/AA", Dictionary(WC=script())),
    "launch": annotation(Subtype=Name.Link, A=Dictionary(S=Name.Launch, F=String("calc.exe"))),
    "submit a form": annotation(Subtype=Name.Link, A=Dictionary(S=Name.SubmitForm, F=String("https://a.example"))),
    "import data": annotation(Subtype=Name.Link, A=Dictionary(S=Name.ImportData)),
    "another document": annotation(Subtype=Name.Link, A=Dictionary(S=Name.GoToR, F=String("\\\\a\\b.pdf"))),
    "unknown action": annotation(Subtype=Name.Link, A=Dictionary(Type=Name.Action, S=Name.Rendition)),
    "attached file": attached,
    "attached to the page": annotation(Subtype=Name.FileAttachment),
    "rich media": annotation(Subtype=Name.RichMedia),
    "film": annotation(Subtype=Name.Movie),
    "XFA form": root("/AcroForm", Dictionary(XFA=Array([]))),
    "deep inside": hidden_in_an_array,
}


@pytest.mark.parametrize("change", ACTIVE.values(), ids=ACTIVE)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "in object streams"])
def test_an_active_pdf_is_refused_wherever_it_hides(change, packed):
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    with pytest.raises(FileActive):
        inspected(file(pdf(change, object_stream_mode=mode)))


@pytest.mark.parametrize(
    "change",
    [
        lambda one: None,
        root("/OpenAction", Array([Name.Fit])),
        annotation(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("https://parlons-fin-de-vie.fr"))),
        annotation(Subtype=Name.Link, A=Dictionary(S=Name.GoTo, D=Array([Name.Fit]))),
    ],
    ids=["blank", "opens at a page", "a link", "an inner link"],
)
def test_a_plain_pdf_is_kept_as_it_came(change):
    content = pdf(change)
    assert inspected(file(content)).content == content


def test_a_locked_pdf_is_refused():
    for password in ("", "secret"):
        locked = pdf(lambda one: None, encryption=pikepdf.Encryption(owner="x", user=password))
        with pytest.raises(FileActive):
            inspected(file(locked))


def test_three_hundred_pages_and_no_more():
    assert inspected(file(paper(300))).is_inspected
    with pytest.raises(FileTooLong):
        inspected(file(paper(301)))


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n", b"%PDF-1.7 /JavaScript", b"%PDF-" + bytes(5000), b"%PDF-1.4\n%%EOF"]
)
def test_what_only_begins_like_a_pdf_is_refused(content):
    with pytest.raises(FileKindRefused):
        inspected(file(content))


@pytest.mark.parametrize("before", [b"\n", b"<html>", bytes(1000)])
def test_a_pdf_begins_with_its_first_byte(before):
    with pytest.raises(FileKindRefused):
        inspected(file(before + paper()))


def photo(kind, mode="RGB", size=(40, 20), **saving):
    made = BytesIO()
    Image.new(mode, size, 1).save(made, kind, **saving)
    return made.getvalue()


def with_exif():
    exif = Image.Exif()
    exif[0x010F] = "CANARIAPPAREIL"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    return photo("JPEG", exif=exif.tobytes(), comment=b"CANARICOMMENTAIRE")


def test_a_photo_is_kept_upright_without_what_the_camera_wrote():
    kept = inspected(file(with_exif(), "image/jpeg")).content
    assert b"CANARI" not in kept
    with Image.open(BytesIO(kept)) as shown:
        assert shown.size == (20, 40)
        assert not shown.getexif()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_picture_is_drawn_again_whatever_its_points(mode):
    kept = inspected(file(photo("PNG", mode) + b"CANARIQUEUE<script>", "image/png")).content
    assert b"CANARIQUEUE" not in kept
    with Image.open(BytesIO(kept)) as shown:
        assert shown.size == (40, 20)


def test_a_photo_in_four_colours_is_kept():
    with Image.open(BytesIO(inspected(file(photo("JPEG", "CMYK"), "image/jpeg")).content)) as shown:
        assert shown.mode == "RGB"


def test_what_is_inspected_once_is_not_drawn_again():
    once = inspected(file(photo("JPEG"), "image/jpeg"))
    assert inspected(once) is once


def chunk(kind, content):
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)


def declared(width, height):
    """Return a PNG that says its size and has hardly a point."""
    header = width.to_bytes(4) + height.to_bytes(4) + b"\x08\x02\x00\x00\x00"
    parts = (b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"\x00")), chunk(b"IEND", b""))
    return b"".join(parts)


@pytest.mark.parametrize("size", [(8000, 5001), (65_000, 65_000), (2_000_000_000, 2)])
def test_a_picture_of_too_many_points_is_refused_before_it_is_drawn(size):
    with pytest.raises(ImageTooLarge):
        inspected(file(declared(*size), "image/png"))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (declared(10, 10), "image/png"),
        (photo("JPEG")[:200], "image/jpeg"),
        (declared(0, 0), "image/png"),
    ],
)
def test_what_only_begins_like_a_picture_is_refused(content, kind):
    with pytest.raises(FileKindRefused):
        inspected(file(content, kind))
