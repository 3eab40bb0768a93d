"""Keeping a file inside a command, and reading one that the gate has opened."""

import hashlib
import os
from pathlib import Path
from uuid import UUID

from django.conf import settings

from accounts.access.unit import Act
from accounts.documents.events import DocumentKept
from accounts.documents.models import Document
from accounts.documents.records import DocumentKind, NewFile
from accounts.documents.rules import check_file
from accounts.kernel.crypto import Purpose, Unreadable
from accounts.kernel.keyring import seal, unseal


def keep(file: NewFile, act: Act, *, person_id: UUID, kind: DocumentKind, source_id: UUID | None = None) -> Document:
    """Check a file, encrypt it on disk and write its card, inside a command that has asked the gate.

    The bytes are durable before the row is; a rolled-back command leaves only sealed bytes behind.
    """
    check_file(file)
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
    )
    _write(document.id, file.content)
    act.add(document, "keep", DocumentKept)
    return document


def read(document_id: UUID, *, sha256: str) -> bytes:
    """Return the bytes of a file; raises `Unreadable` when they are not those that were kept."""
    path = _path(document_id)
    content = unseal(path.read_bytes(), bound_to=_place(document_id), purpose=Purpose.FILES)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Unreadable("the file is not the one that was kept")
    return content


def _write(document_id: UUID, content: bytes) -> None:
    path = _path(document_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sealed = seal(content, bound_to=_place(document_id), purpose=Purpose.FILES)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(sealed)
        out.flush()
        os.fsync(out.fileno())


def _path(document_id: UUID) -> Path:
    name = document_id.hex
    return Path(settings.MEDIA_ROOT) / name[-2:] / name[-4:-2] / name


def _place(document_id: UUID) -> bytes:
    return f"document|{document_id}".encode()
