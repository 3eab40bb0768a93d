"""Writing directives: recording, confirming, revoking, withdrawing; the latest document prevails by its own date."""

from dataclasses import asdict, replace
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import QuerySet

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, check_version, command
from accounts.documents.models import Document
from accounts.documents.records import DocumentKind, NewFile
from accounts.documents.store import keep
from accounts.kernel.clock import PARIS, today
from accounts.kernel.errors import TransitionRefused
from accounts.people.models import Person
from ppa.directives.events import (
    DirectiveConfirmed,
    DirectiveDeposited,
    DirectiveInherited,
    DirectiveRecorded,
    DirectiveRestored,
    DirectiveRevoked,
    DirectiveSetApart,
    DirectiveSuperseded,
    DirectiveWithdrawn,
)
from ppa.directives.models import LATEST_FIRST, Directive, DirectiveDeposit, DirectiveRevocation, read_authorisation
from ppa.directives.records import (
    Authorisation,
    ConfirmDirective,
    RecordDeposit,
    RecordDirective,
    RevokeDirective,
    SettleDirectives,
    WithdrawDirective,
    Witness,
)
from ppa.directives.rules import (
    Author,
    Proof,
    check_deposit,
    check_record,
    check_revocation,
    check_valid,
    check_witnesses,
    first_step,
    proof_of,
)
from ppa.directives.states import OPEN, Action, Medium, State
from ppa.directives.texts import text_on


@command(Permission.ADVANCE_DIRECTIVE_UPLOAD)
def record_directive(record: RecordDirective, act: Act) -> Receipt:
    """Keep a document of directives, with its file.

    Complete, it is valid at once, and the latest valid one by document date is current;
    otherwise it waits to be verified.
    """
    act.ask(Facts(type=Directive.AGGREGATE, person_id=record.person_id, organisation_id=act.by.organisation_id))
    author = _author(act.lock(Person, record.person_id))
    check_record(record, author=author, today=today())
    directive = _new(record, act)
    directive.document = _kept(record.file, directive, act)
    directive.authorisation_document = _kept(record.authorisation_file, directive, act)
    act.add(directive, "record", DirectiveRecorded)
    step = first_step(proof_of(record), author=author, today=today())
    if step == Action.CONFIRM and _was_overtaken(directive):
        return _receipt(directive)
    if step == Action.CONFIRM:
        act.advance(directive, Action.CONFIRM, DirectiveConfirmed)
        _let_the_latest_prevail(directive.person_id, act)
    elif step == Action.SET_APART:
        act.advance(directive, Action.SET_APART, DirectiveSetApart)
    return _receipt(directive)


@command(Permission.ADVANCE_DIRECTIVE_UPLOAD)
def confirm_directive(record: ConfirmDirective, act: Act) -> Receipt:
    """Make a document that waited valid, once what was missing is there."""
    directive = act.open(Directive, record.directive_id, version=record.version)
    author = _author(act.lock(Person, directive.person_id))
    directive.signed_on = record.signed_on or directive.signed_on
    directive.legal_version = text_on(directive.signed_on or today()).code
    directive.has_signature = record.has_signature or directive.has_signature
    directive.witnesses = [asdict(witness) for witness in record.witnesses] or directive.witnesses
    directive.witness_reason = record.witness_reason.strip() or directive.witness_reason
    check_witnesses(record.witnesses, author=author)
    if record.is_protected is not None:
        directive.is_protected = record.is_protected
    directive.authorisation = _plain(record.authorisation) or directive.authorisation
    directive.document = _kept(record.file, directive, act) or directive.document
    directive.authorisation_document = (
        _kept(record.authorisation_file, directive, act) or directive.authorisation_document
    )
    check_valid(_proof(directive), author=author, today=today())
    if directive.medium == Medium.LOCATION_ONLY:
        directive.medium = Medium.PAPER_SCAN
    act.advance(directive, Action.CONFIRM, DirectiveConfirmed)
    _let_the_latest_prevail(directive.person_id, act)
    return _receipt(directive)


