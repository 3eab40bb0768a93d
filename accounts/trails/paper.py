"""The access list as a paper that a person takes home."""

from accounts.kernel.clock import PARIS
from accounts.kernel.paper import REPLACEMENT, made_pdf, printable
from accounts.kernel.written_days import written_day
from accounts.people.records import PersonSnapshot
from accounts.people.states import Sex
from accounts.trails.records import Access, AccessList
from accounts.trails.rules import day_of


def access_list_pdf(found: AccessList, person: PersonSnapshot) -> bytes:
    """Return the PDF of a person's access list; the same list gives the same bytes."""
    traits = person.traits
    born = "née" if traits.sex == Sex.FEMALE else "né" if traits.sex == Sex.MALE else "né(e)"
    shown = {
        "name": printable(person.display_name),
        "born": f"{born} le {written_day(traits.birth_date)}",
        "since": written_day(found.since),
        "until": written_day(day_of(found.until)),
        "date": day_of(found.until).isoformat(),
        "emergencies": found.emergencies,
        "is_cut": found.is_cut,
        "lines": [_line(line) for line in found.lines],
    }
    shown["replaced"] = REPLACEMENT in str(shown)
    return made_pdf("accounts/trails/accesses.typ", {"list": shown}, at=found.until)


def _line(line: Access) -> dict[str, object]:
    first, last = (at.astimezone(PARIS).strftime("%H h %M") for at in (line.first, line.last))
    return {
        "day": written_day(line.day),
        "hours": first if first == last else f"de {first} à {last}",
        "times": line.times,
        "who": printable(line.who),
        "function": line.function,
        "organisation": printable(line.organisation),
        "what": line.what,
        "quality": line.quality,
        "is_emergency": line.is_emergency,
    }
