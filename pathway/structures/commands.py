"""Writing the directory: whole files by an administrator, one's own offer by a structure."""

from collections.abc import Iterable
from uuid import UUID

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, command
from accounts.kernel.ids import new_id
from accounts.organisations.functions import open_functions
from accounts.organisations.imports import (
    Changes,
    keep_organisation,
    keep_professionals,
    keep_territories,
    keep_unit,
)
from accounts.organisations.models import Membership, Organisation, Professional, Territory
from accounts.organisations.states import OrganisationKind
from pathway.structures.events import CareOfferChanged, DirectoryImported
from pathway.structures.models import CareOffer, DirectoryImport, OfferArea
from pathway.structures.records import (
    Criteria,
    ImportStaff,
    ImportStructures,
    ImportTerritories,
    LineProblem,
    OfferRow,
    StructureRow,
    UpdateOffer,
)
from pathway.structures.rules import StructureFileRefused, check_criteria, check_referents, is_place
from pathway.structures.states import OfferKind

MOBILE = frozenset(
    {OfferKind.EMSP, OfferKind.EMSPT, OfferKind.EMSP_PAEDIATRIC, OfferKind.ERRSPP, OfferKind.RAPID_RESPONSE}
)


@command(Permission.STRUCTURE_DIRECTORY_IMPORT)
def import_territories(record: ImportTerritories, act: Act) -> Receipt:
    """Keep territories and their parts."""
    _ask(act)
    return _report("territories", keep_territories(record.territories), record.digest, act)


@command(Permission.STRUCTURE_DIRECTORY_IMPORT)
def import_structures(record: ImportStructures, act: Act) -> Receipt:
    """Keep structures by FINESS number and their offers by code; the same file twice changes nothing.

    Raises `StructureFileRefused` with every line that names something unknown: then nothing is kept.
    Offers that the file does not name stay as they are; an offer whose structure changed changes with it.
    """
    _ask(act)
    known = _Known(record.rows)
    problems = [problem for row in record.rows for problem in known.problems_of(row)]
    if problems:
        raise StructureFileRefused(problems)
    changes = Changes()
    for row in record.rows:
        known.keep(row)
        if row.offer:
            changes.count(_keep_offer(row.offer, known.giver_of(row, row.offer), known, act))
    return _report("structures", changes, record.digest, act)


@command(Permission.STRUCTURE_DIRECTORY_IMPORT)
def import_staff(record: ImportStaff, act: Act) -> Receipt:
    """Keep professionals by RPPS number and open the functions that are not open yet.

    A function at a structure or unit that the directory lacks is left out.
    """
    _ask(act)
    people, changes = keep_professionals(row.professional for row in record.rows)
    places = {
        (place.part_of.finess if place.part_of else place.finess, place.name if place.part_of else ""): place.id
        for place in Organisation.objects.select_related("part_of").order_by("id")
    }
    functions = ((row, places.get((row.finess, row.unit))) for row in record.rows)
    changes.created += open_functions(
        (people[row.professional.rpps].id, place, row.role) for row, place in functions if place
    )
    return _report("staff", changes, record.digest, act)


@command(Permission.STRUCTURE_DIRECTORY_UPDATE_OWN_ORG)
def update_offer(record: UpdateOffer, act: Act) -> Receipt:
    """Correct what a structure says of its own offer."""
    offer = act.open(CareOffer, record.offer_id, version=record.version)
    check_criteria(record.criteria)
    chosen = (record.medical_referent_id, record.nursing_referent_id)
    check_referents(chosen, _staff_of(offer.organisation))
    offer.name, offer.hours, offer.email = record.name.strip(), record.hours.strip(), record.email
    offer.phone, offer.night_phone = record.phone, record.night_phone
    offer.installed = record.installed
    offer.medical_referent_id, offer.nursing_referent_id = chosen
    _fill_criteria(offer, record.criteria)
    return act.amend(offer, "update", CareOfferChanged)


def _ask(act: Act) -> None:
    act.ask(Facts(type="directory", organisation_id=act.by.organisation_id))


def _report(kind: str, changes: Changes, digest: str, act: Act) -> Receipt:
    row = DirectoryImport(
        kind=kind, digest=digest, created=changes.created, updated=changes.updated, unchanged=changes.unchanged
    )
    return act.add(row, "import", DirectoryImported)


def _kind_of_unit(kind: OfferKind) -> OrganisationKind:
    return OrganisationKind.MOBILE_TEAM if kind in MOBILE else OrganisationKind.CARE_UNIT


def _staff_of(organisation: Organisation) -> set[UUID]:
    places = [place for place in (organisation.id, organisation.part_of_id) if place]
    rows = Membership.objects.filter(organisation_id__in=places, ends_on=None)
    return set(rows.values_list("professional_id", flat=True))


