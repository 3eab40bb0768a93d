"""The functions that people hold, each with the right to act in it (`accounts.access.grants`) of the account that has one.

The only writer of both: a function and its grant begin and end in one transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.access import grants
from accounts.kernel.actor import Duty, Role
from accounts.kernel.clock import now, today
from accounts.organisations.models import FUNCTIONS, Membership, Professional


def open_function(
    professional_id: UUID, organisation_id: UUID, role: Duty, *, ends_on: date | None = None
) -> Membership:
    """Give somebody a function from today on, until the end of a day when one is named."""
    function = Membership.objects.create(
        professional_id=professional_id, organisation_id=organisation_id, role=role, ends_on=ends_on
    )
    _grant([function])
    return function


def open_functions(wanted: Iterable[tuple[UUID, UUID, Role]]) -> int:
    """Open the functions (professional, organisation, role) that are not open yet; return how many were."""
    missing = dict.fromkeys(wanted)
    held = Membership.objects.filter(ends_on=None, role__in=FUNCTIONS)
    for row in held.values_list("professional_id", "organisation_id", "role"):
        missing.pop((row[0], row[1], Role(row[2])), None)
    opened = [Membership(professional_id=who, organisation_id=where, role=role) for who, where, role in missing]
    _grant(Membership.objects.bulk_create(opened))
    return len(opened)


def close_function(function: Membership) -> None:
    """End a function at once: it opens nothing from the next request on. One that is held again keeps the grant."""
    function.ends_on, function.ended_at = max(function.starts_on, today()), now()
    function.save(update_fields=["ends_on", "ended_at"])
    held = _lasting().filter(professional_id=function.professional_id, organisation_id=function.organisation_id)
    if held.filter(role=function.role).exists():
        return
    for account_id in _accounts([function.professional_id]).values():
        grants.end(account_id=account_id, organisation_id=function.organisation_id, role=function.role)


def grant_held(professional_id: UUID) -> None:
    """Let a new account act in each function that its professional holds, or will hold."""
    _grant(_lasting().filter(professional_id=professional_id).order_by("pk"))


def grants_without_function() -> list[str]:
    """Return each grant whose account holds no such function, today or one day, by its ids: none should stand."""
    rows = grants.without(_behind_a_grant()).values_list("user_id", "permission__codename", "content_object_id")
    return [f"account {account}: {role} at {organisation}" for account, role, organisation in rows]


def end_grants_without_function() -> int:
    """Take back the grants of functions whose last day is over; return how many."""
    return grants.end_without(_behind_a_grant())


def _behind_a_grant() -> Exists:
    return Exists(
        _lasting().filter(
            professional__user=OuterRef("user"),
            organisation_id=OuterRef("content_object_id"),
            role=OuterRef("permission__codename"),
        )
    )


def _lasting() -> QuerySet[Membership]:
    return Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today()), ended_at=None)


def _grant(functions: Iterable[Membership]) -> None:
    held = list(functions)
    accounts = _accounts([row.professional_id for row in held])
    grants.give(
        (accounts[row.professional_id], row.organisation_id, row.role)
        for row in held
        if row.professional_id in accounts
    )


def _accounts(professional_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return the accounts of professionals, by professional."""
    rows = Professional.objects.filter(pk__in=professional_ids).exclude(user=None).order_by("pk")
    return dict(rows.values_list("pk", "user__pk"))
