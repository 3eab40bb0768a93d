"""Moving everything of one purpose to a new key while people work: resumable, and refused an end that loses anything.

A new key seals at once, the former ones go on opening. What lies under them is moved until nothing is left; then
they may be destroyed. A second run goes on where the first one stopped.
"""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from accounts.audit.journal import write_alone
from accounts.audit.records import AuditEntry
from accounts.documents.store import check_files, convert_former_files
from accounts.kernel.actor import Channel, system_actor
from accounts.kernel.clock import now
from accounts.kernel.crypto import Purpose
from accounts.kernel.custody import Custody, custody, new_wrapped_key
from accounts.kernel.data_keys import DataKey, KeyRotation
from accounts.kernel.database import with_retries
from accounts.kernel.fields import BlindIndexField, BlindTokenField, Reindex
from accounts.kernel.keyring import count_uses, forget_keys, make_key
from accounts.safekeeping.tables import BATCH, Moved, sealed_tables

USES_ALARM: Final = 2**28
"""Long before the 2^32 uses after which two nonces of AES-GCM may be equal. Source: security reference §5.1."""
STAYS_READABLE: Final = timedelta(minutes=10)
"""Longer than any transaction, and than any process holds a ring: what a retired key sealed is written by then."""
PATIENCE_SECONDS: Final = 60
KEPT_TO_CHECK: Final = frozenset({Purpose.AUDIT, Purpose.SIGNATURE})
"""What these keys sealed or signed stays as it is, so they are never destroyed."""

Tell = Callable[[int, int], None]
"""Told how many rows are done, of how many."""


class RotationFailed(Exception):
    """What a rotation, a check or a destruction found wrong, in words for an operator; never a value."""


def rotate(purpose: Purpose, *, tell: Tell = lambda done, total: None) -> KeyRotation:
    """Move everything of one purpose to a new key, or go on with a rotation under way; raises `RotationFailed`."""
    rotation = _begun(purpose)
    if purpose == Purpose.FILES:
        convert_former_files()
    if purpose == Purpose.INDEX:
        _make_indexes_again(rotation, tell)
    elif purpose not in KEPT_TO_CHECK:
        _move_sealed(rotation, tell)
    rotation.finished_at = now()
    rotation.save(update_fields=["finished_at", "table", "cursor", "done", "total"])
    count_uses()
    _audit("key.rotated", rotation.number)
    return rotation


def _begun(purpose: Purpose) -> KeyRotation:
    """Return the rotation under way, or begin one.

    A sealed value names its key, an index does not: so every process knows a new index key before one writes with it,
    and every process writes with it before the first index is made again.
    """
    wrapped = new_wrapped_key()
    with transaction.atomic():
        list(DataKey.objects.select_for_update().filter(purpose=purpose).order_by("number"))
        rotation = KeyRotation.objects.filter(purpose=purpose, finished_at=None).first()
        if rotation is None:
            number = make_key(purpose, state=DataKey.State.DECRYPT_ONLY, wrapped=wrapped)
            rotation = KeyRotation.objects.create(number=number, purpose=purpose)
    if purpose == Purpose.INDEX:
        _wait_for_every_process()
    _activate(rotation)
    if purpose == Purpose.INDEX:
        _wait_for_every_process()
    return rotation


def _activate(rotation: KeyRotation) -> None:
    with transaction.atomic():
        keys = DataKey.objects.filter(purpose=rotation.purpose)
        retired = keys.filter(state=DataKey.State.ACTIVE).exclude(number=rotation.number)
        if retired.update(state=DataKey.State.DECRYPT_ONLY, retired_at=now()):
            keys.filter(number=rotation.number).update(state=DataKey.State.ACTIVE)
            _audit("key.activated", rotation.number)
    forget_keys()


def _wait_for_every_process() -> None:
    time.sleep(settings.KEY_RING_SECONDS * 1.2)


def _former_keys(purpose: str) -> list[int]:
    keys = DataKey.objects.filter(purpose=purpose, state=DataKey.State.DECRYPT_ONLY)
    return list(keys.order_by("number").values_list("number", flat=True))


