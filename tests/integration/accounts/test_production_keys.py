"""A start in production is refused while the master key can be read by others."""

import os
import subprocess
import sys

import pytest

from accounts.kernel.keys import is_private
from tests.support.lint import production_environment


def _start(tmp_path, mode, **changed):
    environment = {**os.environ, **production_environment(tmp_path), **changed}
    (tmp_path / "master.key").chmod(mode)
    command = [sys.executable, "-c", "import django; django.setup()"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_start_takes_a_private_master_key_and_refuses_any_other_by_name(tmp_path):
    assert _start(tmp_path, 0o400).returncode == 0
    refused = _start(tmp_path, 0o440)
    assert refused.returncode != 0
    assert "chmod 0400" in refused.stderr


def test_a_start_refuses_an_antivirus_named_in_a_way_that_it_does_not_know(tmp_path):
    assert _start(tmp_path, 0o400, CLAMD_URL="unix:///run/clamav/clamd.ctl").returncode == 0
    refused = _start(tmp_path, 0o400, CLAMD_URL="/run/clamav/clamd.ctl")
    assert refused.returncode != 0
    assert "CLAMD_URL must be" in refused.stderr


@pytest.mark.parametrize(("mode", "private"), [(0o400, True), (0o440, False), (0o404, False), (0o600, False)])
def test_only_its_owner_reads_a_key_file_and_nobody_writes_it(tmp_path, mode, private):
    path = tmp_path / "master.key"
    path.touch()
    path.chmod(mode)
    assert is_private(path) is private


def test_a_credential_of_systemd_is_private_though_its_mode_shows_a_mask(tmp_path, monkeypatch):
    path = tmp_path / "master.key"
    path.touch()
    path.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert is_private(path)
