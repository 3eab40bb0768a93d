"""Making the copies that were approved, well within the hour."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from accounts.kernel.actor import system_actor
from accounts.kernel.errors import StaleVersion
from accounts.outbox.registry import scheduled
from accounts.rights.commands import store_export
from accounts.rights.queries import exports_to_build
from accounts.rights.records import StoreExport
from fhir_bridge.export.archive import archive_of


@scheduled("exports-build", every=timedelta(minutes=5), label="Copies de dossiers à préparer")
def build_exports() -> int:
    """Make each approved copy and keep it encrypted, in the name of the structure that asked.

    One of which a file was set aside meanwhile is left for the next run.
    """
    made = 0
    for export_id, version, person_id, organisation_id in exports_to_build():
        clerk = replace(system_actor("exports-build"), organisation_id=organisation_id)
        with suppress(StaleVersion):
            store_export(StoreExport(export_id=export_id, version=version, content=archive_of(person_id)), by=clerk)
            made += 1
    return made
