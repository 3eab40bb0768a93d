"""Copies whose seven days are over."""

from datetime import timedelta

from accounts.kernel.actor import system_actor
from accounts.outbox.registry import scheduled
from accounts.rights.commands import expire_export
from accounts.rights.queries import exports_to_expire
from accounts.rights.records import StepExport


@scheduled("exports-expire", every=timedelta(hours=1), label="Copies de dossiers expirées")
def expire_exports() -> int:
    """Erase the copies whose seven days are over."""
    found = exports_to_expire()
    for export_id, version in found:
        expire_export(StepExport(export_id=export_id, version=version), by=system_actor("exports-expire"))
    return len(found)
