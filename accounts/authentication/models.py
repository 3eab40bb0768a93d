"""Accounts of people, systems registered by an organisation, and their tokens."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q

from accounts.kernel.clock import now
from accounts.kernel.ids import new_id
from accounts.kernel.models import Record


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
    date_joined = models.DateTimeField(default=now)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        app_label = "accounts"
        constraints = [models.CheckConstraint(condition=Q(is_superuser=False), name="nobody_is_superuser")]

    def __str__(self) -> str:
        return self.username


class FhirClient(Record):
    """A system of one organisation that signs in with its own key. `scopes` are those it may ask for at most."""

    name = models.CharField(max_length=120)
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="fhir_clients")
    scopes = models.JSONField(default=list)
    jwks = models.JSONField()
    is_active = models.BooleanField(default=True)

    class Meta:
        app_label = "accounts"


class AccessToken(models.Model):
    """A bearer token, kept as its SHA-256 only."""

    digest = models.CharField(max_length=64, primary_key=True)
    client = models.ForeignKey(FhirClient, on_delete=models.CASCADE, related_name="tokens")
    scopes = models.JSONField(default=list)
    issued_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()

    class Meta:
        app_label = "accounts"
        indexes = [models.Index(fields=["expires_at"], name="token_expiry")]


class UsedAssertion(models.Model):
    """The id of a client assertion that was used: it is taken once only."""

    id = models.BigAutoField(primary_key=True)
    client_id = models.UUIDField()
    jti = models.CharField(max_length=200)
    expires_at = models.DateTimeField()

    class Meta:
        app_label = "accounts"
        constraints = [models.UniqueConstraint(fields=["client_id", "jti"], name="assertion_once")]
