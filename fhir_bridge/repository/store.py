"""Writing and reading single resources. A body is sealed for its type, id and version, and holds its own `meta`."""

import hashlib
import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Final, NoReturn
from uuid import UUID

import orjson
from django.db.models import Q

from accounts.access.gate import keep_standing, permit
from accounts.access.permissions import Permission
from accounts.access.records import Decision, Facts, FieldSet
from accounts.access.standing import standing_beside
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now
from accounts.kernel.crypto import BlindIndex
from accounts.kernel.database import on_postgresql
from accounts.kernel.errors import NotAllowed, NotFound
from accounts.kernel.fields import Reindex
from accounts.kernel.ids import new_id
from accounts.kernel.keyring import blind_index, seal, unseal
from accounts.kernel.wall import Reason, seeing_everything
from fhir_bridge.r4.datatypes import Json, instant
from fhir_bridge.r4.gate import serialise
from fhir_bridge.repository.catalogue import CATALOGUE
from fhir_bridge.repository.index import Rows, rows_of
from fhir_bridge.repository.models import DateRow, Recipient, RefRow, Resource, ResourceVersion, TokenRow, place
from fhir_bridge.repository.records import Access, Projected, Source, Stored

FIRST_VERSION = 1
VERSION_OF = ("versionId", "lastUpdated")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


def put(made: Projected, source: Source, row: Resource | None) -> bool:
    """Store a resource as the next version of its row, `None` for the first one, inside the caller's transaction.

    Return whether anything changed: what has not is not stored again.
    """
    resource, access, mark = made.resource, made.access, mark_of(made.resource)
    if row is not None and _is_as_stored(row, made, source, mark):
        return False
    is_new = row is None
    if row is None:
        row = Resource(rtype=resource["resourceType"], fid=str(resource["id"]), version=FIRST_VERSION)
    elif row.deleted or not mark.matches(row.mark):
        _supersede(row)
    row.updated = _instant_after(row)
    row.deleted, row.mark = False, mark
    row.body = seal(_body(resource, row), bound_to=place(row.rtype, row.fid, row.version))
    row.source_type, row.source_id = source.type, source.id
    _copy_access(row, access)
    row.save()
    _write_recipients(row, access, present=set() if is_new else _recipient_ids(row))
    _write_rows(row, rows_of(resource), present=Rows() if is_new else _present_rows(row))
    return True


def retire(row: Resource) -> None:
    """Mark a resource as deleted, as its next version, inside the caller's transaction: no search finds it any more."""
    _supersede(row)
    row.updated, row.deleted, row.body, row.mark = _instant_after(row), True, b"", b""
    row.save()
    _write_rows(row, Rows(), present=_present_rows(row))


def made_from(source: Source) -> dict[str, Resource]:
    """Return the rows that an aggregate is shown as by their addresses, locked, deleted ones left out."""
    return _locked(Q(source_type=source.type, source_id=source.id, deleted=False))


def rows_at(addresses: Collection[str]) -> dict[str, Resource]:
    """Return the rows at some addresses, locked; an address without a row is left out."""
    if not addresses:
        return {}
    found = _locked(Q(fid__in={address.partition("/")[2] for address in addresses}))
    return {address: row for address, row in found.items() if address in addresses}


def is_as_stored(row: Resource, made: Projected, source: Source) -> bool:
    """Tell whether the store already holds exactly this resource, with the same guard and source."""
    return _is_as_stored(row, made, source, mark_of(made.resource))


def _is_as_stored(row: Resource, made: Projected, source: Source, mark: BlindIndex) -> bool:
    return (
        not row.deleted
        and mark.matches(row.mark)
        and (row.source_type, row.source_id) == (source.type, source.id)
        and _access_of(row) == made.access
    )


def mark_of(resource: Json) -> BlindIndex:
    """Return the keyed digest that two equal resources share, whatever their version."""
    canonical = orjson.dumps(orjson.loads(serialise(resource)), option=orjson.OPT_SORT_KEYS)
    return blind_index("fhir.body", hashlib.sha256(canonical).hexdigest())


def reindex(row: Resource) -> bool:
    """Make the mark and the tokens of a stored resource again under the active key; tell whether any was under another."""
    if row.deleted:
        return False
    resource = _without_version(orjson.loads(stored(row, in_full=True).body))
    mark, wanted, present = mark_of(resource), rows_of(resource), _present_rows(row)
    if mark == bytes(row.mark) and present.tokens == wanted.tokens:
        return False
    row.mark = mark
    row.save(update_fields=["mark"])
    _write_rows(row, wanted, present=present)
    return True


RESOURCES: Final = Reindex("fhir_bridge.Resource", reindex)


