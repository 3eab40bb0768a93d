"""The sheet of a person's follow-up, as far as it is open to who prints it: each part under its own right."""

from uuid import UUID

from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from accounts.people.queries import person_snapshot
from pathway.cases.queries import case_for, case_heading
from pathway.cases.records import AssessedLevel
from pathway.desks.synthesis import Synthesis, synthesis_pdf
from ppa.after_death.queries import relatives_followed, wishes_of
from ppa.after_death.records import ContactSnapshot
from ppa.announcements.queries import announcements_of, proposal_of_person
from ppa.assessments.queries import assessments_of
from ppa.contradictions.queries import contradictions_of


def synthesis_for(person_id: UUID, *, actor: Actor) -> bytes:
    """Return the PDF of a person's synthesis; raises `NotFound` for who may print nothing of her."""
    permit(actor, Permission.PPA_PRINT_EXPORT_PDF, Facts(type="plan", person_id=person_id))

    def may(right: Permission) -> bool:
        return is_permitted(actor, right, Facts(type="person", person_id=person_id))

    announced, after = may(Permission.ANNOUNCEMENT_READ), may(Permission.BEREAVEMENT_READ)
    return synthesis_pdf(
        Synthesis(
            person=person_snapshot(person_id),
            as_of=today(),
            announcements=[one.announcement for one in announcements_of(person_id, actor=actor)] if announced else None,
            proposal=proposal_of_person(person_id, actor=actor) if may(Permission.PLAN_PROPOSAL_READ) else None,
            assessments=assessments_of(person_id, actor=actor) if may(Permission.ASSESSMENT_READ) else None,
            levels=_levels(person_id, actor) if may(Permission.COORDINATION_FILE_READ) else None,
            contradictions=contradictions_of(person_id, actor=actor) if may(Permission.CONTRADICTION_READ) else None,
            wishes=wishes_of(person_id, actor=actor) if after else None,
            contacts=_contacts(person_id, actor) if after else None,
        )
    )


def _levels(person_id: UUID, actor: Actor) -> tuple[AssessedLevel, ...]:
    heading = case_heading(person_id, actor=actor)
    return case_for(heading.id, actor=actor).levels if heading else ()


def _contacts(person_id: UUID, actor: Actor) -> list[tuple[str, ContactSnapshot]]:
    return [
        (f"{one.relative.given} {one.relative.family}", contact)
        for one in relatives_followed(person_id, actor=actor)
        for contact in one.contacts
    ]
