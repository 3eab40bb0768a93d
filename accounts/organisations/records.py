"""What other features are told of organisations and professionals, and what a directory import brings."""

from dataclasses import dataclass
from uuid import UUID

from accounts.organisations.states import OrganisationKind, TerritoryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideProfessional:
    """A professional named by a partner: matched by RPPS, else kept as an unverified outside contact."""

    rpps: str = ""
    family: str = ""
    given: str = ""
    title: str = ""
    profession: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideOrganisation:
    """An organisation named by a partner: matched by FINESS, else kept as unverified."""

    finess: str = ""
    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationSnapshot:
    """An organisation as the FHIR bridge reads it."""

    id: UUID
    version: int
    finess: str
    name: str
    kind: OrganisationKind
    part_of_id: UUID | None
    commune: str
    city: str
    departement: str
    phone: str
    email: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfessionalSnapshot:
    """A professional as the FHIR bridge reads it."""

    id: UUID
    version: int
    rpps: str
    title: str
    family: str
    given: str
    profession: str
    phone: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryOrganisation:
    """A structure as a directory file names it. `territory` is a territory's code, empty when it has none."""

    finess: str
    name: str
    kind: OrganisationKind
    commune: str = ""
    city: str = ""
    departement: str = ""
    territory: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryProfessional:
    """A professional as a directory file names her."""

    rpps: str
    title: str = ""
    family: str
    given: str
    profession: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryTerritory:
    """A territory and the codes of its communes or départements."""

    code: str
    kind: TerritoryKind
    name: str
    parts: frozenset[str]
