"""Key files: made once for an embedded installation, only read in production. No Django here: settings import it."""

import base64
import os
import secrets
from pathlib import Path

MASTER_KEY_BYTES = 32
SAMPLE_MARK = "sample"


def ensure_key_file(path: Path) -> None:
    """Create `path` with a new random master key (base64, mode 0400) unless it exists."""
    _write_once(path, base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)).decode())


def read_or_make_secret(path: str) -> str:
    """Return the secret kept in `path`, made on the first call."""
    _write_once(Path(path), secrets.token_urlsafe(50))
    return read_secret(path)


def read_secret(path: str) -> str:
    """Return the secret kept in `path`, stripped; raise `FileNotFoundError` saying what to set when it is absent."""
    if not path or not Path(path).is_file():
        raise FileNotFoundError("SECRET_KEY_FILE must name a file that holds the secret key.")
    return Path(path).read_text().strip()


def read_master_key(path: Path) -> bytes:
    """Return the 32 bytes of the master key; raise `ValueError` when the file holds anything else."""
    key = base64.b64decode(path.read_text().strip(), validate=True)
    if len(key) != MASTER_KEY_BYTES:
        raise ValueError("The master key file must hold 32 bytes in base64.")
    return key


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
