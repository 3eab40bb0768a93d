"""Systems registered by an organisation, their tokens, and what was used up for these."""

from django.db import models

from accounts.kernel.clock import now
from accounts.kernel.models import Record


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
