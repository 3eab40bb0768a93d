"""Two records of one person at one hospital, and somebody there who may merge them."""

from dataclasses import dataclass, replace
from uuid import UUID

from accounts.kernel.actor import Actor, Role
from accounts.organisations.models import Organisation
from accounts.people.models import Person
from accounts.people.records import RegisterPerson
from accounts.people.states import IdentityStatus
from accounts.vigilance.commands import merge_records, part_records
from accounts.vigilance.models import IdentityMerge
from accounts.vigilance.records import MergeRecords, PartRecords
from tests.factories import people

WHY = "La carte d’identité lue ce matin est celle des deux dossiers."
MISTAKE = "La personne est venue : ce sont deux sœurs, pas une seule."


@dataclass(frozen=True, slots=True)
class Pair:
    """A qualified record, to keep, and a provisional one of the same person; `officer` holds the mandate."""

    hospital: Organisation
    officer: Actor
    nurse: Actor
    kept_id: UUID
    merged_id: UUID


def provisional(like: RegisterPerson, **fields: object) -> RegisterPerson:
    """Return the same identity as somebody typed it at a desk, without its number."""
    return replace(like, status=IdentityStatus.PROVISIONAL, ins=None, **fields)  # type: ignore[arg-type]  # (a factory takes any field)


def pair(**fields: object) -> Pair:
    """Return two records of one person; `fields` are those of the second one."""
    hospital = people.organisation()
    officer, nurse = people.identity_officer(Role.PHYSICIAN, hospital), people.actor(Role.NURSE, hospital)
    first = people.registration()
    kept_id = people.register_person(first, by=nurse).id
    merged_id = people.register_person(provisional(first, **fields), by=nurse).id
    return Pair(hospital, officer, nurse, kept_id, merged_id)


def merging(of: Pair, **fields: object) -> MergeRecords:
    """Return the input of their merge as they stand now."""
    versions = dict(Person.objects.values_list("pk", "version"))
    values: dict[str, object] = {
        "kept_id": of.kept_id,
        "kept_version": versions[of.kept_id],
        "merged_id": of.merged_id,
        "merged_version": versions[of.merged_id],
        "reason": WHY,
        **fields,
    }
    return MergeRecords(**values)  # type: ignore[arg-type]  # (a factory takes any field)


def merged(of: Pair) -> IdentityMerge:
    """Return their merge."""
    return IdentityMerge.objects.get(pk=merge_records(merging(of), by=of.officer).id)


def parting(merge: IdentityMerge) -> PartRecords:
    """Return the input of the end of a merge."""
    return PartRecords(merge_id=merge.pk, version=merge.version, reason=MISTAKE)


def parted(merge: IdentityMerge, of: Pair) -> None:
    """Part them again."""
    part_records(parting(merge), by=of.officer)
