"""Breaking the glass while the database takes no writes: the opening goes to the reserve, the rest follows from there."""

from dataclasses import asdict, fields
from typing import Any

from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.access.records import Receipt
from accounts.access.reserved import KIND, reserved_by, running_in_reserve
from accounts.audit.reserve import keep
from accounts.break_glass.commands import check_openings_of, draft_of, open_break_glass, opening_facts
from accounts.break_glass.models import BreakGlass
from accounts.break_glass.records import OpenBreakGlass, ReservedBreakGlass
from accounts.kernel import read_only
from accounts.kernel.actor import Actor
from accounts.kernel.errors import AuditUnavailable, ReadOnly


def open_anyhow(record: OpenBreakGlass, *, by: Actor) -> Receipt:
    """Open a break-glass by the command or, when nothing can be written, in the reserve; raises as the command does."""
    if not read_only.mode():
        try:
            return open_break_glass(record, by=by)
        except ReadOnly:
            pass  # the database has just begun to refuse
    return _open_in_reserve(record, by)


def _open_in_reserve(record: OpenBreakGlass, by: Actor) -> Receipt:
    opened = draft_of(record, by)
    permit(by, Permission.BREAK_GLASS_OPEN, opening_facts(opened))
    if running := running_in_reserve(by, opened.person_id):
        return Receipt(type=BreakGlass.AGGREGATE, id=running, version=1, replayed=True)
    check_openings_of(opened.professional_id, besides=len(reserved_by(by)))
    reserved = ReservedBreakGlass(**{field.name: getattr(opened, field.name) for field in fields(ReservedBreakGlass)})
    try:
        keep((KIND, _plain(reserved)))
    except OSError as error:
        raise AuditUnavailable from error
    return Receipt(type=BreakGlass.AGGREGATE, id=opened.id, version=1)


def _plain(reserved: ReservedBreakGlass) -> dict[str, Any]:
    """Return the fields as JSON holds them."""
    return {name: value if isinstance(value, str) else _text(value) for name, value in asdict(reserved).items()}


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
