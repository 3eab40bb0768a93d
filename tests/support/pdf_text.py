"""What a PDF of ours says, page by page: the text of each page, with the spaces that were printed."""

import re
from io import BytesIO

import pikepdf

_PAIR = re.compile(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_RANGE = re.compile(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_BLOCK = re.compile(r"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)


def pages_of(content: bytes) -> list[str]:
    """Return the text of each page, in the order in which it is drawn; a line ends where the text is moved."""
    with pikepdf.open(BytesIO(content)) as pdf:
        return [_text(page) for page in pdf.pages]


def _text(page: pikepdf.Page) -> str:
    fonts = {name: _signs(font) for name, font in page.resources.get("/Font", {}).items()}
    said: list[str] = []
    signs: dict[int, str] = {}
    spans: list[bool] = []
    for drawn in pikepdf.parse_content_stream(page):
        operands = drawn.operands
        match str(drawn.operator):
            case "Tf":
                signs = fonts[str(operands[0])]
            case "BDC" | "BMC":
                spoken = operands[1].get("/ActualText") if len(operands) > 1 and hasattr(operands[1], "get") else None
                if spoken is not None:
                    said.append(str(spoken))
                spans.append(spoken is not None)
            case "EMC":
                spans.pop()
            case "Td" | "Tm" | "T*":
                said.append("\n")
            case "Tj" | "TJ" if not any(spans):
                shown = operands[0] if str(drawn.operator) == "TJ" else operands
                said += [_read(bytes(part), signs) for part in shown if isinstance(part, pikepdf.String)]
            case _:
                pass
    return re.sub(r"\n+", "\n", "".join(said))


def _read(shown: bytes, signs: dict[int, str]) -> str:
    codes = (int.from_bytes(shown[at : at + 2], "big") for at in range(0, len(shown), 2))
    return "".join(signs.get(code, "\ufffd") for code in codes)


def _signs(font: pikepdf.Object) -> dict[int, str]:
    """Return what each glyph of a font stands for, as the font itself tells (ToUnicode)."""
    table = font["/ToUnicode"].read_bytes().decode("ascii")
    found: dict[int, str] = {}
    for kind, lines in _BLOCK.findall(table):
        if kind == "bfchar":
            found |= {int(code, 16): _unicode(text) for code, text in _PAIR.findall(lines)}
        else:
            for first, last, text in _RANGE.findall(lines):
                start = int(text, 16)
                found |= {
                    int(first, 16) + step: chr(start + step) for step in range(int(last, 16) - int(first, 16) + 1)
                }
    return found


def _unicode(text: str) -> str:
    return bytes.fromhex(text).decode("utf-16-be")
