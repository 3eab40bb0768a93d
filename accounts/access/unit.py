"""Commands: the only writers. One transaction each: gate, rules, state table, version, transition row, event, audit."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from django.db import DatabaseError, IntegrityError, transaction

from accounts.access.gate import Trail, open_trail, permit
from accounts.access.models import IdempotencyKey, place_of_fingerprint
from accounts.access.permissions import Permission
from accounts.access.records import Decision, Facts, Receipt
from accounts.audit.journal import write, write_alone
from accounts.audit.records import AuditEntry, Outcome
from accounts.kernel import read_only
from accounts.kernel.actor import Actor
from accounts.kernel.clock import now
from accounts.kernel.crypto import Unreadable
from accounts.kernel.database import with_retries
from accounts.kernel.errors import (
    AuditUnavailable,
    DomainError,
    KeyReused,
    NotAllowed,
    NotFound,
    ReadOnly,
    StaleVersion,
    TransitionRefused,
    VersionMissing,
)
from accounts.kernel.keyring import seal, unseal
from accounts.kernel.models import Aggregate, Transition
from accounts.kernel.wall import seeing_as
from accounts.outbox.drain import after_commit, store
from accounts.outbox.events import Event

ANY_VERSION: Final = -1

RecordT = TypeVar("RecordT")
A = TypeVar("A", bound=Aggregate)


class Act:
    """What one command may do inside its transaction. It must ask the gate before it changes anything."""

    def __init__(self, unit: "Unit", permission: Permission) -> None:
        self._unit = unit
        self.permission = permission
        self.by = unit.by
        self.asked = False

    @property
    def organisation_id(self) -> UUID:
        """The organisation acted for; raises `NotAllowed` for an actor without one."""
        if self.by.organisation_id is None:
            raise NotAllowed
        return self.by.organisation_id

    def ask(self, facts: Facts) -> Decision:
        """Ask the gate; raises as `permit` does."""
        self.asked = True
        return permit(self.by, self.permission, facts)

    def open(self, model: type[A], id: UUID, *, version: int | None) -> A:
        """Return one aggregate, locked, once the gate allowed it and the version is the one that was read.

        The model has `facts()`. `version=ANY_VERSION` takes any; `None` raises `VersionMissing`.
        """
        found = self.lock(model, id)
        self.ask(found.facts())  # type: ignore[attr-defined]  # (every aggregate that is opened has facts)
        check_version(found, version)
        return found

    def lock(self, model: type[A], id: UUID) -> A:
        """Return one aggregate, locked, without asking the gate: for what a command changes beside its object."""
        found: A | None = model._default_manager.select_for_update(of=("self",), no_key=True).filter(pk=id).first()
        if found is None:
            raise NotFound
        return found

    def add(self, aggregate: Aggregate, deed: str, event: type[Event], *, at: datetime | None = None) -> Receipt:
        """Write a new aggregate at version 1, with its first transition row and its event."""
        return self._write(aggregate, deed, event, source="", at=at)

    def advance(
        self, aggregate: Aggregate, action: Any, event: type[Event], *, at: datetime | None = None, reason: str = ""
    ) -> Receipt:
        """Move an aggregate along its life cycle; raises `TransitionRefused` when the table has no such move."""
        stateful: Any = aggregate
        source = stateful.state
        stateful.state = aggregate.LIFECYCLE.target(action, source)
        return self._write(aggregate, action, event, source=source, at=at, reason=reason)

    def amend(
        self, aggregate: Aggregate, deed: str, event: type[Event], *, at: datetime | None = None, reason: str = ""
    ) -> Receipt:
        """Write a change that leaves the state as it is."""
        return self._write(aggregate, deed, event, source=getattr(aggregate, "state", ""), at=at, reason=reason)

    def take_back(self, aggregate: Aggregate, deed: str, event: type[Event]) -> Receipt:
        """Put an aggregate back where it stood before its latest deed of a name, which was a mistake.

        No move of its table: the row of the mistake stays in the history, and this one beside
        it. Raises `TransitionRefused` when the aggregate has left the state it was brought to.
        """
        rows = Transition.objects.filter(aggregate_type=aggregate.AGGREGATE, aggregate_id=aggregate.pk, deed=deed)
        last = rows.order_by("-aggregate_version").first()
        stateful: Any = aggregate
        if last is None or last.target != stateful.state:
            raise TransitionRefused(state=aggregate.LIFECYCLE.label(stateful.state))
        stateful.state = last.source
        return self._write(aggregate, "take_back", event, source=last.target, at=None)

    def tell(self, event: type[Event], *, about: str, id: UUID, person_id: UUID | None) -> None:
        """Store an event on something that is no aggregate, such as a circle."""
        self._unit.events.append(event(aggregate_type=about, aggregate_id=id, aggregate_version=0, person_id=person_id))

    def _write(
        self, aggregate: Aggregate, deed: str, event: type[Event], *, source: str, at: datetime | None, reason: str = ""
    ) -> Receipt:
        if not self.asked:
            raise RuntimeError(f"{self.permission}: the gate was not asked.")
        aggregate.version += 1
        aggregate.updated_at = now()
        aggregate.save()
        kind, person_id = aggregate.AGGREGATE, person_of(aggregate)
        self._unit.transitions.append(Transition(
            aggregate_type=kind, aggregate_id=aggregate.pk, aggregate_version=aggregate.version, person_id=person_id,
            deed=deed, source=source, target=getattr(aggregate, "state", ""), reason=reason or None,
            happened_at=_moment(at, aggregate.updated_at), actor_id=self.by.id, actor_role=self.by.role,
            organisation_id=self.by.organisation_id,
        ))  # fmt: skip
        self._unit.events.append(
            event(
                aggregate_type=kind, aggregate_id=aggregate.pk, aggregate_version=aggregate.version, person_id=person_id
            )
        )
        return Receipt(type=kind, id=aggregate.pk, version=aggregate.version)


def _moment(at: datetime | None, present: datetime) -> datetime:
    """Return when a deed happened: the minute or second that just began, as a form or a paper gives it, is now."""
    if at is None or timedelta(0) <= present - at < timedelta(minutes=1):
        return present
    return at


def person_of(aggregate: Aggregate) -> UUID | None:
    """Return the person an aggregate is about: its `person_id`, or itself when it is the person."""
    return aggregate.pk if aggregate.AGGREGATE == "person" else getattr(aggregate, "person_id", None)


def check_version(aggregate: Aggregate, version: int | None) -> None:
    """Raise `VersionMissing` (400) or `StaleVersion` (412) unless `version` is the present one."""
    if version is None:
        raise VersionMissing
    if version not in (ANY_VERSION, aggregate.version):
        raise StaleVersion


class Command(Generic[RecordT]):
    """A writer: `command(record, by=actor)` runs alone; `run(command, record)` runs inside `run_together`."""

    def __init__(self, permission: Permission, body: Callable[[RecordT, Act], Receipt]) -> None:
        self.permission = permission
        self.body = body
        self.name = f"{body.__module__}.{body.__name__}"
        self.__doc__ = body.__doc__
        self.__name__ = body.__name__
        self.__module__ = body.__module__

    def __call__(self, record: RecordT, *, by: Actor) -> Receipt:
        """Run in a transaction of its own and return what was written."""
        answer = run_together(lambda run: run(self, record), by=by, fingerprint=repr((self.name, record)))
        assert isinstance(answer, Receipt)  # noqa: S101 (a command's work always answers a receipt)
        return answer


class Together(Generic[RecordT]):
    """Commands of several features as one writer, in one transaction."""

    def __init__(self, body: "Callable[[RecordT, Unit], Receipt]") -> None:
        self.body = body
        self.name = f"{body.__module__}.{body.__name__}"
        self.__doc__ = body.__doc__
        self.__name__ = body.__name__
        self.__module__ = body.__module__

    def __call__(self, record: RecordT, *, by: Actor) -> Receipt:
        """Run all of it, or nothing."""
        answer = run_together(lambda run: self.body(record, run), by=by, fingerprint=repr((self.name, record)))
        assert isinstance(answer, Receipt)  # noqa: S101 (the work always answers a receipt)
        return answer


commands: dict[str, Command[Any]] = {}


def command(permission: Permission) -> Callable[[Callable[[RecordT, Act], Receipt]], Command[RecordT]]:
    """Make a function `(record, act) -> Receipt` a command guarded by one permission."""

    def wrap(body: Callable[[RecordT, Act], Receipt]) -> Command[RecordT]:
        made = Command(permission, body)
        commands[made.name] = made
        return made

    return wrap


def together(body: "Callable[[RecordT, Unit], Receipt]") -> Together[RecordT]:
    """Make a function `(record, run) -> Receipt` that composes commands into one writer."""
    return Together(body)


@dataclass(slots=True)
class Unit:
    """One transaction in the making: calling it runs a command inside. What it tells is written at its end."""

    by: Actor
    events: list[Event] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)

    def __call__(
        self, made: Command[RecordT] | Together[RecordT], record: RecordT, *, by: Actor | None = None
    ) -> Receipt:
        """Run one command here, as the unit's actor or as another view of it (a FHIR interaction)."""
        inner = replace(self, by=by or self.by)
        if isinstance(made, Together):
            return made.body(record, inner)
        act = Act(inner, made.permission)
        receipt = made.body(record, act)
        if not act.asked:
            raise RuntimeError(f"{made.name}: the gate was not asked.")
        return receipt


