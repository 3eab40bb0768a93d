"""Opening and closing the role of a relative inside a command's own transaction.

The legal state of a trusted person lives with her designation; the role says, from a day
to a day, what pages, papers and other systems read.
"""

from datetime import date
from uuid import UUID

from accounts.access.unit import Act
from accounts.people.events import RelativeRecorded
from accounts.people.models import Relative, RelativeRoleRow
from accounts.people.states import RelativeRole


def open_role(relative_id: UUID, role: RelativeRole, *, starts_on: date, act: Act) -> None:
    """Give a relative a role from a day, unless she holds it; the command that calls has asked the gate."""
    relative = act.lock(Relative, relative_id)
    if relative.roles.filter(role=role, ends_on=None).exists():
        return
    RelativeRoleRow.objects.create(relative=relative, role=role, starts_on=starts_on)
    act.amend(relative, "open_role", RelativeRecorded)


def close_role(relative_id: UUID, role: RelativeRole, *, ends_on: date, act: Act) -> None:
    """End a role that a relative holds, never before it began; nothing when she does not hold it."""
    relative = act.lock(Relative, relative_id)
    held = relative.roles.filter(role=role, ends_on=None).first()
    if held is None:
        return
    held.ends_on = max(held.starts_on, ends_on)
    held.save(update_fields=["ends_on"])
    act.amend(relative, "close_role", RelativeRecorded)
