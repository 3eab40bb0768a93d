"""Keeping what a directory file says of territories, structures and professionals: called inside commands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accounts.organisations.models import Organisation, Professional, Territory, TerritoryPart
from accounts.organisations.records import DirectoryOrganisation, DirectoryProfessional, DirectoryTerritory
from accounts.organisations.states import OrganisationKind


@dataclass(slots=True)
class Changes:
    """What keeping a list did."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def count(self, written: str, *, also: bool = False) -> None:
        """Count one row; `also`: something beside the row itself changed."""
        if written == "created":
            self.created += 1
        elif written == "updated" or also:
            self.updated += 1
        else:
            self.unchanged += 1


def keep_territories(named: Iterable[DirectoryTerritory]) -> Changes:
    """Keep territories by code, their parts replaced by those named."""
    known = {row.code: row for row in Territory.objects.all()}
    changes = Changes()
    for one in named:
        row = known.get(one.code) or Territory(code=one.code)
        parts = set(TerritoryPart.objects.filter(territory=row).values_list("code", flat=True)) if row.name else set()
        changes.count(_write(row, {"kind": one.kind, "name": one.name}), also=parts != one.parts)
        if parts != one.parts:
            TerritoryPart.objects.filter(territory=row).exclude(code__in=one.parts).delete()
            TerritoryPart.objects.bulk_create(
                TerritoryPart(territory=row, code=code) for code in sorted(one.parts - parts)
            )
    return changes


def keep_organisation(named: DirectoryOrganisation, territory: Territory | None) -> tuple[Organisation, str]:
    """Keep a structure by its FINESS number; return it with "created", "updated" or "unchanged"."""
    row = Organisation.objects.filter(finess=named.finess).first() or Organisation(finess=named.finess)
    fields = {
        "name": named.name,
        "kind": named.kind,
        "commune": named.commune,
        "city": named.city,
        "departement": named.departement,
        "territory_id": territory.id if territory else None,
        "phone": named.phone,
        "verified": True,
    }
    return row, _write(row, fields)


def keep_unit(of: Organisation, name: str, kind: OrganisationKind) -> tuple[Organisation, str]:
    """Keep a team inside a structure, by its name; it stands where the structure stands. Returns as `keep_organisation`."""
    row = Organisation.objects.filter(part_of=of, name=name).first() or Organisation(part_of=of, name=name)
    fields = {
        "kind": kind if row._state.adding else row.kind,
        "commune": of.commune,
        "city": of.city,
        "departement": of.departement,
        "territory_id": of.territory_id,
    }
    return row, _write(row, fields)


def keep_professionals(named: Iterable[DirectoryProfessional]) -> tuple[dict[str, Professional], Changes]:
    """Keep professionals by RPPS number; return them by it."""
    wanted = {one.rpps: one for one in named}
    known = {row.rpps: row for row in Professional.objects.filter(rpps__in=wanted)}
    changes, kept = Changes(), {}
    for rpps, one in wanted.items():
        row = kept[rpps] = known.get(rpps) or Professional(rpps=rpps)
        fields = {
            "title": one.title,
            "family": one.family,
            "given": one.given,
            "profession": one.profession,
            "phone": one.phone,
            "verified": True,
        }
        changes.count(_write(row, fields))
    return kept, changes


def _write(row: Territory | Organisation | Professional, fields: Mapping[str, object]) -> str:
    """Write what differs; return "created", "updated" or "unchanged"."""
    is_new = row._state.adding
    if not is_new and all(getattr(row, name) == value for name, value in fields.items()):
        return "unchanged"
    for name, value in fields.items():
        setattr(row, name, value)
    if not is_new and not isinstance(row, Territory):
        row.version += 1
    row.save()
    return "created" if is_new else "updated"
