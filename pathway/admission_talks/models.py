"""Talks on admission: rows of a stay, written once. The answers are sealed; when one comes back to it is the stay's."""

from typing import ClassVar

from django.db import models

from accounts.kernel.fields import EncryptedJSONField, EncryptedTextField
from accounts.kernel.models import ERASED_BY_TWO, AppendOnly, Record
from accounts.kernel.wall import Wall


class AdmissionTalk(AppendOnly, Record):
    """One talk. `content`: the answers, where the directives are, what was handed, whether she is protected, the day to come back."""

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO

    WALL = Wall(through="stay")

    stay = models.ForeignKey("pathway.Stay", on_delete=models.PROTECT, related_name="talks")
    asked_by = models.ForeignKey("accounts.Professional", on_delete=models.PROTECT, null=True, related_name="+")
    asked_on = models.DateField()
    content = EncryptedJSONField()
    note = EncryptedTextField(default="")

    class Meta:
        app_label = "pathway"
        indexes = [models.Index(fields=["stay", "-created_at", "-id"], name="admission_talk_order")]
