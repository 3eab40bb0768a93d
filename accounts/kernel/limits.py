"""How often somebody may ask: counted in the cache that all processes share, or in this process while that is gone.

A process takes shares of a limit in advance, so that most requests cost no call to the cache. Nothing is exact to
the request over several processes, and nothing is ever off. Source: security reference §5.3.
"""

import hashlib
import logging
from dataclasses import dataclass
from threading import Lock
from typing import Final

from django.conf import settings
from django.core.cache import cache

from accounts.kernel.actor import Actor
from accounts.kernel.clock import now
from accounts.kernel.errors import DomainError

log = logging.getLogger(__name__)
SHARES: Final = 20
"""How many calls to the cache one limit costs a process in one window, at most."""
PAUSE_SECONDS: Final = 10.0
"""How long a cache that failed is left alone."""
MOST_KEPT: Final = 50_000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` requests in each window of `seconds`; `name` tells limits apart."""

    name: str
    most: int
    seconds: int = 60


@dataclass(frozen=True, slots=True)
class Wait:
    """A request over its limit: seconds until the next window, and whether it is the first one over it here."""

    seconds: int
    is_first: bool


@dataclass(slots=True)
class _Lease:
    """What this process may still give in one window; `taken`: what it took so far."""

    window: int
    left: int = 0
    taken: int = 0
    told: bool = False


_lock = Lock()
_leases: dict[tuple[str, str], _Lease] = {}
_cache_rests_until = 0.0


class ExportsLimited(DomainError):
    """More files of many data in an hour than somebody at work takes away."""

    code = "exports-limited"
    text = "Trop de fichiers téléchargés en une heure. Attendez, puis recommencez."
    status = 429
    issue = "throttled"
    retry_after = 3600


def count_export(by: Actor) -> None:
    """Count one file of many data that somebody takes away; raises `ExportsLimited` after those of an hour."""
    if count(Limit("exports", settings.EXPORTS_PER_HOUR, 3600), str(by.id)):
        raise ExportsLimited


def count(limit: Limit, key: str) -> Wait | None:
    """Count one request of whoever `key` names; return `None`, or how long to wait when the limit is passed."""
    instant = now().timestamp()
    window = int(instant // limit.seconds)
    with _lock:
        lease = _lease_of(limit, key, window)
        if not lease.left and not lease.told:
            _take_share(limit, key, lease, instant)
        if lease.left:
            lease.left -= 1
            return None
        is_first, lease.told = not lease.told, True
    return Wait(seconds=max(1, round((window + 1) * limit.seconds - instant)), is_first=is_first)


def _lease_of(limit: Limit, key: str, window: int) -> _Lease:
    lease = _leases.get((limit.name, key))
    if lease is None or lease.window != window:
        if len(_leases) >= MOST_KEPT:
            _leases.clear()
        lease = _leases[limit.name, key] = _Lease(window)
    return lease


def _take_share(limit: Limit, key: str, lease: _Lease, instant: float) -> None:
    share = max(1, limit.most // SHARES)
    before = _taken_by_all(limit, key, lease.window, share, instant)
    before = lease.taken if before is None else max(before, lease.taken)
    lease.left = min(share, max(0, limit.most - before))
    lease.taken += lease.left


def _taken_by_all(limit: Limit, key: str, window: int, share: int, instant: float) -> int | None:
    """Return how much of the window all processes had taken before this share; `None` while the cache is gone."""
    global _cache_rests_until  # noqa: PLW0603 (one state of the process, under the lock)
    if instant < _cache_rests_until:
        return None
    name = f"limit:{limit.name}:{hashlib.sha256(key.encode()).hexdigest()[:32]}:{window}"
    try:
        cache.add(name, 0, timeout=2 * limit.seconds)
        return int(cache.incr(name, share)) - share
    except Exception as error:  # noqa: BLE001 (whatever the cache's fault is, the limit goes on here)
        log.warning("limits are counted in this process", extra={"error_code": type(error).__name__})
        _cache_rests_until = instant + PAUSE_SECONDS
        return None