Answer = Receipt | dict[str, Any]
_running: ContextVar[bool] = ContextVar("unit-running", default=False)


def run_together(work: Callable[[Unit], Answer], *, by: Actor, fingerprint: str) -> Answer:
    """Run several commands in one durable transaction: all of it is kept, or nothing.

    With an idempotency key on the actor, the same key and `fingerprint` (a stable text of
    the input) gives the first answer again; another fingerprint raises `KeyReused`. An
    answer given again is audited, and so is a refusal. Events leave after the commit.
    """
    if _running.get():
        raise RuntimeError("A command runs inside another: compose them with run_together.")
    token = _running.set(True)
    try:
        with open_trail() as trail, seeing_as(by):
            try:
                answer, events = _attempt(lambda: _transact(work, by, fingerprint, trail))
            except DomainError as refusal:
                _audit_refusal(trail, refusal, by)
                raise
    finally:
        _running.reset(token)
    after_commit(events)
    return answer


def _attempt(transact: Callable[[], tuple[Answer, list[UUID]]]) -> tuple[Answer, list[UUID]]:
    """Run a transaction; raise `ReadOnly` where nothing is written, or when the database says so itself."""
    if read_only.mode():
        raise ReadOnly
    try:
        return with_retries(transact)
    except (DatabaseError, AuditUnavailable) as error:
        if read_only.note_refusal(error):
            raise ReadOnly from error
        raise


