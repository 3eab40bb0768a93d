"""The notices that are read to a person before she agrees or refuses: one text a version, kept for ever.

Source: L.1110-4 and D.1110-3-1 CSP: what is shared, with whom, by which means, how it is protected, the right to object.
"""

from functools import cache
from importlib.resources import files

from accounts.kernel.errors import DomainError


class NoticeUnknown(DomainError):
    """An agreement names a notice that nobody was ever read."""

    code = "notice-unknown"
    text = "La note d’information de cet accord n’existe pas. Rechargez la page, puis recommencez."


@cache
def notice_text(version: str) -> tuple[str, ...]:
    """Return the paragraphs of a notice; raise `NoticeUnknown` when there is no such version."""
    found = files("accounts.access").joinpath("notice_texts", f"{version}.txt")
    if not version.replace("-", "").isalnum() or not found.is_file():
        raise NoticeUnknown
    return tuple(part.strip() for part in found.read_text("utf-8").split("\n\n") if part.strip())


def check_notice(version: str) -> None:
    """Raise `NoticeUnknown` unless the notice exists."""
    notice_text(version)
