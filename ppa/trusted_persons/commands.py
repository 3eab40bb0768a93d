"""Writing designations: proposed, chosen, signed by both, ended. At most one is active: the latest signed."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Q

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, Unit, check_version, command, together
from accounts.documents.models import Document
from accounts.documents.records import DocumentKind, NewFile
from accounts.documents.store import keep
from accounts.kernel.clock import PARIS, day_of, today
from accounts.kernel.models import Transition
from accounts.people.commands import record_relative
from accounts.people.models import Person, Relative
from accounts.people.queries import relatives_snapshot
from accounts.people.roles import close_role, open_role
from accounts.people.states import RelativeRole
from ppa.directives.records import Witness
from ppa.trusted_persons.events import (
    DesignationEnded,
    DesignationPrepared,
    DesignationResumed,
    DesignationSigned,
    TrustedPersonDeclined,
    TrustedPersonProposed,
)
from ppa.trusted_persons.models import Designation, read_leave, read_witnesses
from ppa.trusted_persons.records import (
    AnswerProposal,
    ConfirmDuration,
    DesignateNewRelative,
    DesignateTrustedPerson,
    EndDesignation,
    Leave,
    ProposeTrustedPerson,
    ResumeDesignation,
    Signatures,
    SignDesignation,
    WithdrawDesignation,
)
from ppa.trusted_persons.rules import (
    AlreadyUnderWay,
    Case,
    DurationNotSaid,
    RelativeOfAnother,
    Somebody,
    check_active,
    check_alive,
    check_choice,
    check_come_back,
    check_duration,
    check_end,
    check_mistake,
    check_stated,
)
from ppa.trusted_persons.states import REPLACING, UNDER_WAY, Action, Duration, State


@command(Permission.TRUSTED_PERSON_PROPOSE)
def propose_trusted_person(record: ProposeTrustedPerson, act: Act) -> Receipt:
    """Keep that the person was told she may designate somebody."""
    act.ask(_facts(record.person_id, act))
    person = act.lock(Person, record.person_id)
    check_stated(record.proposed_on, born_on=person.birth_date, today=today(), field="proposed_on")
    check_alive(person.died_on)
    if _under_way(record.person_id) is not None:
        raise AlreadyUnderWay
    designation = Designation(
        person_id=record.person_id, proposed_on=record.proposed_on, organisation_id=act.by.organisation_id
    )
    return act.add(designation, "propose", TrustedPersonProposed, at=_instant(record.proposed_on))


@command(Permission.TRUSTED_PERSON_PROPOSE)
def answer_proposal(record: AnswerProposal, act: Act) -> Receipt:
    """Keep « pas maintenant », with a day to come back to it, or take the subject up again."""
    designation = act.open(Designation, record.designation_id, version=record.version)
    born_on = designation.person.birth_date
    check_stated(record.answered_on, born_on=born_on, today=today(), field="answered_on")
    check_come_back(record)
    designation.come_back_on = record.come_back_on if record.declines else None
    action, event = (
        (Action.DECLINE, TrustedPersonDeclined) if record.declines else (Action.PROPOSE_AGAIN, TrustedPersonProposed)
    )
    return act.advance(designation, action, event, at=_instant(record.answered_on))


@command(Permission.TRUSTED_PERSON_DESIGNATE)
def designate_trusted_person(record: DesignateTrustedPerson, act: Act) -> Receipt:
    """Keep whom the person chose: active when both have signed, waiting when a signature is still to come."""
    # Her request is documented by construction: nothing takes effect below without her dated signature.
    act.ask(replace(_facts(record.person_id, act), signed_request=True))
    person = act.lock(Person, record.person_id)
    check_alive(person.died_on)
    check_duration(record.duration)
    relative = Relative.objects.filter(pk=record.relative_id, person=person, is_active=True).first()
    if relative is None:
        raise RelativeOfAnother(field="relative")
    designation = _under_way(person.id) or Designation(person=person, organisation_id=act.by.organisation_id)
    if designation.state == State.DESIGNATED_UNSIGNED:
        raise AlreadyUnderWay
    _fill(designation, record, relative, act)
    case = _case(designation)
    check = check_choice if record.awaits_signature and not record.signatures.both else check_active
    check(case, today=today())
    receipt = _prepare(designation, act)
    return _activate(designation, act) if record.signatures.both else receipt


@together
def designate_new_relative(record: DesignateNewRelative, run: Unit) -> Receipt:
    """Record somebody round the person and designate her, in one transaction."""
    relative = run(record_relative, record.relative)
    return run(designate_trusted_person, replace(record.designation, relative_id=relative.id))


@command(Permission.TRUSTED_PERSON_DESIGNATE)
def sign_designation(record: SignDesignation, act: Act) -> Receipt:
    """Make a designation active once both have signed, unless another was signed later; the former one is replaced."""
    designation = act.lock(Designation, record.designation_id)
    act.ask(replace(designation.facts(), signed_request=True))
    check_version(designation, record.version)
    act.lock(Person, designation.person_id)
    designation.person_signed_on = record.signatures.person_signed_on or designation.person_signed_on
    designation.trusted_signed_on = record.signatures.trusted_signed_on or designation.trusted_signed_on
    designation.trusted_is_adult = record.trusted_is_adult or designation.trusted_is_adult
    if record.is_protected is not None:
        designation.is_protected = record.is_protected
    designation.leave = _plain(record.leave) or designation.leave
    designation.witnesses = _listed(record.witnesses) or designation.witnesses
    designation.document = _kept(record.file, designation, act) or designation.document
    if designation.relative is not None:
        check_active(_case(designation), today=today())
    return _activate(designation, act)


@command(Permission.TRUSTED_PERSON_REVOKE)
def end_designation(record: EndDesignation, act: Act) -> Receipt:
    """Keep that the person revokes, that the trusted person renounces, or that the judge suspends."""
    designation = act.lock(Designation, record.designation_id)
    # The rules below refuse an end that nobody answers for.
    act.ask(replace(designation.facts(), signed_request=True))
    check_version(designation, record.version)
    check_end(record, signatures=_signatures(designation), today=today())
    designation.ended_on, designation.end_means = record.ended_on, record.means
    designation.end_received_by = record.received_by.strip()
    receipt = act.advance(
        designation, record.action, DesignationEnded, at=_instant(record.ended_on), reason=record.means
    )
    _close(designation, record.ended_on, act)
    return receipt


@command(Permission.TRUSTED_PERSON_DESIGNATE)
def resume_designation(record: ResumeDesignation, act: Act) -> Receipt:
    """Give the role back after a suspension; refused while another trusted person is active."""
    designation = act.lock(Designation, record.designation_id)
    act.ask(replace(designation.facts(), signed_request=True))
    check_version(designation, record.version)
    person = act.lock(Person, designation.person_id)
    check_stated(record.resumed_on, born_on=person.birth_date, today=today(), field="resumed_on")
    if Designation.objects.filter(person_id=designation.person_id, state=State.ACTIVE).exists():
        raise AlreadyUnderWay
    designation.ended_on, designation.end_means, designation.end_received_by = None, "", ""
    receipt = act.advance(designation, Action.RESUME, DesignationResumed, at=_instant(record.resumed_on))
    _open(designation, record.resumed_on, act)
    return receipt


@command(Permission.TRUSTED_PERSON_DESIGNATE)
def confirm_duration(record: ConfirmDuration, act: Act) -> Receipt:
    """Lift the doubt about an older designation: it lasts, or it was over with a stay and ends today."""
    designation = act.lock(Designation, record.designation_id)
    act.ask(replace(designation.facts(), signed_request=True))
    check_version(designation, record.version)
    if record.duration == Duration.UNKNOWN:
        raise DurationNotSaid(field="duration")
    designation.duration = record.duration
    if record.duration == Duration.LASTING:
        return act.amend(designation, "last", DesignationSigned)
    designation.ended_on = today()
    receipt = act.advance(designation, Action.LAPSE, DesignationEnded)
    _close(designation, today(), act)
    return receipt


@command(Permission.TRUSTED_PERSON_DESIGNATE)
def withdraw_designation(record: WithdrawDesignation, act: Act) -> Receipt:
    """Take a designation recorded by mistake out; what it alone had replaced stands again as it stood."""
    designation = act.lock(Designation, record.designation_id)
    act.ask(replace(designation.facts(), signed_request=True))
    check_version(designation, record.version)
    act.lock(Person, designation.person_id)
    check_mistake(record)
    by = act.by.professional_id
    designation.mistake = {"why": record.why.strip(), "on": today().isoformat(), "by": str(by) if by else ""}
    was_active = designation.state == State.ACTIVE
    receipt = act.advance(designation, Action.WITHDRAW, DesignationEnded)
    if was_active:
        _close(designation, designation.trusted_signed_on or today(), act)
    if _signatures(designation).both:
        _give_the_place_back(designation.person_id, act)
    return receipt


def _give_the_place_back(person_id: UUID, act: Act) -> None:
    """Put the latest signed of those that are left back where it stood, when only the mistake had replaced it."""
    mine = Designation.objects.filter(person_id=person_id)
    if mine.filter(state__in=[State.ACTIVE, State.SUSPENDED]).exists():
        return
    signed = mine.filter(
        state__in=[*REPLACING, State.LAPSED], person_signed_on__isnull=False, trusted_signed_on__isnull=False
    )
    latest = signed.order_by("-person_signed_on", "-trusted_signed_on", "-updated_at", "-id").first()
    if latest is None or latest.state != State.REPLACED:
        return
    former = act.lock(Designation, latest.pk)
    since = former.ended_on
    deeds = Transition.objects.filter(aggregate_type=Designation.AGGREGATE, aggregate_id=former.pk)
    ended = deeds.filter(deed__in=[Action.REPLACE, Action.OVERTAKE]).order_by("-aggregate_version").first()
    suspended = deeds.filter(deed=Action.SUSPEND).order_by("-aggregate_version").first()
    was_suspended = ended is not None and ended.source == State.SUSPENDED and suspended is not None
    former.ended_on = day_of(suspended.happened_at) if was_suspended and suspended else None
    act.take_back(former, ended.deed if ended else Action.REPLACE, DesignationResumed)
    if former.state == State.DESIGNATED_UNSIGNED:
        act.advance(former, Action.SIGN, DesignationSigned)
    if former.state == State.ACTIVE:
        _open(former, since or today(), act)


def _prepare(designation: Designation, act: Act) -> Receipt:
    if designation.version:
        return act.advance(designation, Action.PREPARE, DesignationPrepared)
    designation.state = State.DESIGNATED_UNSIGNED
    return act.add(designation, "prepare", DesignationPrepared)


def _activate(designation: Designation, act: Act) -> Receipt:
    """Let the latest signed count. Source: CSP L1111-6 (revisable and revocable at any time)."""
    starts_on = designation.trusted_signed_on or today()
    if (replaced_on := _replaced_on(designation)) is not None:
        return _overtake(designation, act, starts_on=starts_on, ended_on=max(starts_on, replaced_on))
    former = Designation.objects.filter(
        person_id=designation.person_id, state__in=[State.ACTIVE, State.SUSPENDED]
    ).order_by("id")
    for former_id in former.values_list("id", flat=True):
        replaced = act.lock(Designation, former_id)
        replaced.ended_on = starts_on
        act.advance(replaced, Action.REPLACE, DesignationEnded)
        _close(replaced, starts_on, act)
    receipt = act.advance(designation, Action.SIGN, DesignationSigned)
    _open(designation, starts_on, act)
    return receipt


def _replaced_on(designation: Designation) -> date | None:
    """Return the day on which one that the person signed later replaced this one, whatever became of it since."""
    signed_on, accepted_on = designation.person_signed_on, designation.trusted_signed_on
    if signed_on is None or accepted_on is None:
        return None
    hers, theirs = Q(person_signed_on__gt=signed_on), Q(trusted_signed_on__gt=accepted_on)
    later = Designation.objects.filter(
        hers | Q(person_signed_on=signed_on) & theirs,
        person_id=designation.person_id,
        state__in=REPLACING,
        trusted_signed_on__isnull=False,
    ).exclude(pk=designation.pk)
    return later.order_by("trusted_signed_on", "id").values_list("trusted_signed_on", flat=True).first()


def _overtake(designation: Designation, act: Act, *, starts_on: date, ended_on: date) -> Receipt:
    designation.ended_on = ended_on
    receipt = act.advance(designation, Action.OVERTAKE, DesignationEnded)
    _open(designation, starts_on, act)
    _close(designation, ended_on, act)
    return receipt


def _open(designation: Designation, starts_on: date, act: Act) -> None:
    if designation.relative_id is not None:
        open_role(designation.relative_id, RelativeRole.TRUSTED_PERSON, starts_on=starts_on, act=act)


def _close(designation: Designation, ends_on: date, act: Act) -> None:
    """End the role that a designation gave, unless she holds it by another one."""
    others = Designation.objects.filter(relative=designation.relative_id, state=State.ACTIVE).exclude(pk=designation.pk)
    if designation.relative_id is not None and not others.exists():
        close_role(designation.relative_id, RelativeRole.TRUSTED_PERSON, ends_on=ends_on, act=act)


def _fill(designation: Designation, record: DesignateTrustedPerson, relative: Relative, act: Act) -> None:
    designation.relative = relative
    designation.person_signed_on = record.signatures.person_signed_on
    designation.trusted_signed_on = record.signatures.trusted_signed_on
    designation.scope = record.scope
    designation.duration = record.duration
    designation.limits = record.limits
    designation.knows_wishes = record.knows_wishes
    designation.holds_copy = record.holds_copy
    designation.trusted_is_adult = record.trusted_is_adult
    designation.is_protected = record.is_protected
    designation.leave = _plain(record.leave)
    designation.witnesses = _listed(record.witnesses)
    designation.document = _kept(record.file, designation, act)


def _under_way(person_id: UUID) -> Designation | None:
    return Designation.objects.filter(person_id=person_id, state__in=UNDER_WAY).order_by("-created_at", "-id").first()


def _case(designation: Designation) -> Case:
    person, relative = designation.person, designation.relative
    if relative is None:
        raise RelativeOfAnother(field="relative")
    return Case(
        person=Somebody(family=person.birth_name, given=person.birth_given_names[0], born_on=person.birth_date),
        trusted=Somebody(family=relative.family, given=relative.given, born_on=relative.birth_date),
        trusted_is_adult=designation.trusted_is_adult,
        signatures=_signatures(designation),
        is_protected=designation.is_protected,
        leave=read_leave(designation.leave),
        witnesses=read_witnesses(designation.witnesses),
        has_file=designation.document is not None,
        was_represented=_was_represented(designation),
    )


def _was_represented(designation: Designation) -> bool:
    day = designation.person_signed_on
    if day is None or not designation.is_protected:
        return False
    held = (role for one in relatives_snapshot(designation.person_id) for role in one.history)
    return any(
        role.role == RelativeRole.LEGAL_REPRESENTATIVE
        and role.starts_on <= day
        and (role.ends_on is None or day <= role.ends_on)
        for role in held
    )


def _signatures(designation: Designation) -> Signatures:
    return Signatures(person_signed_on=designation.person_signed_on, trusted_signed_on=designation.trusted_signed_on)


def _kept(file: NewFile | None, designation: Designation, act: Act) -> Document | None:
    if file is None:
        return None
    return keep(file, act, person_id=designation.person_id, kind=DocumentKind.DESIGNATION, source_id=designation.id)


def _plain(leave: Leave | None) -> dict[str, str] | None:
    if leave is None:
        return None
    return {"authority": leave.authority, "given_on": leave.given_on.isoformat()}


def _listed(witnesses: Sequence[Witness]) -> list[dict[str, str]]:
    return [asdict(one) for one in witnesses]


def _facts(person_id: UUID, act: Act) -> Facts:
    return Facts(type=Designation.AGGREGATE, person_id=person_id, organisation_id=act.by.organisation_id)


def _instant(day: date) -> datetime | None:
    """Return noon of a past day in Paris; `None`, which means now, for today."""
    return None if day == today() else datetime.combine(day, time(12), tzinfo=PARIS)
