"""The letter that tells a person that her file was opened in an emergency."""

from datetime import datetime
from typing import Any

from accounts.break_glass.records import Letter
from accounts.kernel.clock import PARIS
from accounts.kernel.paper import REPLACEMENT, made_pdf, printable
from accounts.kernel.written_days import written_day
from accounts.people.phones import phone
from accounts.people.states import Sex

SALUTATIONS = {Sex.FEMALE: "Madame", Sex.MALE: "Monsieur", Sex.UNKNOWN: "Madame, Monsieur"}


def letter_pdf(letter: Letter) -> bytes:
    """Return the PDF of a letter, laid out for a window envelope; the same letter gives the same bytes."""
    notice = letter.notice
    opened_at = notice.opened_at.astimezone(PARIS)
    shown: dict[str, Any] = {
        "sender": printable(letter.sender),
        "phone": phone(letter.sender_phone) if letter.sender_phone else "",
        "to": [printable(part) for part in (notice.person_name, letter.street, letter.town) if part],
        "salutation": SALUTATIONS[letter.sex],
        "written_on": written_day(letter.written_on),
        "date": letter.written_on.isoformat(),
        "day": written_day(opened_at.date()),
        "hour": _hour(opened_at),
        "until": _hour(letter.ended_at.astimezone(PARIS)),
        "by_whom": printable(notice.by_whom),
        "reason": notice.reason_label,
        "consulted": [printable(label) for label in letter.consulted],
        "reference": notice.reference,
    }
    shown["replaced"] = REPLACEMENT in str(shown)
    at = datetime.combine(letter.written_on, notice.opened_at.timetz())
    return made_pdf("accounts/break_glass/letter.typ", {"letter": shown}, at=at)


def _hour(at: datetime) -> str:
    return at.strftime("%H h %M")
