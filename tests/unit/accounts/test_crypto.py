"""Sealed values open in their own place only."""

import base64
import secrets
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.kernel.crypto import BlindToken, KeyRing, Unreadable, is_signed, key_number
from accounts.kernel.custody import FileCustody

KEYS = {1: bytes(range(32)), 2: bytes(range(32, 64))}
RING = KeyRing(KEYS, active=2)


@given(st.binary(max_size=5000), st.binary(max_size=60))
def test_what_is_sealed_opens_in_its_place(plaintext, place):
    assert RING.open(RING.seal(plaintext, bound_to=place), bound_to=place) == plaintext


def test_a_value_moved_to_another_row_does_not_open():
    sealed = RING.seal(b"un nom", bound_to=b"person|birth_name|1")
    with pytest.raises(Unreadable):
        RING.open(sealed, bound_to=b"person|birth_name|2")


@given(st.data())
def test_one_altered_byte_does_not_open(data):
    sealed = bytearray(RING.seal(b"un nom assez long", bound_to=b"x"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Unreadable):
        RING.open(bytes(sealed), bound_to=b"x")


def test_an_older_key_still_opens_and_the_newest_seals():
    old = KeyRing(KEYS, active=1).seal(b"avant", bound_to=b"x")
    assert RING.open(old, bound_to=b"x") == b"avant"
    assert RING.seal(b"maintenant", bound_to=b"x")[1:3] == b"\x00\x02"


def test_two_seals_of_one_value_differ_and_hide_it():
    sealed = {RING.seal(b"CANARIVAUX", bound_to=b"x") for _ in range(100)}
    assert len(sealed) == 100
    assert not any(b"CANARIVAUX" in one for one in sealed)


def test_long_text_is_compressed_before_it_is_sealed():
    assert len(RING.seal(b"lorsque " * 1000, bound_to=b"x")) < 300


def test_blind_indexes_depend_on_the_column_and_the_key():
    other = KeyRing({1: secrets.token_bytes(32)}, active=1)
    assert RING.index("a", "v") == RING.index("a", "v")
    assert len({RING.index("a", "v"), RING.index("b", "v"), RING.index("a", "w"), other.index("a", "v")}) == 4


def test_a_master_key_file_wraps_by_its_first_line_and_opens_by_every_line(settings, tmp_path):
    former, present, other = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(3))
    settings.MASTER_KEY_FILE = tmp_path / "master.key"
    settings.MASTER_KEY_FILE.write_text(former)
    old = FileCustody().wrap(bytes(range(32)))
    settings.MASTER_KEY_FILE.write_text(f"{present}\n{former}\n")
    assert FileCustody().unwrap(old) == bytes(range(32))
    new = FileCustody().wrap(bytes(range(32)))
    settings.MASTER_KEY_FILE.write_text(present)
    assert FileCustody().unwrap(new) == bytes(range(32))
    for text, wrapped in ((present, old), (other, new), (present, b"short")):
        settings.MASTER_KEY_FILE.write_text(text)
        with pytest.raises(Unreadable):
            FileCustody().unwrap(wrapped)


def test_a_value_moves_to_the_active_key_without_being_opened_elsewhere():
    old, new = KeyRing(KEYS, active=1), KeyRing(KEYS, active=2)
    long = "Ne pas réanimer. ".encode() * 50
    moved = new.reseal(old.seal(long, bound_to=b"x"), bound_to=b"x")
    assert key_number(moved) == 2
    assert new.open(moved, bound_to=b"x") == long
    with pytest.raises(Unreadable):
        new.reseal(old.seal(long, bound_to=b"x"), bound_to=b"y")


def test_an_index_is_found_under_every_key_and_kept_under_the_active_one():
    old, new = KeyRing(KEYS, active=1), KeyRing(KEYS, active=2)
    assert new.index("a", "v").matches(old.index("a", "v"))
    assert not new.index("a", "v").matches(old.index("a", "w"))
    assert new.index("a", "v") != old.index("a", "v")
    assert BlindToken(new.index("a", "v")).others == (int(BlindToken(old.index("a", "v"))),)


def test_a_signature_is_checked_with_the_public_key_of_its_number_only():
    signature = RING.sign(b"point de contr\xc3\xb4le")
    assert is_signed(b"point de contr\xc3\xb4le", signature, RING.public_keys())
    assert not is_signed(b"autre chose", signature, RING.public_keys())
    assert not is_signed(b"point de contr\xc3\xb4le", b"\x00\x09" + signature[2:], RING.public_keys())


def test_what_an_older_key_signed_or_derived_is_still_checked():
    old = KeyRing(KEYS, active=1)
    new = KeyRing(KEYS, active=2)
    assert is_signed(b"avant", old.sign(b"avant"), new.public_keys())
    assert new.derived("x") == [new.derive("x"), old.derive("x")]


def test_short_values_weigh_the_same_and_long_ones_tell_their_size_to_an_eighth():
    ring = KeyRing({1: secrets.token_bytes(32)}, active=1)
    sizes = [len(ring.seal(secrets.token_bytes(length), bound_to=b"x")) for length in range(256)]
    assert len(set(sizes[:47])) == 1
    for length, size in enumerate(sizes[47:], 47):
        assert size - 31 - length <= length / 8 + 4
    assert len(set(sizes)) < 24


@pytest.mark.parametrize(
    "plaintext", [b"", b"x", b"\x80", b"\x00" * 40, b"a\x80\x00", bytes(300), b"long " * 100], ids=range(7)
)
def test_padding_gives_back_what_it_was_given(plaintext):
    ring = KeyRing({1: secrets.token_bytes(32)}, active=1)
    assert ring.open(ring.seal(plaintext, bound_to=b"x"), bound_to=b"x") == plaintext


@pytest.mark.parametrize(
    ("packed", "plaintext"), [(b"\x00Canari", b"Canari"), (b"\x01" + zlib.compress(b"Canari"), b"Canari")]
)
def test_values_of_before_padding_still_open(packed, plaintext):
    ring = KeyRing({1: secrets.token_bytes(32)}, active=1)
    assert ring.open(ring._encrypt(packed, b"x"), bound_to=b"x") == plaintext
