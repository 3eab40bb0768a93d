"""Who holds the master key: a file, or a service such as Vault that never gives it away.

`MASTER_KEY_PROVIDER` names the class; it wraps and unwraps the data keys, and does nothing else:
`FileCustody` here, `accounts.kernel.vault.TransitCustody`, or another one of the operator's.
Source: RFC 3394 (AES key wrap).
"""

import secrets
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from django.conf import settings
from django.utils.module_loading import import_string

from accounts.kernel.crypto import KEY_BYTES, Unreadable
from accounts.kernel.keys import read_master_keys


class CustodyFailed(Unreadable):
    """The holder of the master key does not answer, or not as agreed; in words for an operator."""


class Custody(Protocol):
    """What a holder of the master key does. One that is asked elsewhere raises `CustodyFailed` when it does not answer."""

    def wrap(self, key: bytes) -> bytes:
        """Return a data key, wrapped."""
        ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """Return a wrapped data key, opened; raise `Unreadable` when the master key is another one."""
        ...

    def rewrap(self, wrapped: bytes) -> bytes:
        """Return a data key wrapped by the present master key, which a former version of it wrapped."""
        ...


class FileCustody:
    """The master key lies in `MASTER_KEY_FILE`: its first line wraps, every line unwraps.

    A second line is the former key, until the data keys are wrapped again (`rotate_keys --purpose master`).
    """

    def wrap(self, key: bytes) -> bytes:
        """Wrap by the first key of the file."""
        return aes_key_wrap(self._keys()[0], key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Try each key of the file."""
        for master_key in self._keys():
            try:
                return aes_key_unwrap(master_key, wrapped)
            except (InvalidUnwrap, ValueError):
                continue
        raise Unreadable("the master key does not open this key")

    def rewrap(self, wrapped: bytes) -> bytes:
        """Wrap by the first key what any key of the file wrapped."""
        return self.wrap(self.unwrap(wrapped))

    @staticmethod
    def _keys() -> list[bytes]:
        return read_master_keys(Path(settings.MASTER_KEY_FILE))


def custody(name: str = "") -> Custody:
    """Return the holder of the master key that a dotted path names; by default the one of the settings."""
    made: Custody = import_string(name or settings.MASTER_KEY_PROVIDER)()
    return made


def new_wrapped_key() -> bytes:
    """Return a fresh 32-byte data key, wrapped."""
    return custody().wrap(secrets.token_bytes(KEY_BYTES))
