"""One encrypted archive: a tar in an age file, written and read as a stream, so that nothing of it lies in clear.

Whoever holds the private key of one recipient opens it, also with the tool `age`. Its last member lists the digest of
every other one: an archive that was cut, or that misses a file, is refused. Source: age-encryption.org/v1.
"""

import hashlib
import io
import json
import os
import re
import tarfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyrage

MANIFEST: Final = "manifest.json"
MEMBER: Final = re.compile(r"(?:head\.json|database|(?:files|audit)/[A-Za-z0-9][A-Za-z0-9._/-]*)")
CHUNK: Final = 1024 * 1024
Member = tuple[str, Path | bytes]


class ArchiveRefused(Exception):
    """An archive that is not ours, not whole, or not for this key; a recipient or a key that cannot be read."""


def recipients(texts: Sequence[str]) -> list[pyrage.x25519.Recipient]:
    """Return the public keys that texts such as "age1…" stand for."""
    try:
        return [pyrage.x25519.Recipient.from_str(text.strip()) for text in texts]
    except pyrage.RecipientError as error:
        raise ArchiveRefused("A recipient is a public key of age: age1…") from error


def new_identity() -> str:
    """Return a fresh private key, as `age-keygen` writes it."""
    identity = pyrage.x25519.Identity.generate()
    return f"# public key: {identity.to_public()}\n{identity}\n"


def identity_in(path: Path) -> pyrage.x25519.Identity:
    """Return the private key in a file as `age-keygen` writes it."""
    try:
        lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
        return pyrage.x25519.Identity.from_str(lines[0].strip())
    except (OSError, IndexError, pyrage.IdentityError) as error:
        raise ArchiveRefused(f"{path} holds no private key of age.") from error


def write(path: Path, members: Iterator[Member], to: Sequence[pyrage.x25519.Recipient]) -> dict[str, str]:
    """Write an archive, readable by its recipients only, and return the digest of each member.

    The file appears when it is whole and on the disk.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    digests: dict[str, str] = {}
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            with _Pipe(lambda into: _write_tar(into, members, digests)) as reading:
                pyrage.encrypt_io(reading, out, list(to))
            out.flush()
            os.fsync(out.fileno())
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return digests


def unpack(path: Path, folder: Path, identity: pyrage.x25519.Identity) -> None:
    """Write the members of an archive into an empty folder; raises `ArchiveRefused` unless all of it holds."""
    digests: dict[str, str] = {}
    listed: dict[str, str] = {}
    try:
        with path.open("rb") as file, _Pipe(lambda into: _decrypt(file, into, identity)) as reading:
            with tarfile.open(fileobj=reading, mode="r|") as tar:
                for member in tar:
                    content = tar.extractfile(member)
                    if content is None or not (MEMBER.fullmatch(member.name) or member.name == MANIFEST):
                        raise ArchiveRefused("The archive holds what no backup of ours holds.")
                    if member.name == MANIFEST:
                        listed = json.load(content)
                    else:
                        digests[member.name] = _unpack_member(content, folder / member.name)
            while reading.read(CHUNK):
                pass
    except (OSError, ValueError, tarfile.TarError, pyrage.DecryptError) as error:
        raise ArchiveRefused("The archive does not open: cut, altered, or for another key.") from error
    if not listed or digests != listed:
        raise ArchiveRefused("The archive is not whole: its list does not match what it holds.")


def _write_tar(into: BinaryIO, members: Iterator[Member], digests: dict[str, str]) -> None:
    with tarfile.open(fileobj=into, mode="w|") as tar:
        for name, content in members:
            digests[name] = _add(tar, name, content)
        _add(tar, MANIFEST, json.dumps(digests).encode())


def _add(tar: tarfile.TarFile, name: str, content: Path | bytes) -> str:
    info = tarfile.TarInfo(name)
    info.size = len(content) if isinstance(content, bytes) else content.stat().st_size
    with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as source:
        hashing = _Hashing(source)
        tar.addfile(info, hashing)
    return hashing.digest.hexdigest()


def _unpack_member(content: Any, path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with path.open("xb") as out:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _decrypt(file: BinaryIO, into: BinaryIO, identity: pyrage.x25519.Identity) -> None:
    pyrage.decrypt_io(file, into, [identity])


class _Hashing(io.RawIOBase):
    """Hashes what is read through it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        chunk = self._source.read(size)
        self.digest.update(chunk)
        return chunk


class _Pipe:
    """Gives the reading end of a pipe that a function fills in a thread; what goes wrong there is raised at the end."""

    def __init__(self, fill: Callable[[BinaryIO], None]) -> None:
        reading, writing = os.pipe()
        self._reading, self._writing = os.fdopen(reading, "rb"), os.fdopen(writing, "wb")
        self._fill = fill
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> BinaryIO:
        self._thread.start()
        return self._reading

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._reading.close()
        self._thread.join()
        if self._error is not None and (kind is None or not isinstance(self._error, BrokenPipeError)):
            raise self._error

    def _run(self) -> None:
        try:
            with self._writing:
                self._fill(self._writing)
        except BaseException as error:  # noqa: BLE001 (raised again in the thread that asked)
            self._error = error
