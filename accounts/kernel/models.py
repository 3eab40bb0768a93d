"""The bases of every table, and the rows that every change of an aggregate leaves behind.

A table of a person's data declares its `WALL` (`accounts.kernel.wall`): a house test refuses one that does not.
"""

from typing import Any, ClassVar, Never

from django.db import models

from accounts.kernel import data_keys  # noqa: F401 (the models of the app are found here)
from accounts.kernel.clock import now
from accounts.kernel.fields import EncryptedTextField
from accounts.kernel.ids import new_id
from accounts.kernel.states import Lifecycle
from accounts.kernel.wall import Wall


class Record(models.Model):
    """A row with an id made in Python, so that encrypted fields can be bound to it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        abstract = True


class Aggregate(Record):
    """A record that commands change: versioned, with a life cycle.

    `AGGREGATE` names it in transitions, events and the audit. `LIFECYCLE` is its table;
    the model has a `state` column when it has one.
    """

    AGGREGATE: ClassVar[str]
    LIFECYCLE: ClassVar[Lifecycle]

    version = models.PositiveIntegerField(default=0, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        abstract = True


ERASED_BY_TWO = (
    "EXISTS (SELECT 1 FROM accounts_purgeorder o WHERE o.state = 'executing' AND o.confirmed_by <> o.asked_by)"
)
"""When a row of a person's history may go: while an order that two persons gave is carried out (`accounts.retention`)."""


FILED_ANEW = (
    "EXISTS (SELECT 1 FROM accounts_identitymerge m WHERE m.is_moving"
    " AND {before} IN (m.merged_id, m.survivor_id) AND {after} IN (m.merged_id, m.survivor_id))"
)
"""When a row may pass from one record to another: while a merge of just these two runs (`accounts.vigilance`)."""


class AppendOnly(models.Model):
    """A row that is written once; the database refuses any change (see `accounts.kernel.guards`).

    `ERASABLE_WHEN` is the SQL condition on `OLD` under which a row may go; empty: never.
    `FILED_UNDER` is the column that names the person whose history the row is part of: it alone
    may change, while two records of hers become one or part again (`accounts.vigilance`).
    """

    ERASABLE_WHEN: ClassVar[str] = ""
    FILED_UNDER: ClassVar[str] = ""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; refuse to change what is written."""
        if not self._state.adding:
            raise TypeError(f"{type(self).__name__} is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Never:
        """Refuse."""
        raise TypeError(f"{type(self).__name__} is append-only.")


class ReadOnlySpell(models.Model):
    """A time during which an operator lets nothing be written: see `accounts.kernel.read_only`."""

    id = models.BigAutoField(primary_key=True)
    reason = models.CharField(max_length=200)
    started_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.UniqueConstraint(
                fields=["ended_at"], condition=models.Q(ended_at=None), nulls_distinct=False, name="read_only_once"
            )
        ]


class Transition(AppendOnly):
    """One deed on one aggregate: the history, the timeline and the clocks read these rows.

    `deed` is an action of the life cycle or another named deed; `source` is empty at the
    first one. `happened_at` is when it took place for people, `recorded_at` when it was
    written. `reason` is a code, never text.
    """

    ERASABLE_WHEN: ClassVar[str] = ERASED_BY_TWO
    FILED_UNDER: ClassVar[str] = "person_id"

    WALL = Wall(person="person_id", organisations=("organisation_id",), open_when="person_id IS NULL")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    aggregate_type = models.CharField(max_length=40)
    aggregate_id = models.UUIDField()
    aggregate_version = models.PositiveIntegerField()
    person_id = models.UUIDField(null=True)
    deed = models.CharField(max_length=40)
    source = models.CharField(max_length=30, blank=True)
    target = models.CharField(max_length=30, blank=True)
    reason = EncryptedTextField(null=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=now)
    actor_id = models.UUIDField(null=True)
    actor_role = models.CharField(max_length=30)
    organisation_id = models.UUIDField(null=True)

    class Meta:
        app_label = "accounts"
        constraints = [
            models.UniqueConstraint(
                fields=["aggregate_type", "aggregate_id", "aggregate_version"], name="transition_once_per_version"
            )
        ]
        indexes = [
            models.Index(fields=["person_id", "-happened_at", "-id"], name="transition_timeline"),
            models.Index(fields=["organisation_id", "-recorded_at"], name="transition_organisation"),
        ]
