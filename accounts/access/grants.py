"""Which account may act in which function for which organisation, as django-guardian keeps it, and which on one file: the only writer of its rows.

A grant knows no day and no end, so it never suffices: whoever acts also holds the dated function, asked with the
grant at each request (`accounts.authentication.situations`). Never a row per patient, never a backend, never `has_perm`.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, QuerySet

from accounts.access.models import OrganisationGrant


def give(held: Iterable[tuple[UUID, UUID, str]]) -> None:
    """Let accounts act in functions for organisations: (account, organisation, role); what is given already stays."""
    rights = dict(_rights().values_list("codename", "pk"))
    OrganisationGrant.objects.bulk_create(
        [
            OrganisationGrant(user_id=account, content_object_id=organisation, permission_id=rights[role])
            for account, organisation, role in held
        ],
        ignore_conflicts=True,
    )


def end(*, account_id: UUID, organisation_id: UUID, role: str) -> None:
    """Take one right to act back."""
    rows = OrganisationGrant.objects.filter(user_id=account_id, content_object_id=organisation_id)
    rows.filter(permission__in=_rights().filter(codename=role)).delete()


def without(held: Exists) -> QuerySet[OrganisationGrant]:
    """Return the grants that no function stands behind; `held` compares one with `user`, `content_object_id` and the codename."""
    return OrganisationGrant.objects.filter(~held).order_by("pk")


def end_without(held: Exists) -> int:
    """Take back the grants that no function stands behind; return how many."""
    return without(held).delete()[0]


def give_on(made: type[Any], right: str, *, account_id: UUID, object_id: UUID) -> None:
    """Give an account one right on one object, a row of `made` (its `content_object` is that object); given already, it stays."""
    made.objects.get_or_create(user_id=account_id, content_object_id=object_id, permission=_right(made, right))


def end_on(made: type[Any], right: str, *, account_id: UUID, object_id: UUID) -> None:
    """Take it back."""
    made.objects.filter(user_id=account_id, content_object_id=object_id, permission=_right(made, right)).delete()


def held_on(made: type[Any], right: str, *, object_id: UUID) -> frozenset[UUID]:
    """Return the accounts that hold a right on one object."""
    rows = made.objects.filter(content_object_id=object_id, permission=_right(made, right))
    return frozenset(rows.order_by("pk").values_list("user_id", flat=True))


def _right(made: type[Any], right: str) -> Permission:
    kind = ContentType.objects.get_for_model(made._meta.get_field("content_object").related_model)
    return Permission.objects.get(content_type=kind, codename=right)


def _rights() -> QuerySet[Permission]:
    """Return the rights to act, one a function: their codenames are the functions' codes."""
    return Permission.objects.filter(content_type__app_label="accounts", content_type__model="organisation")
