"""What the file already holds of directives and of a trusted person, read for a command and a page that asked the gate."""

from uuid import UUID

from pathway.admission_talks.records import Known
from ppa.directives.queries import directives_snapshot
from ppa.directives.states import OPEN
from ppa.trusted_persons.queries import designations_snapshot
from ppa.trusted_persons.records import DesignationSnapshot
from ppa.trusted_persons.states import State

CHOSEN = frozenset({State.DESIGNATED_UNSIGNED, State.ACTIVE, State.SUSPENDED})
"""States in which somebody was chosen."""


def known_of(person_id: UUID) -> Known:
    """Return what the file holds, unscoped: for a command and a page that asked the gate."""
    return Known(
        has_directives=any(one.state in OPEN for one in directives_snapshot(person_id)),
        has_designation=any(one.state in CHOSEN for one in designations_snapshot(person_id)),
    )


def proposal_of(person_id: UUID) -> DesignationSnapshot | None:
    """Return the proposal of a trusted person that is open or put off, unscoped; `None` when there is none."""
    waiting = (State.PROPOSED, State.DECLINED_FOR_NOW)
    return next((one for one in designations_snapshot(person_id) if one.state in waiting), None)
