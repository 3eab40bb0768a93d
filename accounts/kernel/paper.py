"""Papers: tagged PDF/A made by typst from values, the same bytes for the same values.

Texts go to typst as values, never as markup. A character that no font of ours has would be
refused by PDF/A: it is replaced by a sign that each paper explains.
"""

import json
import re
import unicodedata
from bisect import bisect_right
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import typst
from django.conf import settings

REPLACEMENT: Final = "▯"
LONGEST_WORD, BREAK_EVERY = 30, 12
_ENDLESS_WORD = re.compile(rf"\S{{{LONGEST_WORD},}}")
_PIECE = re.compile(rf"\S{{{BREAK_EVERY}}}")


def made_pdf(template: str, values: dict[str, Any], *, at: datetime) -> bytes:
    """Return the PDF/A-3a, PDF/UA-1 of a typst file under `templates/`; each value reaches it as JSON in `sys.inputs`."""
    root = Path(settings.BASE_DIR) / "templates"
    compiler = typst.Compiler(str(root / template), root=str(root), font_paths=_fonts())
    made = compiler.compile(
        format="pdf",
        sys_inputs={name: json.dumps(value, ensure_ascii=False) for name, value in values.items()},
        pdf_standards=["a-3a", "ua-1"],
        timestamp=at.astimezone(UTC).replace(microsecond=0),
    )
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single file.")
    return made


def printable(text: str) -> str:
    """Return a text that our fonts can show: what they lack becomes « ▯ », invisible signs go, endless words may break."""
    kept = "".join(_printable(sign) for sign in unicodedata.normalize("NFC", text.replace("\r\n", "\n")))
    return _ENDLESS_WORD.sub(lambda word: _PIECE.sub(lambda piece: f"{piece[0]}\u200b", word[0]), kept)


def _printable(sign: str) -> str:
    if sign in "\n\t":
        return sign
    if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Mn", "Me", "Mc", "Zl", "Zp"}:
        return ""
    first, last = _ranges()
    place = bisect_right(first, ord(sign)) - 1
    return sign if place >= 0 and ord(sign) <= last[place] else REPLACEMENT


@cache
def _ranges() -> tuple[list[int], list[int]]:
    """Return where the ranges of characters that our fonts have begin and end."""
    lines = files(__package__).joinpath("printable.txt").read_text("ascii").split()
    pairs = [line.split("-") for line in lines]
    return [int(first, 16) for first, _ in pairs], [int(last, 16) for _, last in pairs]


@cache
def _fonts() -> typst.Fonts:
    package = find_spec("font_source_sans_pro")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("The font of the papers is not installed.")
    folder = Path(package.submodule_search_locations[0]) / "files"
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder)])
