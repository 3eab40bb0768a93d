"""What the commands of structures are given, and what reading hands out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.kernel.actor import Role
from accounts.organisations.records import DirectoryOrganisation, DirectoryProfessional, DirectoryTerritory
from pathway.structures.states import KINDS, Exclusion, KindFacts, OfferKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """Whom an offer admits. Ages in years, both included, `None` without a bound; empty `levels`: any level."""

    levels: frozenset[int] = frozenset()
    min_age: int | None = None
    max_age: int | None = None
    needs_home_carer: bool = False
    excludes: frozenset[Exclusion] = frozenset()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """One offer of a directory file. `areas`: codes of communes, départements or territories; referents by RPPS."""

    code: str
    kind: OfferKind
    name: str
    areas: tuple[str, ...] = ()
    criteria: Criteria = Criteria()
    installed: int = 0
    hours: str = ""
    phone: str = ""
    night_phone: str = ""
    medical_referent: str = ""
    nursing_referent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureRow:
    """One line of a directory file: a structure, an offer, or both.

    `organisation` is `None` when the line only adds an offer to the structure of that
    FINESS number; `unit` names the team inside it that gives the offer.
    """

    line: int
    finess: str
    organisation: DirectoryOrganisation | None
    unit: str
    offer: OfferRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStructures:
    """A directory file, read: all of it is kept, or nothing."""

    rows: tuple[StructureRow, ...]
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTerritories:
    """The territories of a deployment."""

    territories: tuple[DirectoryTerritory, ...]
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """One professional works in one function for a structure, or for a unit of it."""

    professional: DirectoryProfessional
    role: Role
    finess: str
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStaff:
    """Who works where."""

    rows: tuple[WorkRow, ...]
    digest: str = ""


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong with one line of a file, in French."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What the last import of a kind did."""

    id: UUID
    created: int
    updated: int
    unchanged: int
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateOffer:
    """A structure corrects what it says of its own offer. Referents are ids of professionals who work there."""

    offer_id: UUID
    version: int | None
    name: str
    criteria: Criteria
    hours: str = ""
    phone: str = ""
    night_phone: str = ""
    email: str = ""
    installed: int = 0
    medical_referent_id: UUID | None = None
    nursing_referent_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Referent:
    """Whom to ask for: a name and a phone."""

    id: UUID
    name: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSnapshot:
    """An offer with its structure, as lists, matching and the FHIR projection read it."""

    id: UUID
    version: int
    code: str
    kind: OfferKind
    name: str
    organisation_id: UUID
    organisation_name: str
    finess: str
    commune: str
    city: str
    departement: str
    organisation_phone: str
    areas: tuple[str, ...]
    criteria: Criteria
    installed: int
    hours: str
    phone: str
    night_phone: str
    email: str
    medical_referent: Referent | None
    nursing_referent: Referent | None
    is_active: bool
    updated_at: datetime

    @property
    def facts_of_kind(self) -> KindFacts:
        """What holds for every offer of this kind."""
        return KINDS[self.kind]

    @property
    def best_phone(self) -> str:
        """The number to call by day: that of the offer, else that of the structure."""
        return self.phone or self.organisation_phone


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPage:
    """One page of the directory; `next_key` is empty on the last one."""

    offers: tuple[OfferSnapshot, ...]
    next_key: str
