"""Key files: made once for an embedded installation, only read in production. No Django here: settings import it."""

import base64
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

MASTER_KEY_BYTES = 32
OWNER_READS, ACL_READS = 0o400, 0o440
SAMPLE_MARK = "sample"


def ensure_key_file(path: Path) -> None:
    """Create `path` with a new random master key (base64, mode 0400) unless it exists."""
    _write_once(path, base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)).decode())


def ensure_secret(path: Path, make: Callable[[], str]) -> None:
    """Create `path` with what `make` gives (mode 0400) unless it exists."""
    _write_once(path, make())


def read_or_make_secret(path: str) -> str:
    """Return the secret kept in `path`, made on the first call."""
    _write_once(Path(path), secrets.token_urlsafe(50))
    return read_secret(path)


def read_secret(path: str) -> str:
    """Return the secret kept in `path`, stripped; raise `FileNotFoundError` saying what to set when it is absent."""
    if not path or not Path(path).is_file():
        raise FileNotFoundError("SECRET_KEY_FILE must name a file that holds the secret key.")
    return Path(path).read_text().strip()


def read_master_keys(path: Path) -> list[bytes]:
    """Return the master keys of a file, 32 bytes each, the present one first; raise `ValueError` for anything else."""
    keys = [base64.b64decode(line, validate=True) for line in path.read_text().split()]
    if not keys or any(len(key) != MASTER_KEY_BYTES for key in keys):
        raise ValueError("The master key file must hold 32 bytes in base64; a former key may stand on a second line.")
    return keys


def is_private(path: Path) -> bool:
    """Tell whether only its owner may read a key file, and nobody may write it (0400).

    A credential of systemd is 0440: the group bits are the mask of its access list, which names the service's user.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    is_credential = str(path.parent) == os.environ.get("CREDENTIALS_DIRECTORY")
    return mode == OWNER_READS or (mode == ACL_READS and is_credential)


def is_sample(secret: str) -> bool:
    """Tell whether a secret is one of documentation, never to be used for real."""
    return SAMPLE_MARK in secret.lower()


def _write_once(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(content)
