"""Accounts of people."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q

from accounts.authentication.states import Ending, Way
from accounts.kernel.clock import now
from accounts.kernel.fields import EncryptedJSONField
from accounts.kernel.ids import new_id
from accounts.kernel.models import Record
from accounts.kernel.wall import NoWall


class UserManager(BaseUserManager["User"]):
    """Makes accounts; nobody is ever a superuser."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Make an account; without a password it cannot sign in locally."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the account of a login, whatever its case."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """One professional's account. What it may do comes from the memberships of its professional, never from here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=80, unique=True)
    professional = models.OneToOneField(
        "accounts.Professional", on_delete=models.PROTECT, null=True, related_name="user"
    )
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    sessions_allowed = models.PositiveSmallIntegerField(default=1)
    date_joined = models.DateTimeField(default=now)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(is_superuser=False), name="nobody_is_superuser"),
            models.CheckConstraint(condition=Q(sessions_allowed__in=[1, 2]), name="one_or_two_sessions"),
        ]

    def __str__(self) -> str:
        return self.username


class OpenSession(Record):
    """One sign-in of an account in one browser. `key` is the key of its session row; `created_at` the sign-in.

    `told_at` is when the referents of an emergency service heard, or need not hear, of a sign-in by password.
    `provider_grant` is what Pro Santé Connect gave to keep the session going: its refresh token and
    its ID token, asked about again from `grant_due_at` on.
    """

    WALL = NoWall("sealed for the professional's own sign-in: no patient is in it")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="open_sessions")
    key = models.CharField(max_length=40, unique=True)
    way = models.CharField(max_length=12)
    device = models.CharField(max_length=80)
    address = models.CharField(max_length=45)
    seen_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=20, blank=True)
    told_at = models.DateTimeField(null=True)
    provider_grant = EncryptedJSONField(null=True)
    grant_due_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(way__in=[str(way) for way in Way]), name="session_way"),
            models.CheckConstraint(condition=Q(ending__in=["", *(str(one) for one in Ending)]), name="session_ending"),
        ]
        indexes = [models.Index(fields=["user", "ended_at", "-seen_at"], name="session_of_account")]
