"""By what words a text speaks of a subject: sentences to be read by a person, never a conclusion."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from ppa.directives.rules import COMFORT
from ppa.directives.states import (
    DEEP_SEDATION,
    DIALYSIS,
    LIFE_SUPPORT,
    NUTRITION,
    RESUSCITATION,
    SURGERY,
    VENTILATION,
)

WORDS: Final = {
    RESUSCITATION: r"réanim|massage cardiaque|défibrill",
    VENTILATION: r"intub|ventilation|respirateur|assistance respiratoire|trachéo",
    NUTRITION: r"(?:nutrition|alimentation|hydratation)s? artificielle|sonde gastrique|gastrostomie",
    DIALYSIS: r"dialys",
    SURGERY: r"chirurg|opération|\bopére",
    DEEP_SEDATION: r"sédati|\bêtre endormie?\b|\bl[’']endormir",
    COMFORT: r"confort (?:seul|unique|exclusi)|(?:\bque|seulement|uniquement|exclusivement) d(?:es |u |e )(?:soins de )?confort",
    LIFE_SUPPORT: r"acharnement|obstination|maint\w+ (?:artificiellement )?en vie|soins intensifs",
}
"""By what words a text speaks of a subject: a passage to read, never a conclusion. Ours, to be settled by the teams."""
_NO: Final = r"\b(?:pas|ni|sans|aucune?|jamais|non|refus\w*|évit\w*|ne)\b|\bn[’']"
REFUSES: Final = re.compile(_NO, re.IGNORECASE)
"""By what words a sentence says no: it goes well with comfort care alone. Ours, to be settled by the teams."""
_LIMITS: Final = re.compile(r"\b(?:sauf|seulement|uniquement|que si|à condition|sous réserve)\b", re.IGNORECASE)
_TURNS: Final = re.compile(r"\b(?:sauf|mais|sinon|oui|seulement|uniquement)\b", re.IGNORECASE)
"""By what words a sentence sets a limit, or turns from a no to a yes. Ours, to be settled by the teams."""
CUT: Final = " […] "
LONGEST_QUOTE: Final = 600
_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?]?")


def texts_of(content: dict[str, Any]) -> Iterator[str]:
    """Yield every text of a plan's content: topics, goals, then what to do in a crisis."""
    yield from (topic["text"] for topic in content["topics"])
    yield from (goal["text"] for need in content["needs"] for goal in need["goals"])
    yield from (crisis["response"] for crisis in content.get("crises", ()))


def passages_about(
    codes: Iterable[str],
    texts: Iterable[str],
    *,
    but: re.Pattern[str] | None = None,
    only: re.Pattern[str] | None = None,
) -> str:
    """Return the sentences that speak of any of some subjects, empty when none does.

    Those that match `but` are left out, and with `only` those that do not match it.
    """
    words = "|".join(WORDS[code] for code in codes if code in WORDS)
    if not words:
        return ""
    pattern = re.compile(words, re.IGNORECASE)
    found = [
        part
        for part in _sentences(texts)
        if pattern.search(part) and not (but and but.search(part)) and (only is None or only.search(part))
    ]
    return CUT.join(found)[:LONGEST_QUOTE]


@dataclass(frozen=True, slots=True)
class Told:
    """What one source says of one subject, quoted, and whether it may be a no, a yes, or either."""

    words: str
    no: bool
    yes: bool

    def may_differ_from(self, other: "Told") -> bool:
        """Tell whether a person should read both together: one may say no where the other says yes, in other words."""
        return self.words != other.words and ((self.no and other.yes) or (self.yes and other.no))

    def and_also(self, other: "Told") -> "Told":
        """Return both, said by the same source."""
        words = f"{self.words}{CUT}{other.words}"[:LONGEST_QUOTE]
        return Told(words, no=self.no or other.no, yes=self.yes or other.yes)


def told_in(texts: Iterable[str], words: str, *, refused_by: str = "") -> Told | None:
    """Return the sentences that speak of a subject by some words, `None` when none does.

    `refused_by`: the words by which a text says no to the subject without naming it.
    """
    speaks = re.compile(words, re.IGNORECASE)
    refuses = re.compile(refused_by, re.IGNORECASE) if refused_by else None
    plainly = re.compile(
        rf"(?:{_NO})[^:;\n]{{0,80}}?(?:{words})|(?:{words})[\w’']*\W+(?:[\w’']+\W+){{0,2}}(?:{_NO})", re.IGNORECASE
    )
    said, no, yes = [], False, False
    for part in _sentences(texts):
        if speaks.search(part):
            no = no or bool(REFUSES.search(part) or _LIMITS.search(part))
            yes = yes or bool(_TURNS.search(part)) or not plainly.search(part)
        elif refuses and refuses.search(part):
            no = True
        else:
            continue
        said.append(part)
    return Told(CUT.join(said)[:LONGEST_QUOTE], no=no, yes=yes) if said else None


def told_of(note: str, *, shown: str) -> Told:
    """Return what a note says of the subject that it stands beside, shown as `shown`."""
    refused, limited = REFUSES.search(note), _LIMITS.search(note)
    return Told(
        shown[:LONGEST_QUOTE], no=bool(refused or limited), yes=bool(limited or _TURNS.search(note)) or not refused
    )


def _sentences(texts: Iterable[str]) -> Iterator[str]:
    return (part.strip() for text in texts for part in _SENTENCE.findall(text))
