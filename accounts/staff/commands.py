"""Writing accounts and functions of an organisation's people. Nobody changes his own."""

from datetime import date
from uuid import UUID

from allauth.mfa.models import Authenticator

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, command
from accounts.authentication.models import OpenSession, User
from accounts.authentication.open_sessions import end
from accounts.authentication.rules import LoginTaken
from accounts.authentication.states import Ending
from accounts.kernel.actor import Actor, Duty
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound
from accounts.organisations.directory import managed_by
from accounts.organisations.functions import close_function, grant_held, open_function
from accounts.organisations.models import Membership, Organisation, Professional
from accounts.organisations.states import OrganisationKind
from accounts.staff.models import AccountReset, RightsReview
from accounts.staff.records import (
    AllowSessions,
    AskReset,
    CloseAccount,
    ConfirmReset,
    EndFunction,
    GrantFunction,
    OpenStaffAccount,
    ReviewStaff,
)
from accounts.staff.rules import (
    RESET_LASTS,
    FunctionHeld,
    NoAccountHere,
    OwnRights,
    ResetNotAsked,
    WorksElsewhere,
    check_end,
    check_mandate,
    check_role,
    works_elsewhere,
)


@command(Permission.USER_ACCOUNT_CREATE_OWN_ORG)
def open_staff_account(record: OpenStaffAccount, act: Act) -> Receipt:
    """Give somebody a function, and an account unless she has one. The receipt is of the professional.

    Its type is "user_account" when the first password is the account's. Raises `LoginTaken`
    when the login is somebody else's.
    """
    act.ask(_at(record.organisation_id, act.by))
    who = Professional.objects.filter(rpps=record.rpps).first() if record.rpps else None
    who = who or Professional.objects.create(rpps=record.rpps or None, family=record.family, given=record.given)
    _give(who, record.organisation_id, record.role, record.ends_on, act.by)
    if User.objects.filter(professional=who).exists():
        return Receipt(type="membership", id=who.id, version=1)
    username = record.username.lower() or f"psc-{who.rpps or who.pk}"
    if User.objects.filter(username__iexact=username).exists():
        raise LoginTaken(field="username")
    User.objects.create_user(username, record.password if record.username else None, professional=who)
    grant_held(who.id)
    return Receipt(type="user_account" if record.username else "membership", id=who.id, version=1)


@command(Permission.USER_ACCOUNT_GRANT_ROLE_OWN_ORG)
def grant_function(record: GrantFunction, act: Act) -> Receipt:
    """Give somebody of the organisation another function there."""
    who = _staff(record.staff_id, act.by)
    act.ask(_at(record.organisation_id, act.by, id=who.id))
    _give(who, record.organisation_id, record.role, record.ends_on, act.by)
    return _receipt(who.id)


@command(Permission.USER_ACCOUNT_GRANT_ROLE_OWN_ORG)
def end_function(record: EndFunction, act: Act) -> Receipt:
    """End one function now: it opens nothing from the next request on."""
    who = _staff(record.staff_id, act.by)
    held = Membership.objects.select_for_update(of=("self",)).present().filter(professional=who)
    function = held.filter(pk=record.function_id).first()
    if function is None:
        raise NotFound
    act.ask(_at(function.organisation_id, act.by, id=who.id))
    _refuse_self(who, act.by)
    close_function(function)
    return _receipt(who.id)


@command(Permission.USER_ACCOUNT_DISABLE)
def close_account(record: CloseAccount, act: Act) -> Receipt:
    """Close an account, its sessions with it, or open it again."""
    user = _account(record.staff_id, act)
    user.is_active = record.is_open
    user.save(update_fields=["is_active"])
    _end_sessions(user)
    return _receipt(record.staff_id)


@command(Permission.USER_ACCOUNT_ALLOW_SESSIONS)
def allow_sessions(record: AllowSessions, act: Act) -> Receipt:
    """Let an account have one or two sessions at once."""
    user = _account(record.staff_id, act)
    user.sessions_allowed = 2 if record.number > 1 else 1
    user.save(update_fields=["sessions_allowed"])
    return _receipt(record.staff_id)


@command(Permission.USER_ACCOUNT_ASK_RESET)
def ask_reset(record: AskReset, act: Act) -> Receipt:
    """Ask that an account gets a new first password and no second factor; a second person confirms."""
    user = _account(record.staff_id, act)
    if not user.has_usable_password():
        raise NoAccountHere
    if _waiting(user) is None:
        AccountReset.objects.create(user=user, asked_by=_account_of(act.by))
    return _receipt(record.staff_id)


