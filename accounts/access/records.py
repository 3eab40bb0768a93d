"""What the gate is told about an object, what it answers, and the inputs of this feature's commands."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from accounts.access.states import Basis, Category, ConsentMeans

NOTICE_VERSION = "2026-1"
"""The notice that is read to a person today: see `accounts.access.notices`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a decision may depend on. Absent facts never satisfy a condition.

    `sender_id` and `recipient_ids` are organisations of a request; `addressed_to` those
    that a sharing consent must cover. `found_exactly`: the actor has just found the person by
    an exact identity; `at_emergency`: he acts for an emergency service. `asked_by`:
    the account that asked for what a second one confirms; `is_published`: a figure of a cube
    whose small cells are hidden. `signed_with_own_key`: a system has just signed this with
    its present key. `granted_to`: the accounts that hold a grant on the object.
    """

    type: str
    id: UUID | None = None
    person_id: UUID | None = None
    organisation_id: UUID | None = None
    sender_id: UUID | None = None
    recipient_ids: frozenset[UUID] = frozenset()
    addressed_to: frozenset[UUID] = frozenset()
    author_id: UUID | None = None
    state: str = ""
    is_draft: bool = False
    patient_agrees: bool = False
    signed_request: bool = False
    clean: bool = False
    attached: bool = False
    signed_with_own_key: bool = False
    found_exactly: bool = False
    at_emergency: bool = False
    treating_claim: bool = False
    granted_to: frozenset[UUID] = frozenset()
    asked_by: UUID | None = None
    is_published: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an actor stands towards one person now, read from the database at each decision.

    `bases`, `opposed` and `consented_to` are about the whole file; `partial`, `refused` and
    `partly_consented_to` about one category of its data. `towards` gives what counts for a category.
    `refuses_emergency`: the person refused break-glass. `break_glass_id`: the actor's own
    open one on her, by which each decision that rests on it is traced.
    """

    bases: frozenset[Basis] = frozenset()
    opposed: bool = False
    refuses_emergency: bool = False
    consented_to: frozenset[UUID] = frozenset()
    partial: frozenset[tuple[Basis, Category]] = frozenset()
    refused: frozenset[Category] = frozenset()
    partly_consented_to: frozenset[tuple[UUID, Category]] = frozenset()
    break_glass_id: UUID | None = None
    _parts: dict[tuple[Category, frozenset[Category]], "Standing"] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def towards(self, category: Category, *, closed_by: frozenset[Category]) -> "Standing":
        """Return the standing as it counts for one category of data, which some refusals close: as it is, when nothing is told of parts."""
        if not (self.partial or self.refused or self.partly_consented_to):
            return self
        kept = self._parts.get((category, closed_by))
        if kept is None:
            kept = self._parts[category, closed_by] = self._towards(category, closed_by)
        return kept

    def _towards(self, category: Category, closed_by: frozenset[Category]) -> "Standing":
        return Standing(
            bases=self.bases | {basis for basis, opened in self.partial if opened == category},
            opposed=self.opposed or bool(closed_by & self.refused),
            refuses_emergency=self.refuses_emergency,
            consented_to=self.consented_to | {to for to, agreed in self.partly_consented_to if agreed == category},
            break_glass_id=self.break_glass_id,
        )


class FieldSet(StrEnum):
    """How much of a person an answer may hold."""

    FULL = "full"
    EMERGENCY = "emergency"
    MINIMUM = "minimum"


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's answer. `failing` lists the condition codes that were not met."""

    allowed: bool
    rule: str
    fields: FieldSet = FieldSet.FULL
    failing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a command hands back: which aggregate, at which version. `replayed`: the same key had done it before."""

    type: str
    id: UUID
    version: int
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMembership:
    """An organisation (or one professional) enters a person's circle on a basis."""

    person_id: UUID
    organisation_id: UUID
    basis: Basis
    professional_id: UUID | None = None
    source_id: UUID | None = None
    category: Category = Category.ALL
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSharingConsent:
    """The person agreed, on a day and by a means, that named organisations receive what their care needs.

    `representative_id` is the relative who agreed for her, when the law lets one.
    """

    person_id: UUID
    organisation_ids: frozenset[UUID]
    given_on: date
    means: ConsentMeans
    categories: frozenset[Category] = frozenset({Category.ALL})
    representative_id: UUID | None = None
    notice_version: str = NOTICE_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawSharingConsent:
    """The person takes an agreement back."""

    consent_id: UUID
    withdrawn_on: date
    means: ConsentMeans


@dataclass(frozen=True, slots=True, kw_only=True)
class StopForWithdrawal:
    """What a feature had under way for a person with organisations that she no longer agrees to stops."""

    person_id: UUID
    organisation_ids: frozenset[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOpposition:
    """The person refuses that an organisation opens the file, or some categories of its data.

    No organisation named: every one but that where she said so.
    """

    person_id: UUID
    organisation_id: UUID | None
    stated_on: date
    means: ConsentMeans
    categories: frozenset[Category] = frozenset({Category.ALL})
    representative_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftOpposition:
    """The person takes a refusal back."""

    opposition_id: UUID
    lifted_on: date
    means: ConsentMeans


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOrganisation:
    """An organisation outside the team enters the circle, on the agreement that names it."""

    person_id: UUID
    organisation_id: UUID
    consent_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareTreating:
    """A professional who knows the person declares that he takes care of her, and says why."""

    person_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewClaim:
    """Somebody of the circle confirms or refuses a declared relation."""

    claim_id: UUID
    version: int | None
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EndMembership:
    """An organisation leaves the circle."""

    membership_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CircleMemberSnapshot:
    """One membership of a person's circle as the bridge reads it, past ones with their end."""

    organisation_id: UUID
    professional_id: UUID | None
    basis: Basis
    since: datetime
    until: datetime | None
