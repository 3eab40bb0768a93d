"""Invented care offers, made through the import as in a real deployment."""

from collections.abc import Mapping
from itertools import count
from uuid import UUID

from accounts.kernel.actor import Actor, Channel, Role, system_actor
from accounts.organisations.models import Organisation
from pathway.capacity.commands import declare_places
from pathway.capacity.records import DeclarePlaces
from pathway.structures.commands import import_structures
from pathway.structures.models import CareOffer
from pathway.structures.reading import COLUMNS, read_structures
from pathway.structures.rules import is_finess
from tests.factories import people

_numbers = count(1)
IMPORTER = system_actor("tests", channel=Channel.CONSOLE)


def finess() -> str:
    """Return an invented FINESS number with a right key."""
    body = f"9888{next(_numbers):04d}"
    digits = [int(digit) * (2 - position % 2) for position, digit in enumerate(reversed(body))]
    return f"{body}{-sum(value - 9 if value > 9 else value for value in digits) % 10}"


def line(**cells: object) -> dict[str, str]:
    """Return one line of a directory file: an USP at Dijon with ten beds, unless said otherwise."""
    number = next(_numbers)
    usual = {
        "finess": finess(),
        "structure": f"Hôpital {number} (fictif)",
        "type": "hospital",
        "commune": "21231",
        "telephone": "03 53 01 99 01",
        "code_offre": "USP",
        "offre": "usp",
        "nom_offre": f"USP {number} (fictif)",
        "zones": "21",
        "niveaux": "23",
        "age_min": "18",
        "places": "10",
    }
    return {column: str({**usual, **cells}.get(column, "")) for column in COLUMNS}


def file_of(*lines: Mapping[str, str]) -> str:
    """Return the text of a directory file."""
    rows = [";".join(COLUMNS), *(";".join(row[column] for column in COLUMNS) for row in lines)]
    return "\n".join(rows) + "\n"


def offer(at: Organisation | None = None, **cells: object) -> CareOffer:
    """Return a new offer, of a structure of its own or of one that exists."""
    if at is not None:
        cells = {"finess": _right_number(at), "structure": "", **cells}
    row = line(**cells)
    import_structures(read_structures(file_of(row)), by=IMPORTER)
    return CareOffer.objects.select_related("organisation").get(name=row["nom_offre"])


def bed_manager(of: CareOffer) -> Actor:
    """Return the bed manager of an offer's structure."""
    return people.actor(Role.BED_MANAGER, of.organisation)


def declared(of: CareOffer, available: int, by: Actor | None = None) -> UUID:
    """Declare the first figure of an offer and return the id of its row of places."""
    record = DeclarePlaces(offer_id=of.id, available=available, version=0)
    return declare_places(record, by=by or bed_manager(of)).id


def _right_number(at: Organisation) -> str:
    """Return the FINESS number of a structure, a new one with a right key when it had none."""
    if not is_finess(at.finess or ""):
        at.finess = finess()
        at.save(update_fields=["finess"])
    return str(at.finess)
