"""Writing talks on admission: what was asked and answered, and what follows of it elsewhere in the file."""

from dataclasses import replace
from uuid import UUID

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.unit import Act, Unit, command, together
from accounts.kernel.clock import day_of, instant_of, today
from accounts.people.queries import person_snapshot
from pathway.admission_talks.events import StayTalked
from pathway.admission_talks.models import AdmissionTalk
from pathway.admission_talks.reading import known_of, proposal_of
from pathway.admission_talks.records import RecordTalk
from pathway.admission_talks.rules import TalkOutsideStay, check_talk
from pathway.admission_talks.states import PROPOSED, TrustedAnswer
from pathway.stays.models import Stay
from pathway.stays.queries import stay_snapshot
from pathway.stays.states import StayState
from ppa.directives.commands import record_directive
from ppa.directives.records import Holder, RecordDirective
from ppa.directives.states import Medium
from ppa.trusted_persons.commands import answer_proposal, propose_trusted_person
from ppa.trusted_persons.records import AnswerProposal, ProposeTrustedPerson
from ppa.trusted_persons.states import State


@command(Permission.ADMISSION_TALK_RECORD)
def record_talk(record: RecordTalk, act: Act) -> Receipt:
    """Keep one talk of a stay; use `note_talk`, which also keeps what follows of it elsewhere."""
    stay = act.lock(Stay, record.stay_id)
    act.ask(replace(stay.facts(), type="admission_talk", id=None))
    if stay.state == StayState.CANCELLED:
        raise TalkOutsideStay
    person = person_snapshot(stay.person_id)
    check_talk(
        record,
        born=person.traits.birth_date,
        died_on=person.died_on,
        arrived_on=day_of(stay.admitted_at) if stay.admitted_at else stay.planned_for,
        ended_on=day_of(stay.ended_at) if stay.ended_at else None,
        today=today(),
    )
    AdmissionTalk.objects.create(
        stay=stay,
        asked_by_id=act.by.professional_id,
        asked_on=record.asked_on,
        note=record.note.strip(),
        content={
            "directives": str(record.directives),
            "trusted": str(record.trusted),
            "where": record.where.strip(),
            "where_phone": record.where_phone.strip(),
            "handed": sorted(record.handed),
            "is_protected": record.is_protected,
            "again_on": record.again_on.isoformat() if record.again_on else "",
        },
    )
    if stay.asked_on is None or stay.asked_on <= record.asked_on:
        stay.asked_on, stay.ask_again_on = record.asked_on, record.again_on
    return act.amend(stay, "talk", StayTalked, at=instant_of(record.asked_on))


@together
def note_talk(record: RecordTalk, run: Unit) -> Receipt:
    """Keep a talk, and with it what the same person may write and would type twice.

    Directives that are elsewhere become an entry with their place alone; a trusted person who was
    proposed, and declined or put off, is kept as such. Nothing is written where the file knows more,
    nor after a death, nor of a talk that another one followed.
    """
    receipt = run(record_talk, record)
    stay = stay_snapshot(record.stay_id)
    person_id = stay.person_id
    if stay.asked_on != record.asked_on or person_snapshot(person_id).died_on:
        return receipt
    known = known_of(person_id)
    if record.where.strip() and not known.has_directives and _may(run, Permission.ADVANCE_DIRECTIVE_UPLOAD, person_id):
        holder = Holder(name=record.where.strip(), phone=record.where_phone.strip())
        run(record_directive, RecordDirective(person_id=person_id, medium=Medium.LOCATION_ONLY, holder=holder))
    proposes = record.trusted in PROPOSED and not known.has_designation
    if proposes and _may(run, Permission.TRUSTED_PERSON_PROPOSE, person_id):
        _propose(record, person_id, run)
    return receipt


def _propose(record: RecordTalk, person_id: UUID, run: Unit) -> None:
    """Keep that a trusted person was proposed, and what the person said of it now; what she put off was proposed again."""
    held = proposal_of(person_id)
    made = held or run(propose_trusted_person, ProposeTrustedPerson(person_id=person_id, proposed_on=record.asked_on))
    said = AnswerProposal(designation_id=made.id, version=made.version, answered_on=record.asked_on, declines=False)
    if held and held.state == State.DECLINED_FOR_NOW:
        said = replace(said, version=run(answer_proposal, said).version)
    if record.trusted != TrustedAnswer.WISHES:
        run(answer_proposal, replace(said, declines=True, come_back_on=record.again_on))


def _may(run: Unit, permission: Permission, person_id: UUID) -> bool:
    return is_permitted(run.by, permission, Facts(type="person", person_id=person_id))