@command(Permission.ADVANCE_DIRECTIVE_UPLOAD)
def record_deposit(record: RecordDeposit, act: Act) -> Receipt:
    """Keep that a copy was put somewhere, by somebody, on a day: nothing is sent from here."""
    directive = act.open(Directive, record.directive_id, version=record.version)
    if directive.state not in OPEN:
        raise TransitionRefused(state=Directive.LIFECYCLE.label(directive.state))
    check_deposit(record, signed_on=directive.signed_on, today=today())
    DirectiveDeposit.objects.create(
        directive=directive,
        place=record.place,
        where=record.where.strip(),
        deposited_on=record.deposited_on,
        deposited_by=record.deposited_by.strip(),
    )
    return act.amend(directive, "deposit", DirectiveDeposited, at=_instant(record.deposited_on))


@command(Permission.ADVANCE_DIRECTIVE_REVOKE_BY_PATIENT)
def revoke_directive(record: RevokeDirective, act: Act) -> Receipt:
    """Keep that the person took a document back, by any means; an older one does not come back to life."""
    directive = act.lock(Directive, record.directive_id)
    # Her request is documented by construction: the rules below refuse a revocation nobody answers for.
    act.ask(replace(directive.facts(), signed_request=True))
    check_version(directive, record.version)
    check_revocation(record, signed_on=directive.signed_on, today=today())
    receipt = act.advance(
        directive, Action.REVOKE, DirectiveRevoked, at=_instant(record.revoked_on), reason=record.means
    )
    DirectiveRevocation.objects.create(
        directive=directive,
        revoked_on=record.revoked_on,
        means=record.means,
        received_by=record.received_by.strip(),
        witness=record.witness.strip(),
        document=_kept(record.file, directive, act),
    )
    return receipt


@command(Permission.ADVANCE_DIRECTIVE_UPLOAD)
def withdraw_directive(record: WithdrawDirective, act: Act) -> Receipt:
    """Take a record made by mistake out; what it had superseded stands again."""
    directive = act.open(Directive, record.directive_id, version=record.version)
    act.lock(Person, directive.person_id)
    was_current = directive.state == State.VALID
    receipt = act.advance(directive, Action.WITHDRAW, DirectiveWithdrawn)
    if was_current:
        _give_the_place_back(directive, act)
    elif directive.superseded_by_id is not None:
        _superseded_by(directive).update(superseded_by=directive.superseded_by_id)
        act.amend(act.lock(Directive, directive.superseded_by_id), "inherit", DirectiveInherited)
    return receipt


@command(Permission.ADVANCE_DIRECTIVE_SETTLE)
def settle_directives(record: SettleDirectives, act: Act) -> Receipt:
    """Put the documents of a record right after it was merged with another, or parted from it.

    One whose successor is now somebody else's stands again; of several valid ones the latest prevails.
    """
    act.ask(Facts(type=Directive.AGGREGATE, person_id=record.person_id))
    mine = Directive.objects.filter(person_id=record.person_id).order_by(*LATEST_FIRST)
    astray = mine.filter(state=State.SUPERSEDED, superseded_by__isnull=False).exclude(
        superseded_by__person_id=record.person_id
    )
    for directive_id in list(astray.values_list("id", flat=True)):
        directive = act.lock(Directive, directive_id)
        directive.superseded_by = None
        act.advance(directive, Action.RESTORE, DirectiveRestored)
    if mine.filter(state=State.VALID).exists():
        _let_the_latest_prevail(record.person_id, act)
    return Receipt(type="person", id=record.person_id, version=1)


