"""Whether the process lives, and whether it can serve: database, migrations, keys, audit, oldest due work."""

from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.access.doors import public
from accounts.audit.models import ChainHead
from accounts.audit.reserve import locked
from accounts.kernel import read_only
from accounts.kernel.crypto import Purpose
from accounts.kernel.keyring import ring
from accounts.outbox.queries import oldest_due_work

LONGEST_WAIT = timedelta(minutes=10)


@public("tells that the process answers, nothing else")
def live(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the process runs."""
    return JsonResponse({"status": "ok"})


@public("tells an operator which part does not serve, without data")
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when every part serves, 503 with the names of those that do not; read-only mode still serves."""
    parts = {name: _holds(check) for name, check in CHECKS.items()}
    return JsonResponse(
        {"status": _status(parts), "parts": parts, "read_only": _is_read_only()},
        status=200 if all(parts.values()) else 503,
    )


def _status(parts: dict[str, bool]) -> str:
    if not all(parts.values()):
        return "unavailable"
    return "read-only" if _is_read_only() else "ok"


def _is_read_only() -> bool:
    return _holds(lambda: read_only.mode() is not None)


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _keys() -> bool:
    return all(ring(purpose) for purpose in Purpose)


def _audit_writable() -> bool:
    """Take the audit's write lock and let it go, leaving nothing behind; in read-only mode, that of the reserve."""
    if not read_only.mode():
        try:
            with transaction.atomic():
                ChainHead.objects.update_or_create(chain="health", defaults={"hash": b"", "seal": b""})
                transaction.set_rollback(True)
        except DatabaseError as error:
            if not read_only.note_refusal(error):
                raise
        else:
            return True
    with locked():
        return True


def _worker() -> bool:
    if read_only.mode():
        return True  # it waits with the rest
    return oldest_due_work() < LONGEST_WAIT


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "migrations": _migrations,
    "keys": _keys,
    "audit": _audit_writable,
    "worker": _worker,
}


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # noqa: BLE001 (a part that raises does not serve; which one is all that is told)
        return False
