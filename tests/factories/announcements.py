"""Announcements and proposals of a plan, made through the commands."""

from uuid import UUID

from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from ppa.announcements.commands import announce, answer_proposal, record_announcement
from ppa.announcements.queries import proposal_id_of, proposal_snapshot
from ppa.announcements.records import Announce, Answer, AnswerProposal, ProposalSnapshot, RecordAnnouncement
from ppa.announcements.states import Trigger

DIAGNOSIS = "Maladie inventée de Serinville"


def announcement(person_id: UUID, **fields: object) -> RecordAnnouncement:
    """Return the input of an announcement made today."""
    values: dict[str, object] = {
        "person_id": person_id,
        "trigger": Trigger.SERIOUS_ILLNESS,
        "announced_on": today(),
        "diagnosis_code": "c341",
        "diagnosis_label": DIAGNOSIS,
        "present": "Sa fille",
        "knows": "Elle sait que la maladie est grave",
        "wishes_to_know": "Elle souhaite avancer pas à pas",
        **fields,
    }
    return RecordAnnouncement(**values)  # type: ignore[arg-type]  # (a factory takes any field)


def announced(person_id: UUID, by: Actor, **fields: object) -> UUID:
    """Return the id of a new announcement without a proposal."""
    return record_announcement(announcement(person_id, **fields), by=by).id


def proposed(person_id: UUID, by: Actor, **fields: object) -> ProposalSnapshot:
    """Announce and propose a plan the same day; return the proposal. A DAC must cover the person."""
    announce(Announce(announcement=announcement(person_id, **fields), proposed_on=today()), by=by)
    proposal_id = proposal_id_of(person_id)
    assert proposal_id is not None
    return proposal_snapshot(proposal_id)


def answered(proposal: ProposalSnapshot, by: Actor, **fields: object) -> ProposalSnapshot:
    """Return a proposal once the person has answered it today, by a yes unless told otherwise."""
    values = {"proposal_id": proposal.id, "version": proposal.version, "answer": Answer.ACCEPTED, **fields}
    answer_proposal(AnswerProposal(**{"answered_on": today(), **values}), by=by)  # type: ignore[arg-type]  # (a factory takes any field)
    return present(proposal)


def present(proposal: ProposalSnapshot) -> ProposalSnapshot:
    """Return a proposal as it lies in the database now."""
    return proposal_snapshot(proposal.id)
