"""Run every static check, the quick ones first, and say which ones refuse."""

import base64
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
MANAGE = (sys.executable, "-W", "error", "manage.py")
PACKAGES = (
    "accounts",
    "ppa",
    "pathway",
    "fhir_bridge",
    "tests/support",
    "tests/scenario",
    "deploy/demo.py",
    "manage.py",
)
"""What mypy holds to: the product and the tools of the tests. A test reads better without the proofs it does not need."""

CHECKS: dict[str, tuple[str | Path, ...]] = {
    "ruff check": (BIN / "ruff", "check", "."),
    "ruff format": (BIN / "ruff", "format", "--check", "--quiet", "."),
    "import-linter": (BIN / "lint-imports", "--no-logo", "--no-cache"),
    "djlint": (BIN / "djlint", "templates", "--lint", "--quiet"),
    "migrations": (*MANAGE, "makemigrations", "--check", "--dry-run"),
    "deployment": (*MANAGE, "check", "--deploy", "--fail-level", "WARNING"),
    "mypy": (BIN / "mypy", *PACKAGES),
}


def main() -> int:
    """Run the checks and return 1 when one refuses."""
    with tempfile.TemporaryDirectory(prefix="ppa-lint-") as directory:
        environments = {"deployment": production_environment(Path(directory))}
        refused = [name for name, command in CHECKS.items() if not holds(name, command, environments.get(name, {}))]
    return 1 if refused else 0


def holds(name: str, command: tuple[str | Path, ...], environment: dict[str, str]) -> bool:
    """Run one check; print its output only when it refuses."""
    start = time.monotonic()
    outcome = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    verdict = "ok" if outcome.returncode == 0 else "REFUSED"
    print(f"{name:<14} {verdict:<8} {time.monotonic() - start:5.1f} s", flush=True)
    if outcome.returncode:
        print(outcome.stdout, flush=True)
    return outcome.returncode == 0


def production_environment(directory: Path) -> dict[str, str]:
    """Return what production settings ask for, with keys made for this check; no server is contacted."""
    (directory / "master.key").write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    (directory / "master.key").chmod(0o400)
    (directory / "secret.key").write_text(secrets.token_urlsafe(64))
    return {
        "DJANGO_SETTINGS_MODULE": "pathway.settings.production",
        "DATABASE_URL": "postgresql://pathway@127.0.0.1:5432/pathway",
        "BROKER_URL": "redis://127.0.0.1:6379/0",
        "ALLOWED_HOSTS": "coordination.example",
        "PUBLIC_URL": "https://coordination.example",
        "MASTER_KEY_FILE": str(directory / "master.key"),
        "SECRET_KEY_FILE": str(directory / "secret.key"),
        "MEDIA_ROOT": str(directory / "files"),
        "AUDIT_DIRECTORY": str(directory / "audit"),
    }


if __name__ == "__main__":
    sys.exit(main())
