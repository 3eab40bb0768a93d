"""Directives as commands take them, and as others read them at two levels: that they exist, and what they say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from accounts.documents.records import NewFile
from ppa.directives.states import Decision, Medium, Model, Place, RevocationMeans, State
from ppa.directives.texts import LegalText


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Somebody who certifies the will of a person unable to write; `capacity` is who he is to her."""

    name: str
    capacity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """What the judge or the family council allowed to a protected adult."""

    authority: str
    given_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who keeps the document, or where it is, and how to reach it."""

    name: str
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the person wants about one coded subject; `note` says it in her words."""

    code: str
    decision: Decision
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDirective:
    """A document of directives comes in.

    `signed_on` is the date written on the document; `is_undated` says that it has none:
    it is then kept to be verified and never becomes current. `comfort_only`: the person
    asks for comfort care alone. `shared_with_coordination`: she agrees that her
    coordinator reads the content. `sections` holds what stands under each heading of the
    official model, by code. `witness_reason` says why the trusted person of that day is
    not among the witnesses.
    """

    person_id: UUID
    medium: Medium
    signed_on: date | None = None
    is_undated: bool = False
    model: Model = Model.FREE
    has_signature: bool = False
    witnesses: tuple[Witness, ...] = ()
    written_by: str = ""
    is_protected: bool = False
    authorisation: Authorisation | None = None
    witness_reason: str = ""
    wishes: tuple[Wish, ...] = ()
    comfort_only: bool = False
    text: str = ""
    sections: Mapping[str, str] = field(default_factory=dict)
    holder: Holder | None = None
    shared_with_coordination: bool = False
    file: NewFile | None = None
    authorisation_file: NewFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmDirective:
    """What was missing is now there: the date, the signature or the witnesses, the file, the authorisation.

    Absent values stay as they were; `is_protected` puts right whether a measure of protection represents the person.
    """

    directive_id: UUID
    version: int | None
    signed_on: date | None = None
    has_signature: bool = False
    witnesses: tuple[Witness, ...] = ()
    witness_reason: str = ""
    is_protected: bool | None = None
    authorisation: Authorisation | None = None
    file: NewFile | None = None
    authorisation_file: NewFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDeposit:
    """The person had a copy kept somewhere. `deposited_by` did it, on a day; `where` names the place or the professional."""

    directive_id: UUID
    version: int | None
    place: Place
    deposited_on: date
    deposited_by: str
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeDirective:
    """The person takes her directives back. `received_by` heard or received it; `witness` is needed unless it is written."""

    directive_id: UUID
    version: int | None
    revoked_on: date
    means: RevocationMeans
    received_by: str
    witness: str = ""
    file: NewFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleDirectives:
    """A record was merged with another, or parted from it: one document is current in each."""

    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawDirective:
    """The record was a mistake: another person's document, the same one twice."""

    directive_id: UUID
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectiveExistence:
    """That directives exist, from when, in what state and where they are kept: never what they say."""

    id: UUID
    person_id: UUID
    version: int
    state: State
    state_label: str
    medium: Medium
    signed_on: date | None
    holder: Holder | None
    recorded_at: datetime
    is_current: bool
    may_be_read: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """When and how the person took her directives back."""

    revoked_on: date
    means: RevocationMeans
    received_by: str
    witness: str
    document_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """One copy kept somewhere, as somebody recorded it."""

    place: Place
    where: str
    deposited_on: date
    deposited_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Somebody read what a document says: who, for which structure, and when; `is_emergency`: by a break-glass."""

    at: datetime
    who: str
    organisation: str
    is_emergency: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectiveSnapshot:
    """The whole of one document of directives."""

    id: UUID
    person_id: UUID
    version: int
    state: State
    medium: Medium
    model: Model
    signed_on: date | None
    has_signature: bool
    witnesses: tuple[Witness, ...]
    written_by: str
    is_protected: bool
    authorisation: Authorisation | None
    wishes: tuple[Wish, ...]
    comfort_only: bool
    text: str
    holder: Holder | None
    shared_with_coordination: bool
    document_id: UUID | None
    authorisation_document_id: UUID | None
    organisation_id: UUID | None
    superseded_by_id: UUID | None
    legal_version: str
    recorded_at: datetime
    updated_at: datetime
    witness_reason: str = ""
    sections: Mapping[str, str] = field(default_factory=dict)
    revocation: Revocation | None = None
    deposits: tuple[Deposit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSettle:
    """What a document says both ways, in sentences, and how many questions wait between it and other writings."""

    inside: tuple[str, ...] = ()
    beside: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectivePage:
    """One document for one reader: `content` is `None` for who may know of it but not read it.

    `missing_witness` names the trusted person of that day when she is not among the witnesses and nobody said why.
    """

    existence: DirectiveExistence
    content: DirectiveSnapshot | None
    legal_text: LegalText
    missing_witness: str = ""
    to_settle: ToSettle = ToSettle()
