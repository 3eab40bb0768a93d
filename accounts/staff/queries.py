"""Reading the people of an organisation, their accounts and functions: names at work, no patient."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.timezone import localdate

from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.authentication.models import User
from accounts.kernel.actor import Actor, duty
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotFound
from accounts.organisations.directory import managed_by
from accounts.organisations.models import Membership, Organisation, Professional
from accounts.organisations.states import OrganisationKind
from accounts.staff.models import AccountReset, RightsReview
from accounts.staff.records import FunctionSnapshot, StaffSnapshot
from accounts.staff.rules import RESET_LASTS

PAGE = 100
SOON = timedelta(days=30)


def staff(actor: Actor, *, after: UUID | None = None) -> tuple[list[StaffSnapshot], UUID | None]:
    """Return a page of the organisation's people by name, and where the next page starts (`None`: it was the last)."""
    _permit(actor)
    names = list(_people(actor).order_by("family", "given", "id").values_list("id", flat=True))
    start = names.index(after) + 1 if after in names else 0
    shown = names[start : start + PAGE]
    rows = {row.id: row for row in _read(Professional.objects.filter(pk__in=shown).order_by("id"))}
    following = shown[-1] if start + PAGE < len(names) else None
    return _snapshots([rows[one] for one in shown], actor), following


def staff_member(staff_id: UUID, *, actor: Actor) -> StaffSnapshot:
    """Return one of the organisation's people; raises `NotFound` for anybody else's."""
    _permit(actor)
    row = _read(_people(actor).filter(pk=staff_id)).first()
    if row is None:
        raise NotFound
    return _snapshots([row], actor)[0]


def to_see_to(actor: Actor) -> list[StaffSnapshot]:
    """Return those of the organisation, by name, who wait for something: a reset to confirm, a function that ends within a month."""
    _permit(actor)
    asked = AccountReset.objects.filter(confirmed_at=None, created_at__gt=now() - RESET_LASTS)
    soon = Membership.objects.filter(
        organisation_id__in=managed_by(actor), ends_on__gte=today(), ends_on__lte=today() + SOON
    )
    waiting = Q(user__in=asked.values("user_id")) | Q(pk__in=soon.values("professional_id"))
    return _snapshots(_read(_people(actor).filter(waiting)).order_by("family", "given", "id")[:PAGE], actor)


def places(actor: Actor) -> list[tuple[UUID, str, OrganisationKind]]:
    """Return the organisation and its units, by name: where the actor manages functions."""
    rows = Organisation.objects.filter(pk__in=managed_by(actor)).order_by("name", "id")
    return [(row.id, row.name, OrganisationKind(row.kind)) for row in rows]


def last_review(actor: Actor) -> tuple[date, str] | None:
    """Return the day of the organisation's last review of rights and who did it; `None` when there was none."""
    row = (
        RightsReview.objects.filter(organisation_id__in=managed_by(actor) & {actor.organisation_id})
        .select_related("reviewed_by__professional")
        .order_by("-created_at", "-id")
        .first()
    )
    if row is None:
        return None
    who = row.reviewed_by.professional
    return localdate(row.created_at), who.display_name if who else row.reviewed_by.username


def _permit(actor: Actor) -> None:
    facts = Facts(type="user_account", organisation_id=actor.organisation_id)
    permit(actor, Permission.USER_ACCOUNT_LIST_OWN_ORG, facts)


def _people(actor: Actor) -> QuerySet[Professional]:
    here = Membership.objects.filter(organisation_id__in=managed_by(actor), professional_id=OuterRef("pk"))
    return Professional.objects.filter(Exists(here))


def _read(people: QuerySet[Professional]) -> QuerySet[Professional]:
    functions = Membership.objects.select_related("organisation").order_by("-starts_on", "role", "id")
    return people.select_related("user").prefetch_related(Prefetch("memberships", functions))


def _snapshots(rows: Iterable[Professional], actor: Actor) -> list[StaffSnapshot]:
    people = list(rows)
    accounts = [account.pk for row in people if (account := _account_of(row))]
    second = set(
        Authenticator.objects.filter(user_id__in=accounts, type__in=["totp", "webauthn"]).values_list(
            "user_id", flat=True
        )
    )
    waiting = {
        one.user_id: one
        for one in AccountReset.objects.filter(
            user_id__in=accounts, confirmed_at=None, created_at__gt=now() - RESET_LASTS
        ).select_related("asked_by__professional").order_by("created_at", "id")
    }  # fmt: skip
    managed = managed_by(actor)
    return [_snapshot(row, managed, second, waiting) for row in people]


def _snapshot(
    row: Professional, managed: frozenset[UUID], second: set[UUID], waiting: dict[UUID, AccountReset]
) -> StaffSnapshot:
    account = _account_of(row)
    reset = waiting.get(account.pk) if account else None
    asked_by = reset.asked_by if reset else None
    functions = tuple(_function(one, managed) for one in row.memberships.all())
    return StaffSnapshot(
        id=row.id,
        name=row.display_name,
        rpps=row.rpps or "",
        username=account.username if account else "",
        is_open=bool(account and account.is_active),
        is_local=bool(account and account.has_usable_password()),
        has_second_factor=bool(account and account.pk in second),
        sessions_allowed=account.sessions_allowed if account else 1,
        last_sign_in=account.last_login if account else None,
        functions=tuple(one for one in functions if one.is_own),
        works_elsewhere=any(one.is_present and not one.is_own for one in functions),
        reset_asked_by=str(asked_by.professional or asked_by.username) if asked_by else "",
        reset_asked_by_id=asked_by.pk if asked_by else None,
    )


def _function(row: Membership, managed: frozenset[UUID]) -> FunctionSnapshot:
    return FunctionSnapshot(
        id=row.id,
        organisation=row.organisation.name,
        role=duty(row.role),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        is_present=row.is_present(today()),
        is_own=row.organisation_id in managed,
    )


def _account_of(row: Professional) -> User | None:
    return getattr(row, "user", None)
