"""Invented emergency sheets, through the commands."""

from uuid import UUID

from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from ppa.emergency_sheets.commands import note_holder, sign_sheet, write_sheet
from ppa.emergency_sheets.records import NoteHolder, SignSheet, WriteSheet, Written
from ppa.emergency_sheets.snapshots import draft_snapshot
from ppa.emergency_sheets.states import HolderKind, Means, Measure, Phase, Sedation, Stance, Transfer


def written(**fields: object) -> Written:
    """Return what a physician completes: no resuscitation, care at home."""
    values: dict[str, object] = {
        "phase": Phase.PALLIATIVE,
        "illness": "Cancer du pancréas métastatique",
        "symptoms": "Douleur, encombrement, angoisse",
        "goals": "Confort, rester chez elle",
        "conduct": "Donner la morphine prévue. Appeler l’infirmière, puis l’équipe mobile. Ne pas transférer sans appel.",
        "measures": {Measure.CPR: Stance.REFUSED, Measure.INTUBATION: Stance.UNADVISED},
        "sedation": Sedation.ACCEPTED,
        "transfer": Transfer.AVOID,
        "devices": "Oxygène, chambre implantable",
        "call": "Infirmière de nuit, équipe mobile, puis le 15",
        **fields,
    }
    return Written(**values)  # type: ignore[arg-type]  # (a factory takes any field)


def draft(person_id: UUID, by: Actor, **fields: object) -> UUID:
    """Return the id of a sheet that a physician has written, the next version of it when there is one."""
    held = draft_snapshot(person_id)
    return write_sheet(WriteSheet(person_id=person_id, version=held.version, written=written(**fields)), by=by).id


def signature(person_id: UUID) -> SignSheet:
    """Return the input of a signature of what stands now."""
    shown = draft_snapshot(person_id)
    assert shown.sheet_id is not None
    return SignSheet(sheet_id=shown.sheet_id, version=shown.version, digest=shown.digest)


def signed(person_id: UUID, by: Actor, **fields: object) -> UUID:
    """Return the id of a sheet with one more signed version."""
    sheet_id = draft(person_id, by, **fields)
    sign_sheet(signature(person_id), by=by)
    return sheet_id


def holder(person_id: UUID, by: Actor, **fields: object) -> UUID:
    """Return the id of a holder of the last signed version: the SAMU of Côte-d’Or, by secure mail."""
    shown = draft_snapshot(person_id)
    assert shown.sheet_id is not None
    values: dict[str, object] = {
        "kind": HolderKind.SAMU,
        "name": "",
        "departement": "21",
        "means": Means.SECURE_MAIL,
        "who": "Dr Albane Bellelune",
        "done_on": today(),
        **fields,
    }
    return note_holder(NoteHolder(sheet_id=shown.sheet_id, version=shown.version, **values), by=by).id  # type: ignore[arg-type]  # (a factory takes any field)
