"""What is known of the person when a decision is prepared, and one decision as others read it: shared by commands and queries."""

from datetime import date
from typing import Any
from uuid import UUID

from accounts.kernel.clock import PARIS, today
from accounts.people.queries import person_snapshot, relatives_snapshot
from accounts.people.states import RelativeRole
from ppa.collegial_decisions.models import CollegialDecision
from ppa.collegial_decisions.records import Decided, DecisionSnapshot, OpinionNoted, SearchNoted, ToldNoted
from ppa.collegial_decisions.rules import Known
from ppa.collegial_decisions.states import AskedBy, DecisionState, Ground, Informed, Kind, Result, Step
from ppa.directives.queries import current_directive, directive_snapshot
from ppa.directives.rules import is_adult
from ppa.directives.states import DEEP_SEDATION, Decision
from ppa.trusted_persons.queries import active_designation


def known_of(person_id: UUID) -> tuple[Known, UUID | None]:
    """Return what the rules look at of a person, unscoped, and her current directives."""
    current = current_directive(person_id)
    wishes = directive_snapshot(current.id).wishes if current else ()
    known = Known(
        has_directives=current is not None,
        refuses_sedation=any(one.code == DEEP_SEDATION and one.decision == Decision.DENY for one in wishes),
        has_trusted_person=active_designation(person_id) is not None,
        is_represented=_is_represented(person_id),
    )
    return known, current.id if current else None


def snapshot_of(row: CollegialDecision) -> DecisionSnapshot:
    """Return one decision as others read it."""
    content = row.content
    return DecisionSnapshot(
        id=row.id,
        version=row.version,
        person_id=row.person_id,
        state=DecisionState(row.state),
        kind=Kind(content["kind"]),
        ground=Ground(content["ground"]),
        about=content["about"],
        requested_on=_day(content["requested_on"]),
        directive_id=row.directive_id,
        searches=tuple(
            SearchNoted(
                step=Step(one["step"]),
                result=Result(one["result"]),
                searched_on=date.fromisoformat(one["searched_on"]),
                note=one["note"],
            )
            for one in content["searches"]
        ),
        opinions=tuple(
            OpinionNoted(**{**one, "given_on": date.fromisoformat(one["given_on"])}) for one in content["opinions"]
        ),
        decided=_decided(content["decided"], by=row.decided_by.display_name if row.decided_by else ""),
        opened_on=_opened_on(row),
        ended_on=row.ended_on,
        end_note=content["end_note"],
        organisation_id=row.organisation_id,
        decided_by_id=row.decided_by_id,
        asked_by=AskedBy(content.get("asked_by", AskedBy.PHYSICIAN)),
        told=_told(content.get("told")),
    )


def _opened_on(row: CollegialDecision) -> date:
    """Return the first day that is noted: a procedure held at night may be written down the day after."""
    content = row.content
    decided, told = content["decided"] or {}, content.get("told") or {}
    noted = [decided.get("decided_on"), told.get("told_on"), *(one["given_on"] for one in content["opinions"])]
    return min([row.created_at.astimezone(PARIS).date(), *(date.fromisoformat(day) for day in noted if day)])


def _decided(stored: dict[str, Any] | None, *, by: str) -> Decided | None:
    if stored is None:
        return None
    days = {name: _day(stored[name]) for name in ("decided_on", "starts_on", "informed_on")}
    return Decided(**{**stored, **days, "informed": Informed(stored["informed"]), "by": by})


def _is_represented(person_id: UUID) -> bool:
    if not is_adult(person_snapshot(person_id).traits.birth_date, on=today()):
        return True
    guard = RelativeRole.LEGAL_REPRESENTATIVE
    return any(one.active and guard in one.roles for one in relatives_snapshot(person_id))


def _told(stored: dict[str, str] | None) -> ToldNoted | None:
    if stored is None:
        return None
    return ToldNoted(told=Informed(stored["told"]), told_on=date.fromisoformat(stored["told_on"]), name=stored["name"])


def _day(stored: str | None) -> date | None:
    return date.fromisoformat(stored) if stored else None
