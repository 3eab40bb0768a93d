"""The code of a paper: read without a connection, refused once anything of it changed, telling nothing of anybody."""

import base64
from datetime import date
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accounts.kernel.keyring import public_keys
from ppa.emergency_sheets.code import CODE_BYTES, SheetCode, read_code, sheet_code

pytestmark = pytest.mark.django_db
SAID = SheetCode(uuid4(), 3, date(2026, 11, 22))


def test_a_code_says_which_version_of_which_day_and_no_more():
    code = sheet_code(SAID)
    assert read_code(code, public_keys()) == SAID
    assert read_code(f"https://ppa.example/fiche/{SAID.version_id}/#{code}", public_keys()) == SAID
    assert len(base64.urlsafe_b64decode(code + "=")) == CODE_BYTES
    assert sheet_code(SAID) == code


def test_one_bit_that_changed_anywhere_is_found_out():
    raw = base64.urlsafe_b64decode(sheet_code(SAID) + "=")
    keys = public_keys()
    for place in range(len(raw) * 8):
        spoilt = bytearray(raw)
        spoilt[place // 8] ^= 1 << place % 8
        assert read_code(base64.urlsafe_b64encode(bytes(spoilt)).decode().rstrip("="), keys) is None


@pytest.mark.parametrize("code", ["", "#", "é", "a" * 119, "<script>", "https://ppa.example/fiche/#", "A" * 100_000])
def test_what_is_no_code_of_ours_is_none(code):
    assert read_code(code, public_keys()) is None


def test_a_code_cut_short_or_signed_by_another_key_is_none():
    code = sheet_code(SAID)
    assert read_code(code[:-4], public_keys()) is None
    assert read_code(code, {}) is None
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert read_code(code, dict.fromkeys(public_keys(), stranger)) is None