@command(Permission.USER_ACCOUNT_RESET_MFA)
def confirm_reset(record: ConfirmReset, act: Act) -> Receipt:
    """Do what somebody else asked for: the account's sessions end, its next sign-in sets up a second factor."""
    user = _account(record.staff_id, act, ask=False)
    waiting = _waiting(user)
    if waiting is None:
        raise ResetNotAsked
    act.ask(_of_account(user, act.by, asked_by=waiting.asked_by_id))
    waiting.confirmed_by, waiting.confirmed_at = _account_of(act.by), now()
    waiting.save(update_fields=["confirmed_by", "confirmed_at"])
    Authenticator.objects.filter(user=user).delete()
    user.set_password(record.password)
    user.save(update_fields=["password"])
    _end_sessions(user)
    return _receipt(record.staff_id)


@command(Permission.USER_ACCOUNT_REVIEW_HABILITATIONS_ANNUAL)
def review_staff(record: ReviewStaff, act: Act) -> Receipt:
    """Note that somebody read every function of the organisation again."""
    act.ask(_at(act.organisation_id, act.by))
    review = RightsReview.objects.create(
        organisation_id=act.organisation_id, reviewed_by=_account_of(act.by), functions=record.functions
    )
    return Receipt(type="rights_review", id=review.id, version=1)


def _give(who: Professional, organisation_id: UUID, role: Duty, ends_on: date | None, by: Actor) -> None:
    _refuse_self(who, by)
    place = Organisation.objects.get(pk=organisation_id)
    check_role(role, OrganisationKind(place.kind))
    check_end(ends_on, today())
    held = set(Membership.objects.present().filter(professional=who, organisation=place).values_list("role", flat=True))
    check_mandate(role, held)
    if role in held:
        raise FunctionHeld(field="role")
    open_function(who.id, place.id, role, ends_on=ends_on)


def _refuse_self(who: Professional, by: Actor) -> None:
    if who.id == by.professional_id:
        raise OwnRights


def _staff(staff_id: UUID, by: Actor) -> Professional:
    here = Membership.objects.filter(organisation_id__in=managed_by(by))
    found = Professional.objects.filter(pk=staff_id, memberships__in=here).distinct().first()
    if found is None:
        raise NotFound
    return found


def _account(staff_id: UUID, act: Act, *, ask: bool = True) -> User:
    who = _staff(staff_id, act.by)
    user = User.objects.select_for_update(of=("self",)).filter(professional=who).first()
    if user is None:
        raise NotFound
    if ask:
        act.ask(_of_account(user, act.by))
    _refuse_self(who, act.by)
    if works_elsewhere(places_of(who), managed_by(act.by)):
        raise WorksElsewhere
    return user


def places_of(who: Professional) -> frozenset[UUID]:
    """Return the organisations for which somebody works today; those of before when there is none."""
    present = Membership.objects.present().filter(professional=who).values_list("organisation_id", flat=True)
    return frozenset(present) or frozenset(
        Membership.objects.filter(professional=who).values_list("organisation_id", flat=True)
    )


def _account_of(by: Actor) -> User:
    if by.id is None:
        raise NotAllowed
    return User.objects.get(pk=by.id)


def _waiting(user: User) -> AccountReset | None:
    return (
        AccountReset.objects.filter(user=user, confirmed_at=None, created_at__gt=now() - RESET_LASTS)
        .order_by("-created_at")
        .first()
    )


def _end_sessions(user: User) -> None:
    end(OpenSession.objects.filter(user=user, ended_at=None).order_by("id"), Ending.ACCOUNT_CHANGED)


def _at(organisation_id: UUID, by: Actor, *, id: UUID | None = None) -> Facts:
    own = by.organisation_id if organisation_id in managed_by(by) else None
    return Facts(type="user_account", id=id, organisation_id=own)


def _of_account(user: User, by: Actor, *, asked_by: UUID | None = None) -> Facts:
    return Facts(type="user_account", id=user.id, organisation_id=by.organisation_id, asked_by=asked_by)


def _receipt(staff_id: UUID) -> Receipt:
    return Receipt(type="user_account", id=staff_id, version=1)
