"""Care offers and where they act. Nothing of it is about a patient: plain text."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from accounts.access.records import Facts
from accounts.kernel.models import Aggregate
from pathway.structures.rules import folded
from pathway.structures.states import OfferKind


class CareOffer(Aggregate):
    """What one structure offers: a kind, admission criteria, a phone that answers, referents.

    `code` is the structure's own word for it, unique in the organisation. `levels` lists
    the levels of gradation it takes ("23"); `installed` counts its beds or places. An
    offer that is closed is kept, inactive.
    """

    AGGREGATE: ClassVar[str] = "care_offer"

    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="offers")
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    levels = models.CharField(max_length=3, blank=True)
    min_age = models.PositiveSmallIntegerField(null=True)
    max_age = models.PositiveSmallIntegerField(null=True)
    needs_home_carer = models.BooleanField(default=False)
    excludes = models.JSONField(default=list)
    criteria_text = models.TextField(blank=True)
    hours = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    night_phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    installed = models.PositiveSmallIntegerField(default=0)
    medical_referent = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    nursing_referent = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    is_active = models.BooleanField(default=True)
    search_text = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        app_label = "pathway"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="care_offer_once"),
            models.CheckConstraint(condition=Q(kind__in=[str(k) for k in OfferKind]), name="care_offer_kind"),
        ]
        indexes = [
            models.Index(fields=["kind", "name", "id"], name="care_offer_kind_name"),
            models.Index(fields=["name", "id"], name="care_offer_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the words the directory is searched by: offer, structure and city, without accents."""
        place = self.organisation
        self.search_text = folded(f"{self.name} {place.name} {place.city}")[:500]
        super().save(*args, **kwargs)

    def facts(self) -> Facts:
        """What the gate is told."""
        return Facts(type=self.AGGREGATE, id=self.id, organisation_id=self.organisation_id)


class OfferArea(models.Model):
    """One commune (INSEE code), département or territory (its code) where an offer acts."""

    id = models.BigAutoField(primary_key=True)
    offer = models.ForeignKey(CareOffer, on_delete=models.CASCADE, related_name="areas")
    code = models.CharField(max_length=40)

    class Meta:
        app_label = "pathway"
        constraints = [models.UniqueConstraint(fields=["offer", "code"], name="offer_area_once")]
        indexes = [models.Index(fields=["code"], name="offer_area_code")]


class DirectoryImport(Aggregate):
    """One file kept in the directory, and what it changed. `digest` tells the same file again."""

    AGGREGATE: ClassVar[str] = "directory_import"

    kind = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, blank=True)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "pathway"
