"""A file opens whole, in its own place, with its own key, or not at all."""

import os
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from accounts.kernel.crypto import Unreadable
from accounts.kernel.stream import BLOCK_BYTES, MARK, TAG_BYTES, decrypted, encrypted, nonce

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
HEAD = len(MARK) + 7
SEALED_BLOCK = BLOCK_BYTES + TAG_BYTES
THREE_BLOCKS = os.urandom(2 * BLOCK_BYTES + 100)


def shut(content, key=KEY, place=b"document|1"):
    return b"".join(encrypted(content, key=key, bound_to=place))


def opened(file, key=KEY, place=b"document|1"):
    return b"".join(decrypted(BytesIO(file).read, key=key, bound_to=place))


@given(st.sampled_from([0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 2 * BLOCK_BYTES, 3 * BLOCK_BYTES + 7]))
def test_what_is_shut_opens_at_every_length_round_a_block(length):
    content = (b"Canari " * (length // 7 + 1))[:length]
    assert opened(shut(content)) == content
    blocks = max(1, -(-length // BLOCK_BYTES))
    assert len(shut(content)) == HEAD + length + blocks * TAG_BYTES


def test_the_layout_is_the_one_that_is_written_down():
    file = shut(THREE_BLOCKS)
    prefix, cipher = file[len(MARK) : HEAD], AESGCM(KEY)
    for number in range(3):
        block = file[HEAD + number * SEALED_BLOCK :][:SEALED_BLOCK]
        layout = prefix + number.to_bytes(4, "big") + (b"\x01" if number == 2 else b"\x00")
        plain = THREE_BLOCKS[number * BLOCK_BYTES :][:BLOCK_BYTES]
        assert cipher.decrypt(layout, block, b"PPAS\x01document|1") == plain


def test_a_known_answer():
    """Made apart, on the written layout with a prefix of zeros: a change of the format needs a new mark."""
    assert (
        opened(bytes.fromhex("50504153010000000000000051bfcd99278059686b5d52dbd602f83b76efed74689a00bb41ce"))
        == b"Directives"
    )


def blocks(file):
    return [file[start : start + SEALED_BLOCK] for start in range(HEAD, len(file), SEALED_BLOCK)]


FILE = shut(THREE_BLOCKS)
FIRST, SECOND, LAST = blocks(FILE)
OTHER = shut(THREE_BLOCKS, place=b"document|2")


@pytest.mark.parametrize(
    "file",
    {
        "cut between blocks": FILE[: HEAD + 2 * SEALED_BLOCK],
        "cut inside a block": FILE[:-10],
        "cut to its head": FILE[:HEAD],
        "cut inside its head": FILE[: HEAD - 1],
        "empty": b"",
        "reordered": FILE[:HEAD] + SECOND + FIRST + LAST,
        "a block twice": FILE[:HEAD] + FIRST + FIRST + SECOND + LAST,
        "a block left out": FILE[:HEAD] + FIRST + LAST,
        "lengthened": FILE + b"x",
        "another block after the last": FILE + LAST,
        "the last block alone": FILE[:HEAD] + LAST,
        "the head of another file": shut(THREE_BLOCKS)[:HEAD] + FILE[HEAD:],
        "the block of another file": OTHER[:HEAD] + FIRST + SECOND + LAST,
        "another file": OTHER,
        "one bit turned": FILE[:-1] + bytes([FILE[-1] ^ 1]),
        "another format": b"PPAS\x02" + FILE[len(MARK) :],
    }.items(),
    ids=lambda case: case[0],
)
def test_nothing_but_the_whole_file_in_its_order_opens(file):
    with pytest.raises(Unreadable):
        opened(file[1])


def test_no_other_key_opens():
    with pytest.raises(Unreadable):
        opened(FILE, key=OTHER_KEY)


def test_the_first_block_is_known_before_the_second_is_read():
    file = BytesIO(FILE)
    first = next(decrypted(file.read, key=KEY, bound_to=b"document|1"))
    assert first == THREE_BLOCKS[:BLOCK_BYTES]
    assert file.tell() <= HEAD + 2 * SEALED_BLOCK


def test_no_two_blocks_share_a_nonce():
    made = {nonce(b"prefix7", number, is_last) for number in range(500_000) for is_last in (False, True)}
    assert len(made) == 1_000_000