def _move_sealed(rotation: KeyRotation, tell: Tell) -> None:
    """Move every row under a former key, and again what others held, or wrote with a former key, meanwhile."""
    numbers = _former_keys(rotation.purpose)
    began = moved_at = time.monotonic()
    rotation.total = rotation.done + _rows_under(rotation.purpose, numbers)
    while True:
        at, met, left = time.monotonic(), 0, 0
        unreadable: list[str] = []
        for moved in _one_pass(rotation, numbers):
            unreadable += moved.unreadable
            met, left = met + moved.rows + moved.left, left + moved.left
            moved_at = time.monotonic() if moved.rows else moved_at
            tell(rotation.done, rotation.total)
        if unreadable:
            raise RotationFailed(f"{len(unreadable)} values do not open, the first: {unreadable[0]}")
        if not met and at - began > settings.KEY_RING_SECONDS:
            return
        if time.monotonic() - moved_at > settings.KEY_RING_SECONDS + PATIENCE_SECONDS:
            raise RotationFailed(f"{left} rows are held by others: run again.")
        time.sleep(min(0.5, settings.KEY_RING_SECONDS))


def _one_pass(rotation: KeyRotation, numbers: list[int]) -> Iterator[Moved]:
    """Go through every table once, from where the rotation stands, one transaction a batch."""
    tables = sealed_tables(Purpose(rotation.purpose))
    names = [table.name for table in tables]
    first = names.index(rotation.table) if rotation.table in names else 0
    for table in tables[first:]:
        if table.name != rotation.table:
            rotation.table, rotation.cursor = table.name, ""
        while True:
            yield table.move(numbers, after=rotation.cursor, note=lambda moved: _note(rotation, moved))
            if not rotation.cursor:
                break
    rotation.table = ""


def _note(rotation: KeyRotation, moved: Moved) -> None:
    rotation.cursor = moved.last
    rotation.done += moved.rows
    if moved.rows:
        rotation.save(update_fields=["table", "cursor", "done", "total"])


def _rows_under(purpose: str, numbers: list[int]) -> int:
    return sum(table.count_under(numbers) for table in sealed_tables(Purpose(purpose)))


def _make_indexes_again(rotation: KeyRotation, tell: Tell) -> None:
    indexes = _reindexes()
    rotation.total = rotation.done + sum(apps.get_model(one.model)._default_manager.count() for one in indexes)
    names = [one.model for one in indexes]
    first = names.index(rotation.table) if rotation.table in names else 0
    for one in indexes[first:]:
        if one.model != rotation.table:
            rotation.table, rotation.cursor = one.model, ""
        while with_retries(lambda one=one: _reindexed_batch(rotation, one)):  # type: ignore[misc]  # (bound at once)
            tell(rotation.done, rotation.total)