def sources_about(person_ids: Collection[UUID]) -> list[Source]:
    """Return the aggregates that the store shows, or once showed, of some persons."""
    rows = Resource.objects.filter(person_id__in=person_ids).order_by("source_type", "source_id").distinct()
    return [Source(type=name, id=one) for name, one in rows.values_list("source_type", "source_id")]


def known(addresses: Iterable[str]) -> set[str]:
    """Return which of the relative addresses are in the store."""
    wanted = set(addresses)
    ids = {address.partition("/")[2] for address in wanted}
    rows = Resource.objects.filter(fid__in=ids, deleted=False).order_by("id").values_list("rtype", "fid")
    return {f"{rtype}/{fid}" for rtype, fid in rows} & wanted


def row_of(rtype: str, fid: str) -> Resource | None:
    """Return the row of a resource, unscoped: for an interaction that asks the gate; what is no id names none."""
    if not _ID.fullmatch(fid):
        return None
    return Resource.objects.filter(rtype=rtype, fid=fid).first()


def made_as(rtype: str, source: Source) -> Resource | None:
    """Return the resource of one type that an aggregate is shown as; `None` when it is not shown as such."""
    rows = Resource.objects.filter(rtype=rtype, source_type=source.type, source_id=source.id, deleted=False)
    return rows.order_by("id").first()


def read(rtype: str, fid: str, *, actor: Actor) -> Stored:
    """Return the present version to an actor who may see it; raises `NotFound` otherwise."""
    row = _row_for(rtype, fid, actor) or _refuse(rtype, fid, actor)
    return stored(row, in_full=_ask(row, actor).fields == FieldSet.FULL)


def vread(rtype: str, fid: str, version: int, *, actor: Actor) -> Stored:
    """Return one version, under the rights of the present one; raises `NotFound` otherwise."""
    found = [one for one in history(rtype, fid, actor=actor) if one.version == version]
    if not found:
        raise NotFound
    return found[0]


def history(rtype: str, fid: str, *, actor: Actor) -> list[Stored]:
    """Return every version, newest first, under the rights of the present one; raises `NotFound` otherwise."""
    row = _row_for(rtype, fid, actor) or _refuse(rtype, fid, actor)
    in_full = _ask(row, actor).fields == FieldSet.FULL
    versions = ResourceVersion.objects.filter(resource=row).order_by("-version")
    return [stored(row, in_full=in_full), *(_stored_version(row, old, in_full=in_full) for old in versions)]


def stored(row: Resource, *, in_full: bool) -> Stored:
    """Return a row of the store with its body opened."""
    return _opened(row, row, in_full=in_full)


def _stored_version(row: Resource, old: ResourceVersion, *, in_full: bool) -> Stored:
    return _opened(row, old, in_full=in_full)


def _opened(row: Resource, version: Resource | ResourceVersion, *, in_full: bool) -> Stored:
    body = b""
    if not version.deleted:
        body = unseal(bytes(version.body), bound_to=place(row.rtype, row.fid, version.version))
    return Stored(
        type=row.rtype,
        id=row.fid,
        version=version.version,
        updated=version.updated,
        body=body,
        person_id=row.person_id,
        deleted=version.deleted,
        in_full=in_full,
    )


def _row_for(rtype: str, fid: str, actor: Actor) -> Resource | None:
    """Return the row of a resource with the actor's standing towards its person, which the gate is about to ask for."""
    if not _ID.fullmatch(fid):
        return None
    standing, values = standing_beside(actor, person="r.person_id")
    rows = Resource.objects.raw(
        f"SELECT r.*, {standing} AS standing FROM fhir_bridge_resource r WHERE rtype = %(rtype)s AND fid = %(fid)s",  # noqa: S608 (only names of values are put in)
        {**values, "rtype": rtype, "fid": fid},
    )
    row = next(iter(rows), None)
    if row is not None and row.person_id is not None:
        keep_standing(actor, row.person_id, row.standing)  # type: ignore[attr-defined]  # (the statement's own column)
    return row


def _refuse(rtype: str, fid: str, actor: Actor) -> NoReturn:
    """Raise `NotFound` for what is not there or stands behind the wall: the gate leaves the trace of a refusal, in the same time."""
    with seeing_everything(Reason.REFUSAL):
        asked = (row_of(rtype, fid) if on_postgresql() else None) or _nobodys(rtype, fid, actor)
        if asked is not None:
            _ask(asked, actor)
    raise NotFound


def _nobodys(rtype: str, fid: str, actor: Actor) -> Resource | None:
    """Return what an unknown id would be of, for a type that is about persons: asking for it costs what a refusal costs."""
    served = CATALOGUE.get(rtype)
    if served is None or not (rtype == "Patient" or "patient" in served.params):
        return None
    nobody = new_id()
    if not on_postgresql():
        keep_standing(actor, nobody, None)
    return Resource(rtype=rtype, fid=fid, right=served.rights[0], person_id=nobody)


