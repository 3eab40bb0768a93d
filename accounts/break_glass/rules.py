"""When the glass may be broken, for how long, and what one field means, pure. Source: security.md §3.4."""

import re
import secrets
from datetime import date, datetime, timedelta

from accounts.access.permissions import Permission
from accounts.access.rules import MATRIX
from accounts.break_glass.records import Finding, Wanted
from accounts.kernel.errors import DomainError
from accounts.people.rules import whole_ins

LASTS = timedelta(hours=4)
REVIEWED_WITHIN = timedelta(days=7)
TOLD_WITHIN = timedelta(hours=24)
FINDING_LASTS = timedelta(minutes=15)
SHORTEST_EXPLANATION = 20
MOST_AN_HOUR, MOST_A_DAY = 10, 60
SEARCHES_A_MINUTE, SEARCHES_A_DAY = 20, 200
MOST_FOUND = 5
TELLERS = frozenset(role for role, permission in MATRIX if permission == Permission.BREAK_GLASS_TELL_PERSON)
"""The functions in which somebody may tell a person that her file was opened."""
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_DATE = re.compile(r"\b(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})\b|\b(\d{2})(\d{2})((?:19|20)\d{2})\b")
_POLITE = frozenset({"né", "née", "nee", "le", "mme", "mr", "madame", "monsieur", "mlle", "dr"})
_PHONE = re.compile(r"\+?\d{9,14}")


class NothingToSearch(DomainError):
    """The field holds no whole identity."""

    code = "emergency-search-incomplete"
    text = "Tapez un numéro de téléphone entier, ou le nom et la date de naissance (jj/mm/aaaa), ou les 15 caractères du matricule INS."


class TooManySearches(DomainError):
    """Searching by exact identity is limited: it must not become a way to try numbers."""

    code = "emergency-search-too-often"
    text = "Trop de recherches en peu de temps. Attendez une minute, puis recommencez."
    status = 429
    issue = "throttled"


class FindingOver(DomainError):
    """Opening rests on a search that this person has just made."""

    code = "break-glass-finding-over"
    text = "Cette recherche date de plus de quinze minutes. Recherchez de nouveau la personne."


class ExplanationTooShort(DomainError):
    """Twenty characters at least say why."""

    code = "break-glass-explanation-short"
    text = "Dites en quelques mots pourquoi : vingt caractères au moins."


class IdentityNotConfirmed(DomainError):
    """A number is not an identity: who is on the line says the name and the birth date."""

    code = "break-glass-identity-unconfirmed"
    text = "Vérifiez avec l’appelant le nom et la date de naissance, puis cochez la case."


class TooManyOpenings(DomainError):
    """Ten an hour and sixty a day for one person."""

    code = "break-glass-too-many"
    text = "Vous avez atteint la limite des accès d’urgence (10 par heure, 60 par jour). Faites ouvrir le dossier par un confrère ; votre référent est prévenu par la revue des accès."
    status = 429
    issue = "throttled"


class AccessOver(DomainError):
    """Four hours have passed, or the opener ended it."""

    code = "break-glass-over"
    text = "Cet accès d’urgence est terminé. Si l’urgence dure, recherchez de nouveau la personne et ouvrez un autre accès."
    status = 403
    issue = "forbidden"


class OwnReview(DomainError):
    """Nobody reviews what he opened himself."""

    code = "break-glass-own-review"
    text = "Vous avez ouvert vous-même cet accès : une autre personne doit le revoir."
    status = 403
    issue = "forbidden"


class CommentMissing(DomainError):
    """A verdict says why."""

    code = "break-glass-comment-missing"
    text = "Dites en une phrase sur quoi repose votre avis."


class ToldTooEarly(DomainError):
    """Nobody is told before the fact, nor tomorrow."""

    code = "emergency-notice-date"
    text = "La date doit être comprise entre le jour de l’accès et aujourd’hui."


def read_wanted(text: str) -> Wanted:
    """Return what one field asks for; raises `NothingToSearch` unless it holds a whole identity.

    A phone in any writing, a name with a birth date in any order, or an INS with or without spaces.
    """
    if number := whole_ins(text):
        return Wanted(ins=number)
    bare = re.sub(r"[\s.\-/()]", "", text)
    if _PHONE.fullmatch(bare):
        return Wanted(phone=bare)
    found = _DATE.search(text)
    words = tuple(word for word in re.findall(r"[^\W\d_]{2,}", text) if word.casefold() not in _POLITE)
    if not found or not words:
        raise NothingToSearch(field="q")
    return Wanted(words=words, birth_date=_day(found))


def _day(found: re.Match[str]) -> date:
    day, month, year = (part for part in found.groups() if part)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise NothingToSearch(field="q") from None


def check_explanation(explanation: str) -> str:
    """Return an explanation, its blanks single; raises `ExplanationTooShort`."""
    text = " ".join(explanation.split())
    if len(text) < SHORTEST_EXPLANATION:
        raise ExplanationTooShort(field="explanation")
    return text


def check_finding(finding: Finding, at: datetime) -> None:
    """Raise `FindingOver` when a search is too old to rest on."""
    if not timedelta(0) <= at - finding.at <= FINDING_LASTS:
        raise FindingOver


def check_openings(*, last_hour: int, last_day: int) -> None:
    """Raise `TooManyOpenings` when one more would pass the limits."""
    if last_hour >= MOST_AN_HOUR or last_day >= MOST_A_DAY:
        raise TooManyOpenings


def check_searches(*, last_minute: int, last_day: int) -> None:
    """Raise `TooManySearches` when one more would pass the limits."""
    if last_minute >= SEARCHES_A_MINUTE or last_day >= SEARCHES_A_DAY:
        raise TooManySearches


class NobodyToTell(DomainError):
    """Nothing is sent to a person who died."""

    code = "notice-after-death"
    text = "Cette personne est décédée : elle n’est plus à prévenir de cet accès, et aucun courrier ne part à son nom."
    status = 409
    issue = "conflict"


def check_alive(died_on: date | None) -> None:
    """Raise `NobodyToTell` when the person has died."""
    if died_on is not None:
        raise NobodyToTell


def check_told(told_on: date, *, opened_on: date, today: date) -> None:
    """Raise `ToldTooEarly` unless the person was told after the access and not in the future."""
    if not opened_on <= told_on <= today:
        raise ToldTooEarly(field="told_on")


def new_reference() -> str:
    """Return a reference that can be read out on the phone: it tells nothing, and nothing follows from it."""
    return f"BG-{_group()}-{_group()}"


def _group() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(4))
