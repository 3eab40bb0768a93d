"""The key of a page comes back from a browser: whatever it says, a list starts somewhere."""

import base64

import pytest

from accounts.kernel.clock import now
from accounts.kernel.http import make_key, read_key
from accounts.kernel.ids import new_id

FOREIGN = "01a20234-bd3e-7589-ad62-9e4229dea2a4"


def test_a_key_of_ours_is_read():
    instant, pk = now(), new_id()
    assert read_key(make_key(instant, pk)) == (instant, pk)


@pytest.mark.parametrize(
    "instant", ["2026-03-12T10:00:00", "2026-03-12", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "soon"]
)
def test_an_instant_that_no_row_has_starts_at_the_top(instant):
    assert read_key(base64.urlsafe_b64encode(f"{instant}|{FOREIGN}".encode()).decode()) is None


@pytest.mark.parametrize("key", ["", "é", "%%%", "AAAA", "====", "\x00"])
def test_a_foreign_key_starts_at_the_top(key):
    assert read_key(key) is None
