"""What a feature does in the transaction of a merge, or of its end: each registers it, as for a death.

Features register from their `tasks.py`; `accounts.vigilance.commands` runs them all.
"""

from collections.abc import Callable

from accounts.access.unit import Unit
from accounts.vigilance.records import Joined

Joining = Callable[[Joined, Unit], str | None]

_after_merge: dict[str, Joining] = {}
_after_parting: dict[str, Joining] = {}


def on_merge(name: str) -> Callable[[Joining], Joining]:
    """Register what a feature settles once everything is in one record: `(joined, run)`.

    It answers what a physician should read since both records had it, in French, or `None`.
    """
    return _registered(_after_merge, name)


def on_parting(name: str) -> Callable[[Joining], Joining]:
    """Register what a feature puts right once each record has back what was its own."""
    return _registered(_after_parting, name)


def settle_after_merge(joined: Joined, run: Unit) -> list[str]:
    """Run what is registered, in the order of the names, so that locks are always taken alike; return what to read."""
    answers = [_after_merge[name](joined, run) for name in sorted(_after_merge)]
    return [one for one in answers if one]


def settle_after_parting(joined: Joined, run: Unit) -> None:
    """Run what is registered, in the order of the names."""
    for name in sorted(_after_parting):
        _after_parting[name](joined, run)


def _registered(kept: dict[str, Joining], name: str) -> Callable[[Joining], Joining]:
    def register(settle: Joining) -> Joining:
        kept[name] = settle
        return settle

    return register