def _transact(work: Callable[[Unit], Answer], by: Actor, fingerprint: str, trail: Trail) -> tuple[Answer, list[UUID]]:
    trail.take()
    unit = Unit(by)
    with transaction.atomic(durable=True):
        kept, fresh = _idempotency_row(by, fingerprint)
        if kept is not None and not fresh:
            again = _replay(kept)
            write([_of_replay(again, by)])
            return again, []
        answer = work(unit)
        Transition.objects.bulk_create(unit.transitions)
        events = store(unit.events, origin=str(by.channel), correlation_id=by.correlation_id)
        if kept is not None:
            kept.answer = _as_json(answer)
            kept.save(update_fields=["answer"])
        write(trail.take())
    return answer, events


def _idempotency_row(by: Actor, fingerprint: str) -> tuple[IdempotencyKey | None, bool]:
    if not by.idempotency_key or by.id is None:
        return None, True
    digest = sha256(fingerprint.encode()).digest()
    kept = IdempotencyKey(actor_id=by.id, key=by.idempotency_key)
    kept.fingerprint = seal(digest, bound_to=place_of_fingerprint(kept.actor_id, kept.key))
    try:
        with transaction.atomic():
            kept.save(force_insert=True)
            return kept, True
    except IntegrityError:
        row = IdempotencyKey.objects.get(actor_id=by.id, key=by.idempotency_key)
    if not _asked_for(row, digest):
        raise KeyReused
    return row, False


def _asked_for(row: IdempotencyKey, digest: bytes) -> bool:
    try:
        return unseal(bytes(row.fingerprint), bound_to=place_of_fingerprint(row.actor_id, row.key)) == digest
    except Unreadable:  # kept before digests were sealed: what was asked cannot be compared, so nothing is repeated
        return False


def _replay(row: IdempotencyKey) -> Answer:
    answer: dict[str, Any] = row.answer or {}
    if "receipt" not in answer:
        return {**answer["answer"], "replayed": True}
    kept = answer["receipt"]
    return Receipt(type=kept["type"], id=UUID(kept["id"]), version=kept["version"], replayed=True)


def _of_replay(answer: Answer, by: Actor) -> AuditEntry:
    """Return the trace of an answer given again: nothing was decided, and nothing done."""
    if isinstance(answer, Receipt):
        return AuditEntry(actor=by, action="command", object_type=answer.type, object_id=answer.id, rule="replayed")
    return AuditEntry(actor=by, action="command", rule="replayed")


def _as_json(answer: Answer) -> dict[str, Any]:
    if isinstance(answer, Receipt):
        return {"receipt": {**asdict(answer), "id": str(answer.id)}}
    return {"answer": answer}


def _audit_refusal(trail: Trail, refusal: DomainError, by: Actor) -> None:
    entries = [entry for entry in trail.take() if entry.outcome == Outcome.DENIED]
    if not entries:
        entries = [AuditEntry(actor=by, action="command", outcome=Outcome.REFUSED, rule=refusal.code[:80])]
    write_alone(entries)
