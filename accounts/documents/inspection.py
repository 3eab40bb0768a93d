"""Looking into a file before it is kept: a PDF is opened and searched for active parts, a photo is made anew.

What comes back is what is kept. Nothing here writes or calls anything. Source: security reference §5.2.
"""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any, Final

import pikepdf
from PIL import Image, ImageOps

from accounts.documents.records import NewFile
from accounts.documents.rules import FileActive, FileKindRefused, FileTooLong, ImageTooLarge, check_file

MOST_PAGES: Final = 300
MOST_PIXELS: Final = 40_000_000
MOST_PDF_VALUES: Final = 400_000
JPEG_QUALITY: Final = 90

ACTIVE_KEYS: Final = frozenset(
    {"/JavaScript", "/JS", "/AA", "/Launch", "/EF", "/EmbeddedFiles", "/RichMediaContent", "/XFA", "/Collection"}
)
ACTIVE_KINDS: Final = frozenset({"/EmbeddedFile", "/Filespec"})
ACTIVE_SUBTYPES: Final = frozenset({"/RichMedia", "/FileAttachment", "/3D", "/Movie", "/Sound", "/Screen"})
HARMLESS_ACTIONS: Final = frozenset({"/GoTo", "/URI", "/Named"})
PILLOW_KINDS: Final = {"image/jpeg": "JPEG", "image/png": "PNG"}


def inspected(file: NewFile) -> NewFile:
    """Return the file to keep, looked into; one that was, or that we made, as it is. Raises what `rules` names."""
    check_file(file)
    if file.made_here or file.is_inspected:
        return file
    if file.content_type == "application/pdf":
        _check_pdf(file.content)
        return replace(file, is_inspected=True)
    made = replace(file, content=_made_anew(file), is_inspected=True)
    check_file(made)
    return made


def _check_pdf(content: bytes) -> None:
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                raise FileActive
            if len(pdf.pages) > MOST_PAGES:
                raise FileTooLong
            _check_values(pdf)
    except pikepdf.PasswordError:
        raise FileActive from None
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, RecursionError):
        raise FileKindRefused from None


def _check_values(pdf: pikepdf.Pdf) -> None:
    for number, value in enumerate(_dictionaries(pdf)):
        if number > MOST_PDF_VALUES or _is_active(value):
            raise FileActive


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Give every dictionary of a document, those inside others included; a value is given where it stands once."""
    for root in pdf.objects:
        stack = [root]
        while stack:
            value = stack.pop()
            if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
                yield value
                stack += [inner for inner in dict(value.items()).values() if not _stands_elsewhere(inner)]
            elif isinstance(value, pikepdf.Array):
                stack += [inner for inner in value if not _stands_elsewhere(inner)]


def _stands_elsewhere(value: Any) -> bool:
    return bool(getattr(value, "is_indirect", False))


def _is_active(value: Any) -> bool:
    keys = set(value.keys())
    if keys & ACTIVE_KEYS:
        return True
    kind, subtype, action = (_name(value, key) for key in ("/Type", "/Subtype", "/S"))
    if kind in ACTIVE_KINDS or subtype in ACTIVE_SUBTYPES:
        return True
    return (kind == "/Action" and action not in HARMLESS_ACTIONS) or action in {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/GoToR",
        "/GoToE",
    }


def _name(value: Any, key: str) -> str:
    found = value.get(key)
    return str(found) if isinstance(found, pikepdf.Name) else ""


def _made_anew(file: NewFile) -> bytes:
    """Return a photo drawn again from its points: upright, without what a camera or an author wrote beside them."""
    kind = PILLOW_KINDS[file.content_type]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(file.content), formats=[kind]) as sent:
                if sent.width * sent.height > MOST_PIXELS:
                    raise ImageTooLarge
                drawn = ImageOps.exif_transpose(sent)
                return _encoded(drawn, kind)
    except Image.DecompressionBombError:
        raise ImageTooLarge from None
    except (OSError, SyntaxError, ValueError, TypeError, EOFError, KeyError, IndexError, ZeroDivisionError):
        raise FileKindRefused from None


def _encoded(drawn: Image.Image, kind: str) -> bytes:
    modes = {"JPEG": {"L", "RGB"}, "PNG": {"1", "L", "LA", "P", "RGB", "RGBA"}}[kind]
    points = drawn if drawn.mode in modes else drawn.convert("RGB")
    bare = Image.new(points.mode, points.size)
    bare.paste(points)
    if points.mode == "P":
        bare.putpalette(points.getpalette() or [])
    made = BytesIO()
    bare.save(made, kind, **({"quality": JPEG_QUALITY} if kind == "JPEG" else {}))
    return made.getvalue()
