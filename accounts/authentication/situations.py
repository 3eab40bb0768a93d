"""The functions and mandates of an account, as they are asked for at each request: one statement written out, since building it
anew cost thirty times what running it does.

A function counts on its days and with the grant of its account, which `accounts.access.grants` gives and ends.
"""

from typing import Final
from uuid import UUID

from django.db import connection

from accounts.authentication.records import Held
from accounts.kernel.clock import today
from accounts.kernel.database import as_column, as_uuid

_STATEMENT: Final = (
    "SELECT m.id, m.role, o.id, o.name, o.finess, o.part_of_id, a.finess, a.part_of_id, r.finess, p.id, p.title, p.given, p.family"
    " FROM accounts_user u JOIN accounts_professional p ON p.id = u.professional_id"
    " JOIN accounts_membership m ON m.professional_id = p.id JOIN accounts_organisation o ON o.id = m.organisation_id"
    " LEFT JOIN accounts_organisation a ON a.id = o.part_of_id LEFT JOIN accounts_organisation r ON r.id = a.part_of_id"
    " WHERE u.id = %(account)s AND m.starts_on <= %(day)s AND (m.ends_on IS NULL OR m.ends_on >= %(day)s)"
    " AND m.ended_at IS NULL AND EXISTS (SELECT 1 FROM accounts_organisationgrant g"
    " JOIN auth_permission x ON x.id = g.permission_id"
    " WHERE g.user_id = u.id AND g.content_object_id = m.organisation_id AND x.codename = m.role)"
    " ORDER BY o.name, m.role, m.id"
)


def held_by(account_id: UUID) -> list[Held]:
    """Return the functions and mandates that an account holds today and was granted, by the name of the organisation."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STATEMENT,
            {"account": as_column(account_id), "day": connection.ops.adapt_datefield_value(today())},
        )
        return [
            Held(
                id=as_uuid(id),
                role=role,
                organisation_id=as_uuid(place),
                organisation_name=name,
                establishment=frozenset(as_uuid(one) for one in (above, root) if one),
                finess=finess or "",
                places=frozenset(one for one in (finess, its, roots) if one),
                professional_id=as_uuid(professional),
                professional_name=" ".join(part for part in names if part),
            )
            for id, role, place, name, finess, above, its, root, roots, professional, *names in cursor.fetchall()
        ]
