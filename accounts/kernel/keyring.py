"""The key rings of this installation: rows of `DataKey`, opened once per process and looked at again every few seconds.

So a new key seals in every process at most `settings.KEY_RING_SECONDS` after it was made active. What is open stays
open while the holder of the master key is away; a process that holds nothing yet does not start (`open_keys`).
"""

import logging
import time
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max

from accounts.kernel.crypto import BlindIndex, BlindToken, KeyRing, Purpose, Unreadable, key_number
from accounts.kernel.custody import CustodyFailed, custody, new_wrapped_key

log = logging.getLogger(__name__)
COUNTED_BY = 1000
"""After how many seals a process adds them to the counter of their key."""


@dataclass
class _Held:
    """What this process holds open."""

    rings: dict[Purpose, KeyRing] = field(default_factory=dict)
    opened: dict[int, bytes] = field(default_factory=dict)
    read_at: float = 0.0


_held = _Held()


def ring(purpose: Purpose) -> KeyRing:
    """Return the key ring of one purpose; raises `Unreadable` when there is none yet."""
    rings = _read() if _is_due() else _held.rings
    try:
        return rings[purpose]
    except KeyError:
        raise Unreadable(f"no key for {purpose}: migrate first") from None


def open_keys() -> None:
    """Open the keys of every purpose now, before anything is served; raises `Unreadable`."""
    for purpose in Purpose:
        ring(purpose)


def seal(plaintext: bytes, *, bound_to: bytes, purpose: Purpose = Purpose.FIELDS) -> bytes:
    """Encrypt `plaintext` for the one place that `bound_to` names."""
    used = ring(purpose)
    sealed = used.seal(plaintext, bound_to=bound_to)
    if used.sealed % COUNTED_BY == 0:
        transaction.on_commit(count_uses, robust=True)
    return sealed


def unseal(sealed: bytes, *, bound_to: bytes, purpose: Purpose = Purpose.FIELDS) -> bytes:
    """Decrypt; a key made by another process since the start is fetched. Raises `Unreadable`."""
    if key_number(sealed) not in ring(purpose):
        _read()
    return ring(purpose).open(sealed, bound_to=bound_to)


def blind_index(column: str, value: str) -> BlindIndex:
    """Return the 16-byte keyed index of a normalised value, for equality search only."""
    return ring(Purpose.INDEX).index(column, value)


def blind_token(column: str, value: str) -> BlindToken:
    """Return the keyed 64-bit token of a coded value, as a signed integer that both databases store."""
    return BlindToken(blind_index(column, value))


def sign(message: bytes) -> bytes:
    """Return the Ed25519 signature of a message that others must be able to check: key number (2 bytes), signature (64)."""
    return ring(Purpose.SIGNATURE).sign(message)


def public_keys() -> dict[int, bytes]:
    """Return the public keys that check what `sign` gave, by number (`crypto.is_signed`)."""
    return ring(Purpose.SIGNATURE).public_keys()


def forget_keys() -> None:
    """Drop the opened keys: the next use reads them again."""
    _held.rings, _held.opened, _held.read_at = {}, {}, 0.0


def count_uses() -> None:
    """Add what this process sealed since the last time to the counters of its keys."""
    from accounts.kernel.data_keys import DataKey

    for used in _held.rings.values():
        uses, used.sealed = used.sealed, 0
        if uses:
            DataKey.objects.filter(number=used.active).update(uses=F("uses") + uses)


def ensure_data_keys(**_signal: object) -> None:
    """Make the first key of each purpose; runs after every migration."""
    from accounts.kernel.data_keys import DataKey

    forget_keys()
    for purpose in Purpose:
        if not DataKey.objects.filter(purpose=purpose).exists():
            make_key(purpose, state=DataKey.State.ACTIVE)


def make_key(purpose: Purpose, *, state: str, wrapped: bytes = b"") -> int:
    """Write a fresh key of one purpose and return its number; `wrapped`: one that was made before the transaction."""
    from accounts.kernel.data_keys import DataKey

    last = DataKey.objects.aggregate(last=Max("number"))["last"] or 0
    return DataKey.objects.create(
        number=last + 1, purpose=purpose, wrapped=wrapped or new_wrapped_key(), state=state
    ).number


def _is_due() -> bool:
    """Tell whether the keys must be read again; a transaction that is broken asks for nothing more."""
    if not _held.rings:
        return True
    return time.monotonic() - _held.read_at > settings.KEY_RING_SECONDS and not connection.needs_rollback


def _read() -> dict[Purpose, KeyRing]:
    """Read the keys and swap the rings at once: another thread sees the old ones or the new ones."""
    from accounts.kernel.data_keys import DataKey

    rows = list(DataKey.objects.exclude(state=DataKey.State.DESTROYED).order_by("number"))
    try:
        opened = _opened({row.number: bytes(row.wrapped) for row in rows})
    except CustodyFailed as error:
        if not _held.rings:
            raise
        log.warning("a new key cannot be opened", extra={"error_code": type(error).__name__})
        _held.read_at = time.monotonic()
        return _held.rings
    rings = {}
    for purpose in Purpose:
        own = [row for row in rows if row.purpose == purpose]
        active = next((row.number for row in reversed(own) if row.state == DataKey.State.ACTIVE), None)
        if active is not None:
            rings[purpose] = _ring(purpose, {row.number: opened[row.number] for row in own}, active)
    _held.rings, _held.opened, _held.read_at = rings, opened, time.monotonic()
    return rings


def _opened(wrapped: dict[int, bytes]) -> dict[int, bytes]:
    """Return the data keys, asking the holder of the master key for those alone that are not open yet."""
    holder = custody()
    return {number: _held.opened.get(number) or holder.unwrap(key) for number, key in wrapped.items()}


def _ring(purpose: Purpose, keys: dict[int, bytes], active: int) -> KeyRing:
    """Return the ring that is held when nothing has changed: it goes on counting."""
    held = _held.rings.get(purpose)
    if held is not None and held.active == active and held.numbers == keys.keys():
        return held
    return KeyRing(keys, active=active)
