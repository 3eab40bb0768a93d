"""A superuser of the database changes the audit: each time the first row that does not hold is named."""

import pytest
from django.core.management import CommandError, call_command

from accounts.audit.verification import verify
from tests.support.tampers import TAMPERS, Tamper, scene, without_guards

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("tamper", TAMPERS, ids=[one.name for one in TAMPERS])
def test_each_tamper_is_found_and_its_first_row_named(tamper: Tamper):
    at = scene()
    assert verify().faults == []
    with without_guards():
        tamper.do(at)
    faults = verify().faults
    named = [fault for fault in faults if tamper.said in fault.what]
    assert named, faults
    if tamper.row:
        assert (at.chain, tamper.row) in [(fault.chain, fault.number) for fault in named]
    with pytest.raises(CommandError, match=f"{at.chain} #{tamper.row}: " if tamper.row else tamper.said):
        call_command("audit_verify")
