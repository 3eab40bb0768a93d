"""Making the copies that were approved, well within the hour."""

from dataclasses import replace
from datetime import timedelta

from accounts.kernel.actor import system_actor
from accounts.outbox.registry import scheduled
from accounts.rights.commands import store_export
from accounts.rights.queries import exports_to_build
from accounts.rights.records import StoreExport
from fhir_bridge.export.archive import archive_of


@scheduled("exports-build", every=timedelta(minutes=5), label="Copies de dossiers à préparer")
def build_exports() -> int:
    """Make each approved copy and keep it encrypted, in the name of the structure that asked."""
    found = exports_to_build()
    for export_id, version, person_id, organisation_id in found:
        clerk = replace(system_actor("exports-build"), organisation_id=organisation_id)
        store_export(StoreExport(export_id=export_id, version=version, content=archive_of(person_id)), by=clerk)
    return len(found)
