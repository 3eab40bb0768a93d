"""« I never accepted »: the evidence of a signed act names who, when, for whom, and the digest of what was shown."""

import io
import json
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from accounts.audit.checkpoints import sign_due
from accounts.audit.models import AuditRow
from accounts.organisations.models import Professional
from ppa.plans.models import PlanVersion
from tests.factories import people, whole_story

pytestmark = pytest.mark.django_db


def printed(aggregate_id):
    output = io.StringIO()
    call_command("evidence", str(aggregate_id), stdout=output)
    return output.getvalue()


def test_a_signed_plan_is_proved_by_who_when_where_and_the_digest_of_what_was_shown():
    story = whole_story.told()
    version = PlanVersion.objects.select_related("document").get()
    sign_due(everything=True)
    text = printed(version.plan_id)
    told = json.loads(text)
    signer = Professional.objects.get(pk=story.physician.professional_id)
    (signed,) = told["signed_versions"]
    assert signed["signed_by"] == {"name": signer.display_name, "rpps": signer.rpps}
    assert signed["digest_of_what_was_shown"] == version.digest == told["agreements"][-1]["digest_of_what_was_shown"]
    assert signed["sha256_of_the_paper"] == version.document.sha256
    deed = next(one for one in told["deeds"] if one["deed"] == "sign")
    row = AuditRow.objects.get(chain=deed["audit"]["chain"], number=deed["audit"]["row"])
    assert (row.action, row.professional_id) == ("ppa.validate_sign", signer.id)
    assert deed["audit"]["covered_by_checkpoint"]
    assert not any(name in text for name in (*people.CANARY_NAMES, "CANARI", story.birth_name))
    assert AuditRow.objects.filter(action="access_log.print_evidence", object_id=version.plan_id).exists()


def test_an_unknown_id_is_said_so():
    with pytest.raises(CommandError, match="No act"):
        printed(uuid4())
