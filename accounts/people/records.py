"""Identities as commands take them and as other features read them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from accounts.people.states import RELATIVE_ROLE_LABELS, AlertKind, DeathMistake, IdentityStatus, RelativeRole, Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """The five strict traits of the national identity: birth name, birth given names in order, birth date, sex, birthplace.

    `birthplace` is an INSEE code of commune or country.
    """

    birth_name: str
    birth_given_names: tuple[str, ...]
    birth_date: date
    sex: Sex
    birthplace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ins:
    """A national health identity number: 15 characters, under the OID that says of which kind it is."""

    value: str
    oid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How and where to reach somebody. Phones in any usual French form; `commune` is an INSEE code."""

    phones: tuple[str, ...] = ()
    email: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    commune: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPerson:
    """A person enters the deployment through an organisation, which may know her by its own number (`ipp`)."""

    traits: Traits
    status: IdentityStatus
    ins: Ins | None = None
    usual_name: str = ""
    usual_given_name: str = ""
    contact: Contact = field(default_factory=Contact)
    ipp: str = ""
    ipp_system: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateContact:
    """New ways to reach a person."""

    person_id: UUID
    version: int | None
    contact: Contact
    usual_name: str = ""
    usual_given_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRelative:
    """Somebody round the person. `relation` is a code of the list J11; roles are those stated so far."""

    person_id: UUID
    family: str
    given: str
    relation: str
    roles: frozenset[RelativeRole] = frozenset()
    birth_date: date | None = None
    contact: Contact = field(default_factory=Contact)
    call_rank: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRelative:
    """What changed of somebody round the person: `roles` are those she has from `since` on, the trusted person's apart.

    `call_rank`: in which order relatives are called, from 1; `leaves`: she is no longer one of those round the person.
    """

    relative_id: UUID
    version: int | None
    family: str
    given: str
    relation: str
    roles: frozenset[RelativeRole]
    since: date
    birth_date: date | None = None
    contact: Contact = field(default_factory=Contact)
    call_rank: int | None = None
    leaves: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkDeceased:
    """The person died; `died_on` is a day in Paris."""

    person_id: UUID
    died_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectDeath:
    """A death was recorded by mistake."""

    person_id: UUID
    reason: DeathMistake


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeAfterMistake:
    """What a death had closed for a person begins again: she is alive."""

    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleIdentityAlert:
    """A person in charge of identities says whether two records are the same; records never merge by themselves."""

    alert_id: UUID
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRole:
    """A role that a relative holds, or held until `ends_on`."""

    role: RelativeRole
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeSnapshot:
    """A relative as pages, papers and the bridge read it: `roles` are the present ones.

    `held` gives each role once, by its latest time; `history` every time of every role, the oldest first.
    """

    id: UUID
    person_id: UUID
    version: int
    family: str
    given: str
    relation: str
    relation_label: str
    roles: tuple[RelativeRole, ...]
    birth_date: date | None
    contact: Contact
    active: bool
    held: tuple[HeldRole, ...] = ()
    history: tuple[HeldRole, ...] = ()
    call_rank: int | None = None

    @property
    def role_labels(self) -> tuple[str, ...]:
        """The present roles, in words."""
        return tuple(RELATIVE_ROLE_LABELS[role] for role in self.roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSnapshot:
    """A person's whole identity, for pages of the circle, papers and the bridge.

    `merged_into` is the record that stands for this one, when somebody merged them.
    """

    id: UUID
    version: int
    status: IdentityStatus
    ins: Ins | None
    traits: Traits
    usual_name: str
    usual_given_name: str
    contact: Contact
    departement: str
    died_on: date | None
    merged_into: UUID | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def display_name(self) -> str:
        """The name as a page shows it: birth name in capitals, first given name, then the usual name."""
        given = self.usual_given_name or self.traits.birth_given_names[0]
        used = f" ({self.usual_name.upper()})" if self.usual_name else ""
        return f"{self.traits.birth_name.upper()} {given}{used}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPerson:
    """One line of a search result."""

    id: UUID
    name: str
    birth_date: date
    sex: Sex
    status: IdentityStatus
    city: str
    died_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPair:
    """Two records that look alike; `said_same`: a colleague took them for one person."""

    id: UUID
    kind: AlertKind
    said_same: bool
    person: FoundPerson
    other: FoundPerson

    @property
    def sides(self) -> tuple[FoundPerson, FoundPerson]:
        """Both records, to be laid side by side."""
        return self.person, self.other


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSameTeam:
    """Another place of the actor's establishment takes care of the person too; `informed`: she was told, and does not object."""

    person_id: UUID
    organisation_id: UUID
    informed: bool
