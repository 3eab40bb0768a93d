"""The signatures of the audit: whoever holds the database but not the master key cannot sign.

Whoever holds the public keys verifies without us.
"""

from dataclasses import replace
from typing import TypeVar

from accounts.audit.records import Checkpoint, Segment
from accounts.audit.rules import signed_part
from accounts.kernel import crypto
from accounts.kernel.keyring import public_keys
from accounts.kernel.keyring import sign as signature_of

SignedT = TypeVar("SignedT", Checkpoint, Segment)


def sign(thing: SignedT) -> SignedT:
    """Return a checkpoint or a segment with our signature."""
    return replace(thing, signature=signature_of(signed_part(thing)).hex())


def is_signed(thing: Checkpoint | Segment) -> bool:
    """Tell whether the signature is ours and covers exactly this."""
    try:
        signature = bytes.fromhex(thing.signature)
    except ValueError:
        return False
    return crypto.is_signed(signed_part(thing), signature, public_keys())


def published_keys() -> dict[str, str]:
    """Return every public key in hex by its number, those that no longer sign included: what they signed must verify."""
    return {str(number): key.hex() for number, key in sorted(public_keys().items())}
