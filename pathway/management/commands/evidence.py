"""`manage.py evidence`."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.audit.journal import write_alone
from accounts.audit.models import AuditCheckpoint, AuditRow
from accounts.audit.records import AuditEntry, Outcome
from accounts.kernel.actor import Channel, system_actor
from accounts.kernel.models import Transition
from accounts.kernel.wall import Reason, seeing_everything
from accounts.organisations.models import Organisation, Professional
from ppa.plans.models import PlanAgreement, PlanVersion

SAME_ACT = timedelta(seconds=10)
PRINT = "access_log.print_evidence"


class Command(BaseCommand):
    """Prints who did what for whom on one plan, request or stay, when, and the digest of what was shown when it was signed.

    Each deed names its row of the audit and the first checkpoint that covers it, so that anyone can verify it.
    No patient's name and no text is printed. Printing is itself traced.
    """

    help = "Prints the evidence of the acts on one aggregate (its id) as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which aggregate."""
        parser.add_argument("id", type=UUID, help="the id of a plan, a request, a line of it, a stay…")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the deeds, the agreements and the signed versions."""
        with seeing_everything(Reason.AUDIT):
            deeds = list(Transition.objects.filter(aggregate_id=options["id"]).order_by("aggregate_version"))
            if not deeds:
                raise CommandError("No act is known on this id.")
            by = system_actor("evidence", channel=Channel.CONSOLE)
            write_alone(
                [AuditEntry(actor=by, action=PRINT, object_type=deeds[0].aggregate_type, object_id=options["id"])]
            )
            evidence = {
                "id": str(options["id"]),
                "kind": deeds[0].aggregate_type,
                "deeds": [_deed(row) for row in deeds],
                "agreements": [_agreement(row) for row in _agreements(options["id"])],
                "signed_versions": [_version(row) for row in _versions(options["id"])],
            }
        self.stdout.write(json.dumps(evidence, indent=2, ensure_ascii=False, default=str))


def _deed(row: Transition) -> dict[str, Any]:
    trace = _trace(row) if row.actor_id else None
    return {
        "deed": row.deed,
        "to": row.target,
        "version": row.aggregate_version,
        "happened_at": row.happened_at.isoformat(),
        "recorded_at": row.recorded_at.isoformat(),
        "role": row.actor_role,
        "professional": _professional(trace.professional_id) if trace else None,
        "organisation": _organisation(row.organisation_id),
        "audit": _proof(trace) if trace else None,
    }


def _trace(row: Transition) -> AuditRow | None:
    """Return the row of the audit that is nearest in time to a deed, among those of who did it on the same object."""
    around = AuditRow.objects.filter(
        actor_id=row.actor_id, outcome=Outcome.ALLOWED, at__gte=row.recorded_at - SAME_ACT,
        at__lte=row.recorded_at + SAME_ACT, object_type=row.aggregate_type, object_id=row.aggregate_id,
    ).order_by("-number")  # fmt: skip
    return min(around, key=lambda one: abs(one.at - row.recorded_at), default=None)


def _proof(trace: AuditRow) -> dict[str, Any]:
    covering = AuditCheckpoint.objects.filter(chain=trace.chain, number__gte=trace.number).order_by("number").first()
    return {
        "chain": trace.chain,
        "row": trace.number,
        "hash": bytes(trace.hash).hex(),
        "covered_by_checkpoint": covering.serial if covering else None,
    }


def _agreements(plan_id: UUID) -> list[PlanAgreement]:
    return list(PlanAgreement.objects.filter(plan_id=plan_id).order_by("created_at"))


def _versions(plan_id: UUID) -> list[PlanVersion]:
    return list(PlanVersion.objects.filter(plan_id=plan_id).select_related("document").order_by("number"))


def _agreement(row: PlanAgreement) -> dict[str, Any]:
    return {
        "version": row.number,
        "given_on": row.given_on.isoformat(),
        "means": row.means,
        "recorded_by": _professional(row.recorder_id),
        "organisation": _organisation(row.organisation_id),
        "recorded_at": row.created_at.isoformat(),
        "digest_of_what_was_shown": row.digest,
    }


def _version(row: PlanVersion) -> dict[str, Any]:
    return {
        "version": row.number,
        "signed_by": _professional(row.signer_id),
        "organisation": _organisation(row.organisation_id),
        "signed_at": row.signed_at.isoformat(),
        "digest_of_what_was_shown": row.digest,
        "sha256_of_the_paper": row.document.sha256,
    }


def _professional(professional_id: UUID | None) -> dict[str, str] | None:
    found = Professional.objects.filter(pk=professional_id).first() if professional_id else None
    return {"name": found.display_name, "rpps": found.rpps or ""} if found else None


def _organisation(organisation_id: UUID | None) -> dict[str, str] | None:
    found = Organisation.objects.filter(pk=organisation_id).first() if organisation_id else None
    return {"name": found.name, "finess": found.finess or ""} if found else None
