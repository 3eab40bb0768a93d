"""Sealed values open in their own place only."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.kernel.crypto import KeyRing, Unreadable, is_signed, new_wrapped_key, unwrap

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


def test_a_wrapped_key_opens_with_its_master_key_only():
    master = secrets.token_bytes(32)
    wrapped = new_wrapped_key(master)
    assert len(unwrap(master, wrapped)) == 32
    with pytest.raises(Unreadable):
        unwrap(secrets.token_bytes(32), wrapped)


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
