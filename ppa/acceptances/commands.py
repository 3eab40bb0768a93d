"""Writing what the designated person is told and answers."""

import hmac
from datetime import timedelta
from uuid import UUID

from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, check_version, command
from accounts.kernel.clock import instant_of, now, today
from accounts.kernel.errors import NotAllowed, NotFound
from accounts.people.roles import close_role
from accounts.people.states import RelativeRole
from ppa.acceptances.events import TrustedPersonAnswered, TrustedPersonInvited
from ppa.acceptances.links import digest_of, is_waiting, write_step
from ppa.acceptances.models import AcceptanceLink
from ppa.acceptances.records import (
    AnswerAcceptance,
    InviteTrustedPerson,
    NoteAcceptanceLinkSent,
    NoteReceipt,
    OpenAcceptanceLink,
)
from ppa.acceptances.rules import (
    ASKED_IN,
    VISIT_LASTS,
    LinkOver,
    NobodyToAsk,
    check_answer,
    check_invitation,
    check_receipt,
)
from ppa.acceptances.states import GUIDE, StepKind
from ppa.trusted_persons.events import DesignationEnded
from ppa.trusted_persons.models import Designation
from ppa.trusted_persons.states import Action, EndMeans

LINK, WRONG_CODE, OPENED = "trusted_person_link", "wrong_code", "opened"


@command(Permission.TRUSTED_PERSON_INVITE)
def invite_trusted_person(record: InviteTrustedPerson, act: Act) -> Receipt:
    """Ask the designated person by a link that opens once; links sent before open no more."""
    designation = act.open(Designation, record.designation_id, version=record.version)
    check_invitation(
        record.days,
        state=designation.state,
        names_somebody=designation.relative_id is not None,
        died_on=designation.person.died_on,
    )
    if act.by.organisation_id is None:
        raise NotAllowed
    AcceptanceLink.objects.filter(designation=designation, opened_at=None).update(open_before=now())
    AcceptanceLink.objects.create(
        designation=designation,
        organisation_id=act.by.organisation_id,
        link=str(record.link),
        code=record.code,
        link_digest=digest_of(record.link),
        email=record.email,
        open_before=now() + timedelta(days=record.days),
    )
    write_step(designation.id, StepKind.INVITED, happened_on=today())
    return act.amend(designation, "invite", TrustedPersonInvited)


@command(Permission.TRUSTED_PERSON_LINK_OPEN)
def open_acceptance_link(record: OpenAcceptanceLink, act: Act) -> Receipt:
    """Use a link up with its code; a wrong code counts and answers "wrong_code". Raises `LinkOver`."""
    rows = AcceptanceLink.objects.select_for_update(of=("self",))
    found = rows.filter(link_digest=digest_of(record.link)).first()
    act.ask(Facts(type=LINK, id=found.id if found else None))
    if found is None or not is_waiting(found) or found.designation.person.died_on:
        raise LinkOver
    if not hmac.compare_digest(found.code.encode(), record.code.encode()):
        found.wrong_codes += 1
        found.save(update_fields=["wrong_codes"])
        return Receipt(type=WRONG_CODE, id=found.id, version=1)
    found.opened_at, found.until = now(), now() + VISIT_LASTS
    found.link = found.code = found.email = ""
    found.save(update_fields=["opened_at", "until", "link", "code", "email"])
    write_step(found.designation_id, StepKind.GUIDE_READ, happened_on=today(), words=f"Guide {GUIDE}")
    return Receipt(type=OPENED, id=found.id, version=1)


@command(Permission.TRUSTED_PERSON_LINK_ANSWER)
def answer_acceptance(record: AnswerAcceptance, act: Act) -> Receipt:
    """Keep her answer, once. An acceptance is no signature; a refusal ends the designation, as a renunciation does."""
    rows = AcceptanceLink.objects.select_for_update(of=("self",))
    found = rows.filter(pk=record.access_id, until__gt=now(), answered_at=None).first()
    act.ask(Facts(type=LINK, id=found.id if found else None))
    if found is None:
        raise LinkOver
    designation = _asked(found.designation_id, act)
    check_answer(record)
    found.answered_at = now()
    found.save(update_fields=["answered_at"])
    kind = StepKind.ACCEPTED if record.accepts else StepKind.DECLINED
    write_step(designation.id, kind, happened_on=today(), words=f"{record.name.strip()}, par le lien")
    if record.accepts:
        designation.trusted_is_adult = True
        return act.amend(designation, "accept", TrustedPersonAnswered)
    return _renounced(designation, record.name, act)


@command(Permission.TRUSTED_PERSON_LINK_NOTE_SENT)
def note_acceptance_link_sent(record: NoteAcceptanceLinkSent, act: Act) -> Receipt:
    """Note that the e-mail has left."""
    found = AcceptanceLink.objects.filter(pk=record.id).first()
    if found is None:
        raise NotFound
    act.ask(Facts(type=LINK, id=found.id))
    if found.sent_at is None:
        found.sent_at = now()
        found.save(update_fields=["sent_at"])
        write_step(found.designation_id, StepKind.SENT, happened_on=today())
    return Receipt(type=LINK, id=found.id, version=1)


@command(Permission.TRUSTED_PERSON_INVITE)
def note_receipt(record: NoteReceipt, act: Act) -> Receipt:
    """Keep that the guide was handed over, or that she accepted by word of mouth."""
    designation = act.lock(Designation, record.designation_id)
    act.ask(designation.facts())
    check_version(designation, record.version)
    if designation.state not in ASKED_IN or designation.relative_id is None:
        raise NobodyToAsk
    check_receipt(record, today=today())
    paper = f"Guide {GUIDE}, " if record.kind == StepKind.GUIDE_GIVEN else ""
    write_step(designation.id, record.kind, happened_on=record.happened_on, words=f"{paper}{record.told_by.strip()}")
    deed = "accept" if record.kind == StepKind.ACCEPTED else "guide"
    return act.amend(designation, deed, TrustedPersonAnswered, at=instant_of(record.happened_on))


def _asked(designation_id: UUID, act: Act) -> Designation:
    designation = act.lock(Designation, designation_id)
    if designation.state not in ASKED_IN or designation.person.died_on:
        raise LinkOver
    return designation


def _renounced(designation: Designation, name: str, act: Act) -> Receipt:
    designation.ended_on, designation.end_means = today(), EndMeans.WRITTEN
    designation.end_received_by = f"Réponse de {name.strip()} par le lien"
    receipt = act.advance(designation, Action.RENOUNCE, DesignationEnded, reason=EndMeans.WRITTEN)
    if designation.relative_id is not None:
        close_role(designation.relative_id, RelativeRole.TRUSTED_PERSON, ends_on=today(), act=act)
    return receipt
