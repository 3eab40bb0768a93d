"""Ordering an erasure, confirming it as another person, carrying it out; suspending it because of a claim."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, command
from accounts.audit.retention import erasable, from_list, rows_of, to_list
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, VersionMissing
from accounts.kernel.wall import Reason, seeing_everything
from accounts.people.models import OrganisationLink, Person
from accounts.retention.erasure import erase
from accounts.retention.events import PurgeMoved
from accounts.retention.models import LegalHold, PurgeOrder, PurgeSubject, RetentionRule
from accounts.retention.periods import due_now, kept, rules
from accounts.retention.records import (
    AskLogPurge,
    AskPurge,
    EraseFile,
    LiftLegalHold,
    SetLegalHold,
    SetPeriod,
    StepPurge,
)
from accounts.retention.rules import NoOldRow, NothingDue, PurgeAlreadyAsked, check_hold, check_period
from accounts.retention.states import UNDER_WAY, OrderAction


@command(Permission.RETENTION_PURGE_ASK)
def ask_purge(record: AskPurge, act: Act) -> Receipt:
    """Order that every file whose period is over be erased; somebody else has to confirm this very list."""
    asked_by = _asker(act)
    with seeing_everything(Reason.RETENTION):
        found = due_now()
    if not found:
        raise NothingDue
    order = PurgeOrder(
        asked_by=asked_by,
        organisation_id=act.organisation_id,
        digest=_digest(f"{one.reference}|{one.until}" for one in found),
    )
    receipt = act.add(order, "ask", PurgeMoved)
    PurgeSubject.objects.bulk_create(
        PurgeSubject(order=order, reference=one.reference, until=one.until) for one in found
    )
    return receipt


@command(Permission.RETENTION_PURGE_ASK)
def ask_log_purge(record: AskLogPurge, act: Act) -> Receipt:
    """Order that the old rows of the access log be replaced by their signed digest; somebody else has to confirm."""
    asked_by = _asker(act)
    found = erasable()
    if not found:
        raise NoOldRow
    order = PurgeOrder(
        asked_by=asked_by,
        organisation_id=act.organisation_id,
        digest=_digest(f"{one.chain}|{one.first}|{one.last}|{one.digest}" for one in found),
        segments=to_list(found),
    )
    return act.add(order, "ask", PurgeMoved)


def _asker(act: Act) -> UUID:
    """Return the account that orders an erasure; one order at a time."""
    act.ask(Facts(type="retention", organisation_id=act.by.organisation_id))
    if act.by.id is None:
        raise NotAllowed
    if PurgeOrder.objects.filter(state__in=UNDER_WAY).exists():
        raise PurgeAlreadyAsked
    return act.by.id


@command(Permission.RETENTION_PURGE_EXECUTE)
def confirm_purge(record: StepPurge, act: Act) -> Receipt:
    """Confirm, as another account than the one that asked."""
    order = act.open(PurgeOrder, record.order_id, version=record.version)
    order.confirmed_by = act.by.id
    return act.advance(order, OrderAction.CONFIRM, PurgeMoved)


@command(Permission.RETENTION_PURGE_ASK)
def cancel_purge(record: StepPurge, act: Act) -> Receipt:
    """Call an order off before it begins."""
    act.ask(Facts(type="retention", organisation_id=act.by.organisation_id))
    order = act.lock(PurgeOrder, record.order_id)
    return act.advance(order, OrderAction.CANCEL, PurgeMoved)


@command(Permission.RETENTION_PURGE_EXECUTE)
def begin_purge(record: StepPurge, act: Act) -> Receipt:
    """Begin, or take up again, an order that two persons gave: from now on the database lets its rows go."""
    order = act.open(PurgeOrder, record.order_id, version=record.version)
    return act.advance(order, OrderAction.BEGIN, PurgeMoved)


@command(Permission.RETENTION_PURGE_EXECUTE)
def erase_file(record: EraseFile, act: Act) -> Receipt:
    """Erase one file of an order: its rows, what the FHIR store holds of it, its documents. The audit stays.

    What is no longer due, because somebody wrote to it or a claim suspends it, is kept back.
    """
    subject = PurgeSubject.objects.select_for_update(of=("self",)).filter(pk=record.subject_id, erased_at=None).first()
    if subject is None:
        raise NotFound
    act.ask(Facts(type="retention", id=subject.id))
    person = Person.objects.select_for_update(of=("self",)).filter(pk=subject.reference).first()
    is_due = (
        person is not None
        and person.merged_into_id is None
        and not (found := kept(subject.reference)).is_held
        and found.until < today()
    )
    if is_due:
        subject.rows, subject.digest = erase(subject.reference)
    subject.kept_back, subject.erased_at = not is_due, now()
    subject.save(update_fields=["rows", "digest", "kept_back", "erased_at"])
    return Receipt(type="purge_subject", id=subject.id, version=1)


@command(Permission.RETENTION_PURGE_EXECUTE)
def finish_purge(record: StepPurge, act: Act) -> Receipt:
    """Write the certificate: how many files, how many rows of which tables, and their digest."""
    order = act.open(PurgeOrder, record.order_id, version=record.version)
    subjects = list(order.subjects.order_by("reference"))
    rows: Counter[str] = Counter()
    for subject in subjects:
        rows.update(subject.rows)
    order.certificate = {
        "files": sum(not subject.kept_back for subject in subjects),
        "kept_back": sum(subject.kept_back for subject in subjects),
        "rows": dict(sorted(rows.items())),
        "log_rows": sum(map(rows_of, from_list(order.segments))),
        "digest": _digest(f"{subject.reference}|{subject.digest}" for subject in subjects)
        if subjects
        else order.digest,
        "at": now().isoformat(),
    }
    return act.advance(order, OrderAction.FINISH, PurgeMoved)


@command(Permission.RETENTION_PURGE_SET_PERIOD)
def set_period(record: SetPeriod, act: Act) -> Receipt:
    """Decide on another period from now on; the former one stays written, with its text and its day.

    Nothing goes by this alone: an erasure is ordered by one person and confirmed by another, and looks at the rules
    of that very moment.
    """
    act.ask(Facts(type="retention", organisation_id=act.by.organisation_id))
    present = rules()[record.trigger]
    if record.version is None:
        raise VersionMissing
    if record.version != present.number:
        raise StaleVersion
    check_period(record, present=present)
    rule = RetentionRule(
        trigger=record.trigger,
        years=record.years,
        basis=record.basis.strip(),
        number=present.number + 1,
        set_by=act.by.id,
    )
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError:
        raise StaleVersion from None
    return Receipt(type="retention_rule", id=rule.id, version=rule.number)


@command(Permission.RETENTION_PURGE_SET_LEGAL_HOLD)
def set_legal_hold(record: SetLegalHold, act: Act) -> Receipt:
    """Suspend the end of a file that the actor's organisation knows, because of a claim."""
    act.ask(Facts(type="legal_hold", organisation_id=act.by.organisation_id))
    check_hold(record.reason)
    if act.by.id is None:
        raise NotAllowed
    known = OrganisationLink.objects.filter(person_id=record.reference, organisation_id__in=act.by.organisations)
    if not known.exists():
        raise NotFound
    hold = LegalHold.objects.filter(
        person_id=record.reference, organisation_id=act.organisation_id, lifted_at=None
    ).first()
    if hold is None:
        hold = LegalHold.objects.create(
            person_id=record.reference,
            organisation_id=act.organisation_id,
            reason=record.reason.strip(),
            set_by=act.by.id,
        )
    return Receipt(type="legal_hold", id=hold.id, version=1)


@command(Permission.RETENTION_PURGE_SET_LEGAL_HOLD)
def lift_legal_hold(record: LiftLegalHold, act: Act) -> Receipt:
    """Let the period run to its end again."""
    hold = LegalHold.objects.filter(Q(pk=record.hold_id), lifted_at=None).first()
    if hold is None:
        raise NotFound
    act.ask(hold.facts())
    hold.lifted_at = now()
    hold.save(update_fields=["lifted_at"])
    return Receipt(type="legal_hold", id=hold.id, version=2)


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
