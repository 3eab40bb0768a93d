"""What an offer and a directory file must be, and how words are compared in a search."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from uuid import UUID

from accounts.kernel.errors import DomainError
from pathway.structures.records import Criteria, LineProblem

OLDEST = 130
LEVELS = frozenset({1, 2, 3})
_FINESS = re.compile(r"\d[\dAB]\d{7}")
_PHONE = re.compile(r"(?:\+33|0)\d{9}|\d{2,6}")


class StructureFileRefused(DomainError):
    """Some lines of a directory file cannot be kept, so none is. `problems` says which and why."""

    code = "structures-file-refused"
    text = "Rien n’a été importé. Lignes à corriger : {count}. Corrigez-les, puis envoyez le fichier à nouveau."

    def __init__(self, problems: Sequence[LineProblem]) -> None:
        super().__init__(field="file", count=len(problems))
        self.problems = tuple(problems)


class CriteriaWrong(DomainError):
    """The admission criteria contradict themselves."""

    code = "structures-criteria"
    text = "L’âge minimal dépasse l’âge maximal. Corrigez l’un des deux."


class ReferentElsewhere(DomainError):
    """A referent must work for the structure."""

    code = "structures-referent"
    text = "Cette personne ne travaille pas dans la structure. Choisissez un référent parmi ses membres."


def check_criteria(criteria: Criteria) -> None:
    """Raise `CriteriaWrong` when nobody could ever be admitted."""
    if criteria.min_age is not None and criteria.max_age is not None and criteria.min_age > criteria.max_age:
        raise CriteriaWrong(field="min_age")


def check_referents(chosen: Sequence[UUID | None], staff: Collection[UUID]) -> None:
    """Raise `ReferentElsewhere` unless each chosen referent works there."""
    for field, referent in zip(("medical_referent", "nursing_referent"), chosen, strict=True):
        if referent is not None and referent not in staff:
            raise ReferentElsewhere(field=field)


def is_finess(number: str) -> bool:
    """Tell whether a FINESS number has nine characters and a right key.

    Source: FINESS, Luhn key over nine digits; numbers of Corsica (2A, 2B) are taken without it.
    """
    if not _FINESS.fullmatch(number):
        return False
    return not number.isdigit() or has_luhn_key(number)


def has_luhn_key(number: str) -> bool:
    """Tell whether the last digit is the Luhn key of the others."""
    doubled = [int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0  # noqa: PLR2004 (Luhn adds the digits)


def is_phone(text: str) -> bool:
    """Tell whether a text is a French number, or a short one such as the 15."""
    return bool(_PHONE.fullmatch(re.sub(r"[ .]", "", text)))


def is_place(code: str) -> bool:
    """Tell whether a code looks like a commune's (five characters) or a département's (two or three)."""
    return len(code) in {2, 3, 5} and code.isascii() and code.isalnum() and code[0].isdigit()


def folded(text: str) -> str:
    """Return a text in lower case, without accents or punctuation: « Besançon » is found by "besancon"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.sub(r"[^a-z0-9]+", " ", "".join(c for c in plain if not unicodedata.combining(c))).split())