def _reindexed_batch(rotation: KeyRotation, index: Reindex) -> bool:
    """Make the indexes of the next rows again; tell whether there were any."""
    rows = apps.get_model(index.model)._default_manager.order_by("pk")
    rows = rows.filter(pk__gt=rotation.cursor) if rotation.cursor else rows
    with transaction.atomic():
        batch = list(rows.select_for_update(of=("self",), no_key=True)[: BATCH // 10])
        for row in batch:
            try:
                with transaction.atomic():
                    index.rebuild(row)
            except IntegrityError:
                raise RotationFailed(f"{index.model} {row.pk} has the unique index of another row.") from None
        done, cursor = rotation.done + len(batch), str(batch[-1].pk) if batch else ""
        KeyRotation.objects.filter(pk=rotation.pk).update(table=rotation.table, cursor=cursor, done=done)
    rotation.done, rotation.cursor = done, cursor
    return bool(batch)


def _reindexes() -> list[Reindex]:
    """Return how each blind column is made again, each way once."""
    blind = BlindIndexField | BlindTokenField
    paths = {
        field.index: import_string(field.index)
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, blind)
    }
    return list(paths.values())


def verify(purpose: Purpose, *, tell: Callable[[], None] = lambda: None) -> int:
    """Open every value, or make every index again without keeping it; return how many there are.

    Raises `RotationFailed` naming the first that does not hold.
    """
    if purpose == Purpose.INDEX:
        return _verify_indexes(tell)
    count, faults = 0, []
    for table in sealed_tables(purpose):
        for fault in table.read():
            count += 1
            faults += [fault] * bool(fault)
            tell()
    if purpose == Purpose.FILES:
        for fault in check_files():
            count += 1
            faults += [fault] * bool(fault)
            tell()
    if faults:
        raise RotationFailed(f"{len(faults)} of {count} do not open, the first: {faults[0]}")
    return count


def _verify_indexes(tell: Callable[[], None]) -> int:
    count, faults = 0, []
    for index in _reindexes():
        for pk in list(apps.get_model(index.model)._default_manager.order_by("pk").values_list("pk", flat=True)):
            count += 1
            if _would_change(index, pk):
                faults.append(f"{index.model} {pk}")
            tell()
    if faults:
        raise RotationFailed(f"{len(faults)} rows have an index of another value or key, the first: {faults[0]}")
    return count


def _would_change(index: Reindex, pk: object) -> bool:
    with transaction.atomic():
        row = apps.get_model(index.model)._default_manager.filter(pk=pk).first()
        changes = row is not None and index.rebuild(row)
        transaction.set_rollback(True)
    return changes


def destroy(number: int) -> None:
    """Wipe a former key for ever; raises `RotationFailed` while anything may still need it."""
    with transaction.atomic():
        key = DataKey.objects.select_for_update().filter(number=number).first()
        if key is None or key.state != DataKey.State.DECRYPT_ONLY or key.retired_at is None:
            raise RotationFailed("Only a key that was retired by a rotation can be destroyed.")
        if Purpose(key.purpose) in KEPT_TO_CHECK:
            raise RotationFailed("What this key sealed or signed is still checked with it: it stays.")
        if now() - key.retired_at < STAYS_READABLE:
            raise RotationFailed(f"It was retired less than {STAYS_READABLE.seconds // 60} minutes ago: wait.")
        _refuse_while_used(key)
        key.wrapped, key.state = b"", DataKey.State.DESTROYED
        key.save(update_fields=["wrapped", "state"])
        _audit("key.destroyed", number)
    forget_keys()


def _refuse_while_used(key: DataKey) -> None:
    if KeyRotation.objects.filter(purpose=key.purpose, finished_at=None).exists():
        raise RotationFailed("A rotation of this purpose is under way: let it end.")
    if key.purpose == Purpose.INDEX:
        _verify_indexes(lambda: None)
        return
    rows = _rows_under(key.purpose, [key.number])
    if rows:
        raise RotationFailed(f"{rows} rows are still under this key: rotate again.")


def wrap_again(former: Custody) -> int:
    """Wrap every data key by the present master key; `former` opens them until now. Returns how many.

    The holders are asked before anything is written, and what is written is opened once more first.
    """
    present = custody()
    keys = list(DataKey.objects.exclude(state=DataKey.State.DESTROYED).order_by("number"))
    again = {key.number: _wrapped_again(bytes(key.wrapped), former, present) for key in keys}
    with transaction.atomic():
        for key in keys:
            if not DataKey.objects.filter(pk=key.pk, wrapped=key.wrapped).update(wrapped=again[key.number]):
                raise RotationFailed(f"Key {key.number} has changed meanwhile: run again.")
    forget_keys()
    _audit("key.wrapped_again", keys[-1].number)
    return len(keys)


def _wrapped_again(wrapped: bytes, former: Custody, present: Custody) -> bytes:
    opened = former.unwrap(wrapped)
    again = present.rewrap(wrapped) if type(former) is type(present) else present.wrap(opened)
    if present.unwrap(again) != opened:
        raise RotationFailed("The present master key does not open what it wrapped.")
    return again


def _audit(action: str, number: int) -> None:
    by = system_actor("rotate_keys", channel=Channel.CONSOLE)
    write_alone([AuditEntry(actor=by, action=action, object_type="data_key", rule=f"key {number}")])
