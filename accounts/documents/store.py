"""Keeping a file inside a command, and reading one that the gate has opened."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from accounts.access.unit import Act
from accounts.documents import clamd
from accounts.documents.events import DocumentKept
from accounts.documents.inspection import inspected
from accounts.documents.models import Document
from accounts.documents.records import DocumentKind, NewFile, Scan
from accounts.documents.rules import MADE_HERE, FileInfected, FileWithheld, UploadsLimited, check_room
from accounts.documents.scanning import scan_of
from accounts.kernel.actor import Actor, Channel
from accounts.kernel.clock import now
from accounts.kernel.crypto import KEY_BYTES, Purpose, Unreadable
from accounts.kernel.keyring import unseal
from accounts.kernel.limits import Limit, count
from accounts.kernel.stream import decrypted, encrypted


def keep(file: NewFile, act: Act, *, person_id: UUID, kind: DocumentKind, source_id: UUID | None = None) -> Document:
    """Look into a file, encrypt it on disk and write its card, inside a command that has asked the gate.

    Raises `NoRoomLeft`, `UploadsLimited` or `FileInfected`. The bytes are durable before the row is; a rolled-back command leaves only sealed bytes behind.
    """
    file = inspected(file)
    if not file.made_here:
        _check_limits(file, person_id, act.by)
    scan = scan_of(file)
    if scan == Scan.WITHHELD:
        raise FileInfected(title=file.title)
    document = Document(
        person_id=person_id,
        kind=kind,
        title=file.title,
        content_type=file.content_type,
        size=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
        sha1=hashlib.sha1(file.content, usedforsecurity=False).hexdigest(),
        organisation_id=act.by.organisation_id,
        source_id=source_id,
        file_key=secrets.token_bytes(KEY_BYTES),
        scan=scan,
        scanned_at=now() if clamd.is_named() and not file.made_here else None,
    )
    _write(document, file.content)
    act.add(document, "keep", DocumentKept)
    return document


def _check_limits(file: NewFile, person_id: UUID, by: Actor) -> None:
    limit = Limit("uploads", settings.UPLOADS_PER_MINUTE)
    if by.channel == Channel.WEB and count(limit, str(by.id)):
        raise UploadsLimited
    handed_in = Document.objects.filter(person_id=person_id).exclude(kind__in=MADE_HERE)
    told = handed_in.aggregate(files=Count("pk"), held=Coalesce(Sum("size"), 0))
    check_room(len(file.content), **told)


def contents(document: Document) -> Iterator[bytes]:
    """Open a file and yield its content block by block; raises `Unreadable` when it is not what was kept.

    Raises `FileWithheld` for what the antivirus set aside. The first block is read at once: a wrong key or a file that is gone is known before any answer begins.
    """
    if document.scan == Scan.WITHHELD:
        raise FileWithheld
    blocks = _blocks(document)
    return chain([next(blocks)], blocks)


def discard(document: Document) -> None:
    """Delete the card of a file inside a command, and its bytes once that is kept."""
    transaction.on_commit(partial(erase, Document(pk=document.pk)))
    document.delete()


def erase(document: Document) -> None:
    """Remove the bytes of a file, for good: once its card, and its key with it, is gone."""
    for path in (_path(document), _former_path(document)):
        path.unlink(missing_ok=True)


def convert_former_files() -> int:
    """Give each file of the former form, sealed as one value, a key of its own; return how many there were.

    The new file is durable before the row names its key, and the former one goes last: a reader finds one of them.
    """
    converted = 0
    for document in Document.objects.filter(file_key__isnull=True).order_by("pk").iterator():
        content = _former_content(document)
        document.file_key = secrets.token_bytes(KEY_BYTES)
        _write(document, content)
        field = Document._meta.get_field("file_key")
        Document.objects.filter(pk=document.pk, file_key__isnull=True).update(
            file_key=field.pre_save(document, add=False)
        )
        _former_path(document).unlink()
        converted += 1
    return converted


def check_files(*, at_most: int | None = None) -> Iterator[str]:
    """Read every file, or the newest ones, to its end; yield "" for each that is as it was kept, else its name."""
    for document in Document.objects.order_by("-pk")[:at_most].iterator():
        try:
            for _ in _blocks(document):
                pass
        except Unreadable:
            yield f"accounts.Document {document.pk}"
        else:
            yield ""


def _blocks(document: Document) -> Iterator[bytes]:
    digest = hashlib.sha256()
    for block in _from_disk(document):
        digest.update(block)
        yield block
    if digest.hexdigest() != document.sha256:
        raise Unreadable("the file is not the one that was kept")


def _from_disk(document: Document) -> Iterator[bytes]:
    if document.file_key is None:
        try:
            yield _former_content(document)
        except FileNotFoundError:  # converted since the row was read
            document.refresh_from_db(fields=["file_key"])
        else:
            return
    try:
        with _path(document).open("rb") as file:
            yield from decrypted(file.read, key=document.file_key, bound_to=_place(document))
    except FileNotFoundError:
        raise Unreadable("the file is gone") from None


def _former_content(document: Document) -> bytes:
    return unseal(_former_path(document).read_bytes(), bound_to=_place(document), purpose=Purpose.FILES)


def _write(document: Document, content: bytes) -> None:
    path = _path(document)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(".new")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        for part in encrypted(content, key=document.file_key, bound_to=_place(document)):
            out.write(part)
        out.flush()
        os.fsync(out.fileno())
    unfinished.rename(path)


def _path(document: Document) -> Path:
    return _former_path(document).with_suffix(".sealed")


def _former_path(document: Document) -> Path:
    name = document.pk.hex
    return Path(settings.MEDIA_ROOT) / name[-2:] / name[-4:-2] / name


def _place(document: Document) -> bytes:
    return f"document|{document.pk}".encode()
