"""The program that the runbook gives: who holds a paper and the published keys checks it without us."""

import re
import subprocess
import sys

import pytest
from django.urls import reverse

from ppa.emergency_sheets.code import SheetCode, sheet_code
from ppa.emergency_sheets.models import SheetVersion
from ppa.emergency_sheets.paper import address_of
from tests.factories import emergency_sheets, plans
from tests.support.tree import ROOT

pytestmark = pytest.mark.django_db
RUNBOOK = ROOT / "docs" / "runbooks" / "emergency-sheet-code.md"


@pytest.fixture
def read(client, tmp_path):
    """Run the program of the runbook on the text of a code, with the keys that we publish."""
    program, keys = tmp_path / "read_code.py", tmp_path / "cles.json"
    (block,) = re.findall(r"```python\n(.*?)```", RUNBOOK.read_text("utf-8"), re.DOTALL)
    program.write_text(block, "utf-8")
    keys.write_bytes(client.get(reverse("emergency_codes:keys")).content)
    return lambda text: subprocess.run(
        [sys.executable, "-I", str(program), str(keys), text], capture_output=True, text=True, timeout=60, check=False
    )


def test_a_paper_is_checked_without_a_connection(read):
    team = plans.team()
    emergency_sheets.signed(team.person_id, team.physician)
    emergency_sheets.signed(team.person_id, team.physician)
    version = SheetVersion.objects.get(number=2)
    address = address_of(version.id, sheet_code(SheetCode(version.id, 2, version.signed_at.date())))
    assert read(address).stdout.strip() == f"version 2, {version.signed_at.date().isoformat()}"
    before, _, code = address.rpartition("#")
    last = "B" if code[30] == "A" else "A"
    altered = read(f"{before}#{code[:30]}{last}{code[31:]}")
    assert altered.returncode != 0
    assert altered.stdout == ""
