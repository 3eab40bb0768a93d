"""Each test has a reserve of its own and a process that knows nothing of the mode."""

import pytest

from accounts.kernel import read_only


@pytest.fixture(autouse=True)
def _fresh(settings, tmp_path, monkeypatch):
    settings.RESERVE_DIR = tmp_path / "reserve"
    monkeypatch.setattr(read_only, "ASKED_EVERY", 0.0)
    monkeypatch.setattr(read_only, "PROBED_EVERY", 0.0)
    read_only.forget()
    yield
    read_only.forget()
