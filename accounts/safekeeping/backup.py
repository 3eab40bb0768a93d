"""A backup is one encrypted archive: the database as of one instant, every file, the wrapped data keys, never the master key."""

import base64
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection
from pyrage.x25519 import Identity, Recipient

from accounts.kernel.clock import now
from accounts.kernel.crypto import Unreadable
from accounts.kernel.custody import CustodyFailed, custody
from accounts.kernel.data_keys import DataKey
from accounts.kernel.keyring import forget_keys
from accounts.safekeeping.archive import Member, unpack, write
from accounts.safekeeping.databases import copy, is_empty, load

FORMAT: Final = 1


class RestoreRefused(Exception):
    """A restore that would lose something or could not be read afterwards; nothing was changed."""


@dataclass(frozen=True)
class Written:
    """What a backup holds."""

    bytes: int
    members: int
    rows: dict[str, int]


def backup(path: Path, to: Sequence[Recipient]) -> Written:
    """Write a backup that each recipient can open; people may go on working.

    A file is on the disk before its row is: every file that the copied database names is there to be copied after it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:
        copied = Path(folder) / "database"
        audit = list(_below("audit", _copied(Path(settings.AUDIT_DIRECTORY), Path(folder) / "audit")))
        rows = copy(copied)
        digests = write(path, _members(copied, audit, rows), to)
    return Written(path.stat().st_size, len(digests), rows)


def restore(path: Path, identity: Identity, *, replace: bool = False) -> dict[str, Any]:
    """Put a backup in the place of this installation and return its head; nothing may run meanwhile.

    Raises `RestoreRefused` before anything is changed: the place is not empty and `replace` was not asked, another
    kind of database, a master key that opens none of its keys.
    """
    files = Path(settings.MEDIA_ROOT)
    if not replace and not (is_empty() and not _holds_files(files)):
        raise RestoreRefused("This installation is not empty: ask for --replace to lose what it holds.")
    files.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=files.parent, prefix=".restore-") as name:
        folder = Path(name)
        unpack(path, folder, identity)
        head: dict[str, Any] = json.loads((folder / "head.json").read_text())
        _refuse_what_would_not_open(head)
        load(folder / "database")
        if files.exists():
            files.rename(folder / "former")
        (folder / "files").mkdir(exist_ok=True)
        (folder / "files").rename(files)
        _keep_checkpoints(folder / "audit")
    forget_keys()
    return head


def _keep_checkpoints(copied: Path) -> None:
    """Keep the audit's checkpoints of a backup where there are none: those that are here may know more."""
    own = Path(settings.AUDIT_DIRECTORY)
    if copied.is_dir() and not _holds_files(own):
        shutil.copytree(copied, own, dirs_exist_ok=True)


def _members(copied: Path, audit: list[Member], rows: dict[str, int]) -> Iterator[Member]:
    yield "head.json", json.dumps(_head(rows)).encode()
    yield "database", copied
    yield from audit
    yield from _below("files", Path(settings.MEDIA_ROOT))


def _head(rows: dict[str, int]) -> dict[str, Any]:
    keys = DataKey.objects.exclude(state=DataKey.State.DESTROYED).order_by("number")
    return {
        "format": FORMAT,
        "database": connection.vendor,
        "made_at": now().isoformat(),
        "rows": rows,
        "keys": [
            {"number": key.number, "purpose": key.purpose, "wrapped": base64.b64encode(bytes(key.wrapped)).decode()}
            for key in keys
        ],
    }


def _refuse_what_would_not_open(head: dict[str, Any]) -> None:
    if head["format"] != FORMAT or head["database"] != connection.vendor:
        raise RestoreRefused(f"This is a backup of {head['database']}, format {head['format']}.")
    holder = custody()
    for key in head["keys"]:
        try:
            holder.unwrap(base64.b64decode(key["wrapped"]))
        except CustodyFailed as error:
            raise RestoreRefused(str(error)) from None
        except Unreadable:
            raise RestoreRefused("The master key here is not that of the backup: bring its own first.") from None


def _copied(directory: Path, to: Path) -> Path:
    if directory.is_dir():
        shutil.copytree(directory, to)
    return to


def _below(name: str, directory: Path) -> Iterator[Member]:
    for path in sorted(directory.rglob("*")):
        if path.is_file() and not path.name.endswith(".new"):
            yield f"{name}/{path.relative_to(directory)}", path


def _holds_files(directory: Path) -> bool:
    return directory.is_dir() and any(path.is_file() for path in directory.rglob("*"))
