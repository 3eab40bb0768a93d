"""The key rings of this installation: rows of `DataKey`, opened once per process."""

from django.conf import settings
from django.db.models import Max

from accounts.kernel.crypto import KeyRing, Purpose, key_number, new_wrapped_key, unwrap
from accounts.kernel.keys import read_master_key

_rings: dict[Purpose, KeyRing] = {}


def ring(purpose: Purpose) -> KeyRing:
    """Return the key ring of one purpose."""
    if purpose not in _rings:
        _rings[purpose] = _load(purpose)
    return _rings[purpose]


def seal(plaintext: bytes, *, bound_to: bytes, purpose: Purpose = Purpose.FIELDS) -> bytes:
    """Encrypt `plaintext` for the one place that `bound_to` names."""
    return ring(purpose).seal(plaintext, bound_to=bound_to)


def unseal(sealed: bytes, *, bound_to: bytes, purpose: Purpose = Purpose.FIELDS) -> bytes:
    """Decrypt; a key made by another process since the start is fetched. Raises `Unreadable`."""
    if key_number(sealed) not in ring(purpose):
        forget_keys()
    return ring(purpose).open(sealed, bound_to=bound_to)


def blind_index(column: str, value: str) -> bytes:
    """Return the 16-byte keyed index of a normalised value, for equality search only."""
    return ring(Purpose.INDEX).index(column, value)


def blind_token(column: str, value: str) -> int:
    """Return the keyed 64-bit token of a coded value, as a signed integer that both databases store."""
    return int.from_bytes(blind_index(column, value)[:8], "big", signed=True)


def sign(message: bytes) -> bytes:
    """Return the Ed25519 signature of a message that others must be able to check: key number (2 bytes), signature (64)."""
    return ring(Purpose.SIGNATURE).sign(message)


def public_keys() -> dict[int, bytes]:
    """Return the public keys that check what `sign` gave, by number (`crypto.is_signed`)."""
    return ring(Purpose.SIGNATURE).public_keys()


def forget_keys() -> None:
    """Drop the opened keys: the next use reads them again."""
    _rings.clear()


def ensure_data_keys(**_signal: object) -> None:
    """Make the first key of each purpose; runs after every migration."""
    from accounts.kernel.models import DataKey

    forget_keys()
    master_key = read_master_key(settings.MASTER_KEY_FILE)
    for purpose in Purpose:
        if not DataKey.objects.filter(purpose=purpose).exists():
            last = DataKey.objects.aggregate(last=Max("number"))["last"] or 0
            DataKey.objects.create(
                number=last + 1, purpose=purpose, wrapped=new_wrapped_key(master_key), state=DataKey.State.ACTIVE
            )


def _load(purpose: Purpose) -> KeyRing:
    from accounts.kernel.models import DataKey

    master_key = read_master_key(settings.MASTER_KEY_FILE)
    rows = list(DataKey.objects.filter(purpose=purpose).exclude(state=DataKey.State.DESTROYED).order_by("number"))
    keys = {row.number: unwrap(master_key, bytes(row.wrapped)) for row in rows}
    active = next(row.number for row in reversed(rows) if row.state == DataKey.State.ACTIVE)
    return KeyRing(keys, active=active)