def _give_the_place_back(mistake: Directive, act: Act) -> None:
    heir_id = _superseded_by(mistake).order_by(*LATEST_FIRST).values_list("id", flat=True).first()
    if heir_id is None:
        return
    heir = act.lock(Directive, heir_id)
    heir.superseded_by = None
    act.advance(heir, Action.RESTORE, DirectiveRestored)
    _superseded_by(mistake).update(superseded_by=heir)


def _superseded_by(directive: Directive) -> QuerySet[Directive]:
    return Directive.objects.filter(superseded_by=directive, state=State.SUPERSEDED)


def _let_the_latest_prevail(person_id: UUID, act: Act) -> None:
    """Leave one valid document: the latest by its own date, then by registration. Source: CSP R1111-17."""
    valid = Directive.objects.filter(person_id=person_id, state=State.VALID).order_by(*LATEST_FIRST)
    current, *older = valid.values_list("id", flat=True)
    for directive_id in older:
        directive = act.lock(Directive, directive_id)
        directive.superseded_by_id = current
        act.advance(directive, Action.SUPERSEDE, DirectiveSuperseded)


def _was_overtaken(directive: Directive) -> bool:
    """Tell whether no document stands, yet one of a later date was taken back or replaced: a person must then decide.

    An older paper that turns up after that does not become current by itself.
    """
    known = Directive.objects.filter(person_id=directive.person_id).exclude(pk=directive.pk)
    if known.filter(state=State.VALID).exists():
        return False
    return known.filter(state__in=[State.SUPERSEDED, State.REVOKED], signed_on__gt=directive.signed_on).exists()


def _new(record: RecordDirective, act: Act) -> Directive:
    return Directive(
        person_id=record.person_id,
        medium=record.medium,
        model=record.model,
        signed_on=record.signed_on,
        has_signature=record.has_signature,
        is_protected=record.is_protected,
        shared_with_coordination=record.shared_with_coordination,
        legal_version=text_on(record.signed_on or today()).code,
        witnesses=[asdict(witness) for witness in record.witnesses],
        witness_reason=record.witness_reason.strip(),
        written_by=record.written_by.strip(),
        authorisation=_plain(record.authorisation),
        wishes=[asdict(wish) for wish in record.wishes],
        comfort_only=record.comfort_only,
        text=record.text,
        sections={code: text for code, text in record.sections.items() if text.strip()},
        holder=asdict(record.holder) if record.holder else None,
        organisation_id=act.by.organisation_id,
    )


def _kept(file: NewFile | None, directive: Directive, act: Act) -> Document | None:
    if file is None:
        return None
    return keep(file, act, person_id=directive.person_id, kind=DocumentKind.DIRECTIVES, source_id=directive.id)


def _author(person: Person) -> Author:
    return Author(
        born_on=person.birth_date,
        has_names=bool(person.birth_name and person.birth_given_names),
        birthplace=person.birthplace,
        family=person.birth_name,
        given=person.birth_given_names[0] if person.birth_given_names else "",
    )


def _proof(directive: Directive) -> Proof:
    return Proof(
        medium=Medium(directive.medium),
        signed_on=directive.signed_on,
        has_signature=directive.has_signature,
        witnesses=[Witness(**one) for one in directive.witnesses],
        is_protected=directive.is_protected,
        authorisation=read_authorisation(directive.authorisation),
        has_file=directive.document is not None,
        has_authorisation_file=directive.authorisation_document is not None,
    )


def _plain(authorisation: Authorisation | None) -> dict[str, str] | None:
    if authorisation is None:
        return None
    return {"authority": authorisation.authority, "given_on": authorisation.given_on.isoformat()}


def _instant(day: date) -> datetime | None:
    """Return noon of a past day in Paris; `None`, which means now, for today."""
    return None if day == today() else datetime.combine(day, time(12), tzinfo=PARIS)


def _receipt(directive: Directive) -> Receipt:
    directive.refresh_from_db(fields=["version"])
    return Receipt(type=Directive.AGGREGATE, id=directive.id, version=directive.version)
