"""The reserve: where the audit goes while the database takes no writes, so that reading and break-glass may go on.

One file beside the database, appended to under a lock and flushed to the disk before the
answer leaves. Each line is sealed, and its hash covers the line before it; a head beside it
tells the last one. `accounts.audit.reingest` later writes everything into the audit. A web host has one reserve; several hosts that share a person's break-glass share the
directory. Source: security.md §5.10.
"""

import base64
import errno
import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
from django.conf import settings

from accounts.audit.records import AuditEntry, Fault
from accounts.kernel.clock import now
from accounts.kernel.crypto import Unreadable
from accounts.kernel.ids import new_id
from accounts.kernel.keyring import seal, unseal

BOOK, HEAD, LOCK, CODES = "audit.reserve", "audit.head", "audit.lock", "codes.used"
GENESIS: Final = hashlib.sha256(b"reserve").hexdigest()
AUDIT: Final = "audit"
KEPT: Final = (
    "action", "object_type", "object_id", "person_id", "rule", "count", "break_glass_id", "purpose", "query",
)  # fmt: skip


class ReserveBroken(Exception):
    """The reserve does not hold: `fault` names the first line that is missing or altered."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.chain} #{fault.number}: {fault.what}")
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number in the book, its hash, what it is, and what it holds."""

    number: int
    hash: str
    kind: str
    held: dict[str, Any]


def keep(*lines: tuple[str, dict[str, Any]]) -> None:
    """Append lines (kind, what it holds as JSON) and flush them to the disk; raises `OSError`."""
    with locked():
        book, number, last = _end()
        written = b""
        for kind, held in lines:
            number += 1
            sealed = base64.b64encode(seal(orjson.dumps(held), bound_to=_place(book, number, kind))).decode()
            last = _link(last, kind, sealed)
            written += orjson.dumps([str(book), number, kind, sealed, last]) + b"\n"
        _append(_path(BOOK), written)
        _replace(_path(HEAD), orjson.dumps([str(book), number, last]))


def keep_entries(entries: Iterable[AuditEntry]) -> None:
    """Append entries of the audit; raises `OSError`."""
    keep(*((AUDIT, _held(entry)) for entry in entries))


def lines() -> Iterator[Line]:
    """Yield what the open book holds, in order; raises `ReserveBroken` at the first line that does not hold."""
    path = _path(BOOK)
    if not path.exists():
        return
    number, last, name, ends = 0, GENESIS, BOOK, [GENESIS]
    for raw in path.read_bytes().split(b"\n"):
        if not raw:
            continue
        number += 1
        try:
            name, told, kind, sealed, linked = orjson.loads(raw)
            held = _opened(name, told, kind, sealed)
        except (ValueError, TypeError, Unreadable):
            raise ReserveBroken(Fault(name, number, "altered line")) from None
        if told != number:
            raise ReserveBroken(Fault(name, number, "missing line"))
        if linked != _link(last, kind, sealed):
            raise ReserveBroken(Fault(name, number, "altered line"))
        last = linked
        ends.append(linked)
        yield Line(number, linked, kind, held)
    if not _is_reached(ends, name):
        raise ReserveBroken(Fault(name, number + 1, "cut or forged end"))


def is_empty() -> bool:
    """Tell whether nothing waits in the reserve."""
    return not _path(BOOK).exists()


