"""Files encrypted block by block, so that none is held in memory: AES-256-GCM in the STREAM layout.

A file is `MARK | prefix (7 bytes) | blocks`, each block 64 KiB of content and its tag, the last one shorter. The nonce
of a block is the prefix, its number (4 bytes) and whether it is the last one: a file that is cut, reordered or
lengthened does not open. Each file has a key of its own and is bound to its place.
Source: Hoang, Reyhanitabar, Rogaway, Vizár, « Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance » (2015).
"""

import os
from collections.abc import Callable, Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accounts.kernel.crypto import Unreadable

MARK = b"PPAS\x01"
BLOCK_BYTES = 64 * 1024
TAG_BYTES = 16
PREFIX_BYTES = 7
Read = Callable[[int], bytes]


def encrypted(content: bytes, *, key: bytes, bound_to: bytes) -> Iterator[bytes]:
    """Yield the parts of the encrypted file of a content, under a key that no other file has."""
    cipher, prefix = AESGCM(key), os.urandom(PREFIX_BYTES)
    yield MARK + prefix
    starts = range(0, len(content), BLOCK_BYTES) or range(1)
    for number, start in enumerate(starts):
        is_last = number == len(starts) - 1
        yield cipher.encrypt(nonce(prefix, number, is_last), content[start : start + BLOCK_BYTES], MARK + bound_to)


def decrypted(read: Read, *, key: bytes, bound_to: bytes) -> Iterator[bytes]:
    """Yield the blocks of a content, each once it is known to be whole and in its place.

    `read(n)` gives the next bytes of the file, n of them unless it ends. Raises `Unreadable`: at the end for a file
    that was cut, so that nobody may take what came before it for the whole.
    """
    head = read(len(MARK) + PREFIX_BYTES)
    if head[: len(MARK)] != MARK or len(head) != len(MARK) + PREFIX_BYTES:
        raise Unreadable("not an encrypted file")
    cipher, prefix = AESGCM(key), head[len(MARK) :]
    for number, (block, is_last) in enumerate(_with_last(_blocks(read))):
        try:
            yield cipher.decrypt(nonce(prefix, number, is_last), block, MARK + bound_to)
        except InvalidTag:
            raise Unreadable("moved, cut or altered") from None


def nonce(prefix: bytes, number: int, is_last: bool) -> bytes:
    """Return the nonce of one block."""
    return prefix + number.to_bytes(4, "big") + bytes([is_last])


def _blocks(read: Read) -> Iterator[bytes]:
    block = read(BLOCK_BYTES + TAG_BYTES)
    if not block:
        raise Unreadable("moved, cut or altered")
    while block:
        yield block
        block = read(BLOCK_BYTES + TAG_BYTES)


def _with_last(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    held = None
    for block in blocks:
        if held is not None:
            yield held, False
        held = block
    if held is not None:
        yield held, True
