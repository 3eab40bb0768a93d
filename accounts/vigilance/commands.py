"""Merging two records of one person, and parting them again. Only a person with the mandate does, never a program."""

from uuid import UUID

from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, Unit, check_version, command, together
from accounts.kernel.clock import now
from accounts.kernel.errors import NotFound
from accounts.kernel.wall import Reason, seeing_everything
from accounts.people.events import PersonChanged
from accounts.people.models import Person
from accounts.people.queries import person_facts, person_snapshot
from accounts.people.search import write_tokens
from accounts.vigilance.belongings import is_agreement_taken_back, move, move_back, note, to_settle
from accounts.vigilance.events import MergeRead, RecordsMerged, RecordsParted
from accounts.vigilance.joining import settle_after_merge, settle_after_parting
from accounts.vigilance.models import IdentityMerge
from accounts.vigilance.records import FollowMerge, Joined, MergeRecords, NoteRead, PartRecords
from accounts.vigilance.rules import (
    AgreementTakenBack,
    PartLatestFirst,
    QualifiedIsKept,
    SettleFirst,
    check_reason,
    identity_conflicts,
    may_be_kept,
)
from accounts.vigilance.states import MergeAction, MergeState


@command(Permission.PATIENT_IDENTITY_MERGE)
def join_records(record: MergeRecords, act: Act) -> Receipt:
    """Move everything of one record into the other, with a manifest: part of `merge_records`.

    Raises what forbids it (`accounts.vigilance.rules`); `NotFound` unless the actor's
    organisation knows both by their identity.
    """
    with seeing_everything(Reason.IDENTITY):
        kept, merged = _both(record, act)
        _check(record, kept, merged)
        merge = IdentityMerge(
            survivor=kept,
            merged=merged,
            organisation_id=act.organisation_id,
            professional_id=act.by.professional_id,
            reason=record.reason.strip(),
            merged_at=now(),
            is_moving=True,
        )
        receipt = act.add(merge, "join", RecordsMerged)
        for one in (*Person.objects.filter(merged_into=merged).order_by("pk"), merged):
            note(merge, one, "merged_into_id", kept.pk)
        merged.refresh_from_db()
        move(merge)
        _moved(merge)
        act.amend(kept, "absorb", PersonChanged)
        for person in (merged, kept):
            write_tokens(person)
    return receipt


@command(Permission.PATIENT_IDENTITY_UNMERGE)
def separate_records(record: PartRecords, act: Act) -> Receipt:
    """Give each record back what was its own: part of `part_records`.

    What was written since and hangs on nothing that goes back stays with the record that
    was kept, for a person to sort.
    """
    with seeing_everything(Reason.IDENTITY):
        merge = act.lock(IdentityMerge, record.merge_id)
        act.ask(merge.facts_of_parting())
        if merge.organisation_id not in act.by.organisations:
            raise NotFound
        check_version(merge, record.version)
        check_reason(record.reason)
        kept, merged = (act.lock(Person, one) for one in (merge.survivor_id, merge.merged_id))
        if kept.merged_into_id is not None:
            raise PartLatestFirst
        merge.parted_at, merge.parted_reason, merge.is_moving = now(), record.reason.strip(), True
        receipt = act.advance(merge, MergeAction.PART, RecordsParted)
        move_back(merge)
        _moved(merge)
        for person in (merged, kept):
            person.refresh_from_db()
        act.amend(kept, "give_back", PersonChanged)
        for person in (merged, kept):
            write_tokens(person)
    return receipt


@together
def merge_records(record: MergeRecords, run: Unit) -> Receipt:
    """Make two records of one person one, and let each feature settle what both had, in one transaction."""
    receipt = run(join_records, record)
    with seeing_everything(Reason.IDENTITY):
        joined = Joined(merge_id=receipt.id, kept_id=record.kept_id, merged_id=record.merged_id)
        to_read = settle_after_merge(joined, run)
        if to_read:
            merge = IdentityMerge.objects.get(pk=receipt.id)
            merge.to_read = to_read
            merge.save(update_fields=["to_read"])
    return receipt


@together
def part_records(record: PartRecords, run: Unit) -> Receipt:
    """Make one record two again, as they were before, with what was written since left where it is."""
    receipt = run(separate_records, record)
    with seeing_everything(Reason.IDENTITY):
        merge = IdentityMerge.objects.get(pk=receipt.id)
        settle_after_parting(Joined(merge_id=merge.pk, kept_id=merge.survivor_id, merged_id=merge.merged_id), run)
    return receipt


@command(Permission.PATIENT_IDENTITY_FOLLOW_MERGE)
def follow_merge(record: FollowMerge, act: Act) -> Receipt:
    """Move what another command wrote to the merged record while its merge ran: it had passed the gate before, and waited for the lock."""
    merge = act.lock(IdentityMerge, record.merge_id)
    act.ask(Facts(type=merge.AGGREGATE, id=merge.pk, person_id=merge.survivor_id))
    if merge.state != MergeState.JOINED:
        raise NotFound
    merge.is_moving = True
    receipt = act.amend(merge, "follow", RecordsMerged)
    move(merge)
    _moved(merge)
    write_tokens(merge.survivor)
    return receipt


@command(Permission.PATIENT_IDENTITY_NOTE_READ)
def note_merge_read(record: NoteRead, act: Act) -> Receipt:
    """Note that a physician has read what both records held."""
    merge = act.open(IdentityMerge, record.merge_id, version=record.version)
    merge.read_at = now()
    return act.amend(merge, "note_read", MergeRead)


def _both(record: MergeRecords, act: Act) -> tuple[Person, Person]:
    """Return both records, locked in the order of their ids, once the gate let the actor merge and read each of them."""
    ids = (record.kept_id, record.merged_id)
    locked = {one: _locked(one) for one in sorted(set(ids))}
    for one in sorted(locked):
        act.ask(person_facts(one))
        permit(act.by, Permission.PATIENT_IDENTITY_READ, person_facts(one))
    return locked[record.kept_id], locked[record.merged_id]


def _locked(person_id: UUID) -> Person:
    """Lock a record that stands against everything that would name it meanwhile; one that was merged is none."""
    found = Person.objects.select_for_update(of=("self",)).filter(pk=person_id, merged_into=None).first()
    if found is None:
        raise NotFound
    return found


def _check(record: MergeRecords, kept: Person, merged: Person) -> None:
    check_reason(record.reason)
    check_version(kept, record.kept_version)
    check_version(merged, record.merged_version)
    mine, hers = person_snapshot(kept.pk), person_snapshot(merged.pk)
    for refusal in identity_conflicts(mine, hers):
        raise refusal
    if not may_be_kept(mine, hers):
        raise QualifiedIsKept
    for what in to_settle(kept.pk, merged.pk):
        raise SettleFirst(what=what)
    if is_agreement_taken_back(kept.pk, merged.pk):
        raise AgreementTakenBack


def _moved(merge: IdentityMerge) -> None:
    merge.is_moving = False
    merge.save(update_fields=["is_moving"])