def _ask(row: Resource, actor: Actor) -> Decision:
    """Ask the gate for a row's own right, then for the one that opens a minimum set; what is refused is not found."""
    facts = _facts(row)
    also = CATALOGUE[row.rtype].also
    for right in (Permission(row.right), *((also,) if also else ())):
        try:
            return permit(actor, right, facts)
        except (NotFound, NotAllowed):
            continue
    raise NotFound


def _facts(row: Resource) -> Facts:
    recipients = frozenset(_recipient_ids(row)) if row.sender_id is not None else frozenset()
    return Facts(
        type=row.rtype,
        id=row.source_id,
        person_id=row.person_id,
        organisation_id=row.organisation_id,
        sender_id=row.sender_id,
        recipient_ids=recipients,
        clean=row.is_clean,
    )


def _locked(which: Q) -> dict[str, Resource]:
    return {f"{row.rtype}/{row.fid}": row for row in Resource.objects.select_for_update().filter(which).order_by("id")}


def _supersede(row: Resource) -> None:
    ResourceVersion.objects.create(
        resource=row, version=row.version, updated=row.updated, deleted=row.deleted, body=bytes(row.body)
    )
    row.version += 1


def _instant_after(row: Resource) -> int:
    """Return the present instant, later than the row's: versions are ordered by it."""
    return max(int(now().timestamp() * 1000), (row.updated or 0) + 1)


def _body(resource: Json, row: Resource) -> bytes:
    updated = instant(datetime.fromtimestamp(row.updated / 1000, UTC))
    meta = {"versionId": str(row.version), "lastUpdated": updated, **resource.get("meta", {})}
    head = {"resourceType": resource["resourceType"], "id": resource["id"], "meta": meta}
    return serialise({**head, **{key: value for key, value in resource.items() if key not in head}})


def _without_version(body: Json) -> Json:
    """Return the resource that a stored body was made from: the reverse of `_body`."""
    meta = {key: value for key, value in body["meta"].items() if key not in VERSION_OF}
    rest = {key: value for key, value in body.items() if key != "meta"}
    return {**rest, "meta": meta} if meta else rest


def _copy_access(row: Resource, access: Access) -> None:
    row.right = access.right
    row.person_id, row.organisation_id, row.sender_id = access.person_id, access.organisation_id, access.sender_id
    row.is_clean = access.clean


def _access_of(row: Resource) -> Access:
    return Access(
        right=Permission(row.right),
        person_id=row.person_id,
        organisation_id=row.organisation_id,
        sender_id=row.sender_id,
        recipient_ids=frozenset(_recipient_ids(row)),
        clean=row.is_clean,
    )


def _recipient_ids(row: Resource) -> set[UUID]:
    return set(Recipient.objects.filter(resource=row).values_list("organisation_id", flat=True))


def _write_recipients(row: Resource, access: Access, *, present: set[UUID]) -> None:
    if gone := present - access.recipient_ids:
        Recipient.objects.filter(resource=row, organisation_id__in=gone).delete()
    Recipient.objects.bulk_create(
        Recipient(resource=row, organisation_id=one) for one in sorted(access.recipient_ids - present)
    )


def _present_rows(row: Resource) -> Rows:
    return Rows(
        tokens=set(TokenRow.objects.filter(resource=row).values_list("param", "token")),
        refs=set(RefRow.objects.filter(resource=row).values_list("param", "target")),
        dates=set(DateRow.objects.filter(resource=row).values_list("param", "low", "high")),
    )


def _write_rows(row: Resource, wanted: Rows, *, present: Rows) -> None:
    """Replace the search rows that changed, and only those: most updates change one status."""
    for param, token in present.tokens - wanted.tokens:
        TokenRow.objects.filter(resource=row, param=param, token=token).delete()
    for param, target in present.refs - wanted.refs:
        RefRow.objects.filter(resource=row, param=param, target=target).delete()
    for param, low, high in present.dates - wanted.dates:
        DateRow.objects.filter(resource=row, param=param, low=low, high=high).delete()
    TokenRow.objects.bulk_create(
        TokenRow(resource=row, rtype=row.rtype, param=param, token=token)
        for param, token in sorted(wanted.tokens - present.tokens)
    )
    RefRow.objects.bulk_create(
        RefRow(resource=row, rtype=row.rtype, param=param, target=target)
        for param, target in sorted(wanted.refs - present.refs)
    )
    DateRow.objects.bulk_create(
        DateRow(resource=row, rtype=row.rtype, param=param, low=low, high=high)
        for param, low, high in sorted(wanted.dates - present.dates)
    )