class _Known:
    """What the directory already has of all that a file names, read at once."""

    def __init__(self, rows: Iterable[StructureRow]) -> None:
        rows = list(rows)
        self.territories = {row.code: row for row in Territory.objects.order_by("code")}
        self.structures = {
            row.finess: row for row in Organisation.objects.filter(finess__in={row.finess for row in rows})
        }
        self.changed: set[UUID] = set()
        self.named = {row.finess for row in rows if row.organisation}
        rpps = {number for row in rows if row.offer for number in _referents(row.offer) if number}
        self.professionals = dict(Professional.objects.filter(rpps__in=rpps).values_list("rpps", "id"))
        offers = CareOffer.objects.filter(code__in={row.offer.code for row in rows if row.offer})
        self.offers = {
            (offer.organisation_id, offer.code): offer
            for offer in offers.select_related("organisation").prefetch_related("areas")
        }

    def problems_of(self, row: StructureRow) -> list[LineProblem]:
        """Return what one line names that nobody knows."""
        found = []
        if row.finess not in self.named and row.finess not in self.structures:
            found.append(f"la structure {row.finess} n’est ni dans le fichier ni dans l’annuaire.")
        if row.organisation and row.organisation.territory and row.organisation.territory not in self.territories:
            found.append(f"territoire « {row.organisation.territory} » inconnu.")
        if row.offer:
            found += [f"zone « {area} » inconnue." for area in row.offer.areas if not self._is_area(area)]
            found += [
                f"référent inconnu : aucun professionnel n’a le numéro RPPS {number}."
                for number in _referents(row.offer)
                if number and number not in self.professionals
            ]
        return [LineProblem(row.line, text) for text in found]

    def keep(self, row: StructureRow) -> None:
        """Keep the structure that a line describes, if it does."""
        if row.organisation:
            territory = self.territories.get(row.organisation.territory)
            self._note(row.finess, *keep_organisation(row.organisation, territory))

    def giver_of(self, row: StructureRow, offer: OfferRow) -> Organisation:
        """Return who gives an offer: the structure itself, or its team."""
        structure = self.structures[row.finess]
        if not row.unit:
            return structure
        unit, written = keep_unit(structure, row.unit, _kind_of_unit(offer.kind))
        if written == "updated":
            self.changed.add(unit.id)
        return unit

    def _note(self, finess: str, structure: Organisation, written: str) -> None:
        self.structures[finess] = structure
        if written == "updated":
            self.changed.add(structure.id)

    def _is_area(self, code: str) -> bool:
        return code in self.territories or is_place(code)


def _referents(offer: OfferRow) -> tuple[str, str]:
    return offer.medical_referent, offer.nursing_referent


def _keep_offer(row: OfferRow, giver: Organisation, known: _Known, act: Act) -> str:
    offer = known.offers.get((giver.id, row.code))
    is_new = offer is None
    offer = offer or CareOffer(id=new_id(), organisation=giver, code=row.code)
    before = None if is_new else _state_of(offer)
    offer.kind, offer.name, offer.hours = row.kind, row.name, row.hours
    offer.phone, offer.night_phone, offer.installed = row.phone, row.night_phone, row.installed
    offer.medical_referent_id = known.professionals.get(row.medical_referent)
    offer.nursing_referent_id = known.professionals.get(row.nursing_referent)
    offer.is_active = True
    _fill_criteria(offer, row.criteria)
    areas = set() if is_new else {area.code for area in offer.areas.all()}
    same_place = giver.id not in known.changed and giver.part_of_id not in known.changed
    if _state_of(offer) == before and areas == set(row.areas) and same_place:
        return "unchanged"
    if is_new:
        act.add(offer, "list", CareOfferChanged)
    else:
        act.amend(offer, "update", CareOfferChanged)
    OfferArea.objects.filter(offer=offer).exclude(code__in=row.areas).delete()
    OfferArea.objects.bulk_create(OfferArea(offer=offer, code=code) for code in row.areas if code not in areas)
    return "created" if is_new else "updated"


def _state_of(offer: CareOffer) -> dict[str, object]:
    return {field.attname: getattr(offer, field.attname) for field in offer._meta.concrete_fields}


def _fill_criteria(offer: CareOffer, criteria: Criteria) -> None:
    offer.levels = "".join(str(level) for level in sorted(criteria.levels))
    offer.min_age, offer.max_age = criteria.min_age, criteria.max_age
    offer.needs_home_carer = criteria.needs_home_carer
    offer.excludes = sorted(str(one) for one in criteria.excludes)
    offer.criteria_text = criteria.text.strip()
