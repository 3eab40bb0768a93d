"""What proves a system, which scopes it gets and for how long, pure."""

import re
from collections.abc import Collection, Iterable
from datetime import timedelta
from functools import lru_cache

from accounts.kernel.errors import DomainError


class AssertionRefused(DomainError):
    """A system's proof of identity does not hold. The answer never says which part."""

    code = "client-assertion-refused"
    text = "L’identification de ce système n’est pas valable."
    status = 401
    issue = "login"


class AssertionReplayed(AssertionRefused):
    """A system's proof of identity has already served."""

    code = "client-assertion-replayed"


class ScopeRefused(DomainError):
    """None of the asked scopes is open to this system, or one cannot be read."""

    code = "scope-refused"
    text = "Aucune des portées demandées n’est ouverte à ce système."
    status = 400
    issue = "forbidden"


class KeysRefused(DomainError):
    """A system's key set cannot be registered."""

    code = "client-keys-refused"
    text = "Le jeu de clés doit contenir des clés publiques nommées (kid) : EC P-384, ou RSA de 2 048 bits au moins."


class KeysAddressRefused(KeysRefused):
    """The address of a system's keys is not one that the operator lets this service call."""

    code = "client-keys-address-refused"
    text = "Cette adresse de clés n’est pas autorisée : l’exploitant l’ajoute d’abord aux serveurs que ce service peut appeler (OUTBOUND_HOSTS)."


class AskAnswered(DomainError):
    """Somebody has answered a request for scopes before."""

    code = "scope-ask-answered"
    text = "Cette demande a déjà reçu une réponse. Rechargez la page."
    status = 409
    issue = "conflict"


class AskWaiting(DomainError):
    """A system has one request for scopes at a time."""

    code = "scope-ask-waiting"
    text = "Une demande attend déjà une réponse pour ce système. Répondez-y d’abord."
    status = 409
    issue = "conflict"


class LifetimeRefused(DomainError):
    """A token would last too long."""

    code = "token-lifetime-refused"
    text = "Cette durée de jeton est trop longue."


TOKEN_LIFETIME = timedelta(seconds=300)
LONGEST_CONSOLE_LIFETIME = timedelta(hours=24)
MOST_SCOPES = 60
_SCOPE = re.compile(r"system/([A-Z][A-Za-z]{1,63}|\*)\.(c?r?u?d?s?)")


def parse_scope(scope: str) -> tuple[str, str]:
    """Return the type ("*" for all) and the letters of a SMART v2 scope; raise `ScopeRefused` for anything else.

    Source: SMART App Launch 2.2.0: letters in the order "cruds". Restrictions by query are not offered.
    """
    match = _SCOPE.fullmatch(scope)
    if match is None or not match[2]:
        raise ScopeRefused
    return match[1], match[2]


def check_scopes(scopes: Collection[str]) -> None:
    """Raise `ScopeRefused` unless a list of scopes can be given to a system: some, each readable."""
    if not 0 < len(scopes) <= MOST_SCOPES:
        raise ScopeRefused
    for scope in scopes:
        parse_scope(scope)


@lru_cache(maxsize=1024)
def still_open(held: tuple[str, ...], allowed: tuple[str, ...]) -> frozenset[str]:
    """Return what is left of a token's scopes under those that its system may have now; empty when nothing is."""
    return frozenset().union(*(_open_part(scope, allowed) for scope in held))


def _open_part(scope: str, allowed: tuple[str, ...]) -> frozenset[str]:
    try:
        return frozenset(narrowed([scope], allowed))
    except ScopeRefused:
        return frozenset()


def narrowed(asked: Iterable[str], allowed: Iterable[str]) -> tuple[str, ...]:
    """Return what a system gets of the scopes it asks for: never more than it may have.

    A scope partly open comes back smaller. Raises `ScopeRefused` for one of which nothing is open.
    """
    open_to_it = [parse_scope(scope) for scope in allowed]
    granted: dict[str, set[str]] = {}
    for scope in asked:
        wanted_type, wanted = parse_scope(scope)
        part = _overlap(wanted_type, wanted, open_to_it)
        if not part:
            raise ScopeRefused
        for name, letters in part.items():
            granted.setdefault(name, set()).update(letters)
    if not granted:
        raise ScopeRefused
    return tuple(f"system/{name}.{''.join(x for x in 'cruds' if x in granted[name])}" for name in sorted(granted))


def _overlap(wanted_type: str, wanted: str, open_to_it: list[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, letters in open_to_it:
        common = set(wanted) & set(letters)
        if common and (name == wanted_type or "*" in (name, wanted_type)):
            found.setdefault(name if wanted_type == "*" else wanted_type, set()).update(common)
    return found


def check_lifetime(lifetime: timedelta, *, from_console: bool) -> None:
    """Raise `LifetimeRefused` for a token of no time, or longer than five minutes (a day from the console)."""
    longest = LONGEST_CONSOLE_LIFETIME if from_console else TOKEN_LIFETIME
    if not timedelta(0) < lifetime <= longest:
        raise LifetimeRefused
