"""Systems registered by an organisation, their tokens, and what was used up for these."""

from django.db import models
from django.db.models import Q

from accounts.kernel.clock import now
from accounts.kernel.models import Record
from accounts.systems.states import AskState


class FhirClient(Record):
    """A system of one organisation that signs in with its own key. `scopes` are those it may ask for at most.

    Its public keys are `jwks`, or what `jwks_url` gives. `needs_certificate`: its tokens are
    bound to the TLS certificate that it presents. Closed until two persons opened it.
    """

    name = models.CharField(max_length=120)
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="fhir_clients")
    scopes = models.JSONField(default=list)
    jwks = models.JSONField(default=dict)
    jwks_url = models.URLField(max_length=500, blank=True)
    needs_certificate = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        app_label = "accounts"


class ScopeAsk(Record):
    """Scopes that one person asked for a system, for another one to grant; all that it would hold, not what is added."""

    client = models.ForeignKey(FhirClient, on_delete=models.CASCADE, related_name="asks")
    scopes = models.JSONField()
    state = models.CharField(max_length=8, default=AskState.PENDING)
    asked_by = models.UUIDField()
    asked_by_name = models.CharField(max_length=120)
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[str(one) for one in AskState]), name="scope_ask_state"),
            models.CheckConstraint(
                condition=Q(state=AskState.PENDING) | Q(answered_by__isnull=False), name="scope_ask_answered"
            ),
            models.CheckConstraint(
                condition=~Q(state=AskState.GRANTED, answered_by=models.F("asked_by")), name="scope_ask_two_persons"
            ),
            models.UniqueConstraint(
                fields=["client"], condition=Q(state=AskState.PENDING), name="scope_ask_one_at_a_time"
            ),
        ]


class FetchedKeys(models.Model):
    """The public keys that a system's address gave last, kept until `fresh_until`. `tried_at`: the last call, whatever it gave."""

    client = models.OneToOneField(FhirClient, on_delete=models.CASCADE, primary_key=True, related_name="fetched_keys")
    jwks = models.JSONField(default=dict)
    tried_at = models.DateTimeField()
    fresh_until = models.DateTimeField()

    class Meta:
        app_label = "accounts"


class AccessToken(models.Model):
    """A bearer token, kept as its SHA-256 only. `certificate`: the SHA-256 (base64url) of the one it is bound to."""

    digest = models.CharField(max_length=64, primary_key=True)
    client = models.ForeignKey(FhirClient, on_delete=models.CASCADE, related_name="tokens")
    scopes = models.JSONField(default=list)
    certificate = models.CharField(max_length=43, blank=True)
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
