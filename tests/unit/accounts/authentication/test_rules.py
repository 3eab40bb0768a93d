"""Codes and session times, without a database."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from accounts.authentication.rules import code_of, is_session_over, matching_step

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
IDLE = timedelta(minutes=20)


@pytest.mark.parametrize(("second", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_the_codes_of_rfc_6238(second, code):
    assert code_of(RFC_SECRET, second // 30) == code


@pytest.mark.parametrize(("shift", "found"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_is_taken_one_step_around_now(shift, found):
    step = (int(NOON.timestamp()) + shift) // 30
    assert (matching_step(RFC_SECRET, code_of(RFC_SECRET, step), NOON) == step) is found


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６"])
def test_what_is_no_code_matches_nothing(code):
    assert matching_step(RFC_SECRET, code, NOON) is None


@pytest.mark.parametrize(
    ("started", "seen", "over"),
    [(0, 0, False), (599, 19, False), (599, 21, True), (601, 1, True), (600, 20, False)],
)
def test_when_a_session_is_over(started, seen, over):
    at = {"started_at": NOON - timedelta(minutes=started), "seen_at": NOON - timedelta(minutes=seen)}
    assert is_session_over(**at, at=NOON, idle=IDLE) is over
