"""By what words a text speaks of a subject: sentences to be read by a person, never a conclusion."""

import re
from collections.abc import Iterable, Iterator
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
REFUSES: Final = re.compile(r"\b(?:pas|ni|sans|aucune?|jamais|non|refus\w*|évit\w*|ne)\b|\bn[’']", re.IGNORECASE)
"""By what words a sentence says no: it goes well with comfort care alone. Ours, to be settled by the teams."""
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
    sentences = (part.strip() for text in texts for part in _SENTENCE.findall(text))
    found = [
        part
        for part in sentences
        if pattern.search(part) and not (but and but.search(part)) and (only is None or only.search(part))
    ]
    return " […] ".join(found)[:LONGEST_QUOTE]