class Follower:
    """What the open book holds of one kind, for a process that asks often: only what is new is read again."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._begin(0)

    def held(self) -> list[dict[str, Any]]:
        """Return it, oldest first; nothing once the book is closed, for the database then holds it."""
        try:
            stat = _path(BOOK).stat()
        except FileNotFoundError:
            self._begin(0)
            return []
        if stat.st_ino != self._inode or stat.st_size < self._offset:
            self._begin(stat.st_ino)
        if stat.st_size > self._offset:
            self._read_on()
        return self._found

    def _begin(self, inode: int) -> None:
        self._inode, self._offset = inode, 0
        self._found: list[dict[str, Any]] = []

    def _read_on(self) -> None:
        with _path(BOOK).open("rb") as book:
            book.seek(self._offset)
            fresh = book.read()
        whole = fresh[: fresh.rfind(b"\n") + 1]
        self._offset += len(whole)
        for raw in whole.splitlines():
            name, number, kind, sealed, _ = orjson.loads(raw)
            if kind == self._kind:
                self._found.append(_opened(name, number, kind, sealed))


def use_once(mark: str) -> bool:
    """Tell whether a mark (a digest, never a secret) is new here, and remember it; raises `OSError`."""
    with locked():
        path = _path(CODES)
        used = path.read_text().split() if path.exists() else []
        if mark in used:
            return False
        _append(path, f"{mark}\n".encode())
        return True


def _is_reached(ends: list[str], name: str) -> bool:
    """Tell whether the book goes as far as its head says; a crash may have kept the very last head from the disk."""
    if not _path(HEAD).exists():
        return False
    book, number, last = orjson.loads(_path(HEAD).read_bytes())
    return bool(book == name and number < len(ends) and ends[number] == last)


@contextmanager
def whole_book() -> Iterator[tuple[UUID, list[Line]]]:
    """Give the open book and all its lines, nobody appending meanwhile; it is closed when the block ends well.

    Raises `ReserveBroken`.
    """
    with locked():
        held = list(lines())
        if not held:
            yield new_id(), []
            return
        book = _end()[0]
        yield book, held
        _path(BOOK).rename(_path(f"{BOOK}.{now():%Y%m%dT%H%M%S}.{book}"))
        _path(HEAD).unlink()


def _end() -> tuple[UUID, int, str]:
    """Return the open book, the number and the hash of its last line; what a crash cut short was never answered."""
    path = _path(BOOK)
    if not path.exists():
        return _begun()
    with path.open("r+b") as book:
        content = _tail(book)
        if not content.endswith(b"\n"):
            whole = book.seek(0, os.SEEK_END) - (len(content) - content.rfind(b"\n") - 1)
            book.truncate(whole)
            content = content[: content.rfind(b"\n") + 1]
    if not content:
        return _begun()
    name, number, _, _, last = orjson.loads(content.rstrip(b"\n").rsplit(b"\n", 1)[-1])
    return UUID(name), number, last


def _begun() -> tuple[UUID, int, str]:
    """Return the beginning of a new book, whose head is on the disk before its first line."""
    book = new_id()
    _replace(_path(HEAD), orjson.dumps([str(book), 0, GENESIS]))
    return book, 0, GENESIS


def _tail(book: Any) -> bytes:
    size = book.seek(0, os.SEEK_END)
    book.seek(max(0, size - 64 * 1024))
    tail: bytes = book.read()
    return tail


def _append(path: Path, written: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        if os.write(descriptor, written) != len(written):
            raise OSError(errno.ENOSPC, "no room for a whole line")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    _append(beside, content)
    beside.replace(path)


@contextmanager
def locked() -> Iterator[None]:
    """Let one process at a time touch the reserve."""
    settings.RESERVE_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(_path(LOCK), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _path(name: str) -> Path:
    directory: Path = settings.RESERVE_DIR
    return directory / name


def _opened(name: str, number: int, kind: str, sealed: str) -> dict[str, Any]:
    held: dict[str, Any] = orjson.loads(unseal(base64.b64decode(sealed), bound_to=_place(UUID(name), number, kind)))
    return held


def _link(previous: str, kind: str, sealed: str) -> str:
    return hashlib.sha256(f"{previous}{kind}{sealed}".encode()).hexdigest()


def _place(book: UUID, number: int, kind: str) -> bytes:
    return f"reserve|{book}|{number}|{kind}".encode()


def _held(entry: AuditEntry) -> dict[str, Any]:
    actor = entry.actor
    return {
        "at": (entry.at or now()).isoformat(),
        "actor": {
            "role": actor.role, "channel": actor.channel, "id": actor.id, "professional_id": actor.professional_id,
            "organisation_id": actor.organisation_id, "session": actor.session, "ip": actor.ip,
            "correlation_id": actor.correlation_id,
        },
        "outcome": entry.outcome,
        **{name: getattr(entry, name) for name in KEPT},
    }  # fmt: skip
