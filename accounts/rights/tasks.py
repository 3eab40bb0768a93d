"""Copies whose seven days are over, and those that hold a file set aside since."""

from datetime import timedelta

from accounts.access.unit import ANY_VERSION
from accounts.documents.events import DocumentWithheld
from accounts.kernel.actor import system_actor
from accounts.outbox.models import StoredEvent
from accounts.outbox.registry import consumer, scheduled
from accounts.rights.commands import expire_export, withdraw_export
from accounts.rights.queries import exports_to_expire, exports_with_papers
from accounts.rights.records import StepExport


@scheduled("exports-expire", every=timedelta(hours=1), label="Copies de dossiers expirées")
def expire_exports() -> int:
    """Erase the copies whose seven days are over."""
    found = exports_to_expire()
    for export_id, version in found:
        expire_export(StepExport(export_id=export_id, version=version), by=system_actor("exports-expire"))
    return len(found)


@consumer("exports-withdraw", DocumentWithheld, label="Copies de dossiers à refaire sans un fichier mis à l’écart")
def withdraw_exports(event: StoredEvent) -> None:
    """Erase the copies that may hold a file set aside."""
    for export_id in exports_with_papers(event.person_id) if event.person_id else []:
        withdraw_export(StepExport(export_id=export_id, version=ANY_VERSION), by=system_actor("exports-withdraw"))
