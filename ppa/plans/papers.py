"""The papers of a plan that are made when they are asked for: the PPCS of a signed version, the easy-to-read one, of a draft too."""

from datetime import UTC, datetime, time
from uuid import UUID

from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.access.queries import circle_of
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.clock import PARIS, today
from accounts.kernel.errors import NotFound
from accounts.people.phones import phone
from accounts.people.queries import person_snapshot, relatives_of
from accounts.people.states import RELATIVE_ROLE_LABELS, RelativeRole
from ppa.crises.queries import at_home
from ppa.plans.easy import EasyPaper, easy_pdf
from ppa.plans.on_file import told_on_paper
from ppa.plans.ppcs import PpcsPaper, ppcs_pdf
from ppa.plans.queries import plan_of, version_printed
from ppa.plans.rules import content_of, wished_places
from ppa.plans.states import DRAFTS


def easy_draft(person_id: UUID, *, actor: Actor) -> bytes:
    """Return the easy paper of what is being written, to be read with the person; raises `NotFound`."""
    plan = plan_of(person_id, actor=actor)
    if plan is None or plan.state not in DRAFTS:
        raise NotFound
    permit(actor, Permission.PPA_PRINT_EXPORT_PDF, Facts(type="plan", id=plan.id, person_id=person_id))
    content = content_of(
        outline=plan.outline,
        topics=plan.topics,
        needs=plan.needs,
        crises=plan.crises,
        places=wished_places(plan.entries),
    )
    return easy_pdf(
        EasyPaper(
            person=person_snapshot(person_id),
            content=content,
            number=plan.number,
            agreed_on=plan.agreement.given_on if plan.agreement and plan.agreement_is_current else None,
            signed_on=None,
            made_at=datetime.combine(today(), time(12), UTC),
        )
    )


def easy_version(person_id: UUID, number: int, *, actor: Actor) -> bytes:
    """Return the easy paper of a signed version; raises `NotFound`."""
    version = version_printed(person_id, number, actor=actor)
    return easy_pdf(
        EasyPaper(
            person=person_snapshot(person_id),
            content=version.content,
            number=version.number,
            agreed_on=version.agreement.given_on,
            signed_on=version.signed_at.astimezone(PARIS).date(),
            made_at=version.signed_at,
        )
    )


def ppcs_version(person_id: UUID, number: int, *, actor: Actor) -> bytes:
    """Return a signed version as a PPCS, with who stands round the person and how things go today; raises `NotFound`."""
    version = version_printed(person_id, number, actor=actor)
    return ppcs_pdf(
        PpcsPaper(
            person=person_snapshot(person_id),
            content=version.content,
            number=version.number,
            signed_at=version.signed_at,
            signer=version.signer,
            organisation=version.organisation,
            members=members_told(person_id, actor=actor),
            relatives=relatives_told(person_id, actor=actor),
            agreement=version.agreement,
            at_home=at_home(person_id),
            as_of=today(),
            statuses=version.statuses,
            outcomes=version.outcomes,
            on_file=told_on_paper(person_id),
            review_on=None if version.replaced_at or version.closed_for else version.review_on,
        )
    )


def members_told(person_id: UUID, *, actor: Actor) -> tuple[tuple[str, str, str], ...]:
    """Return who cares for a person today, each once, as (structure, professional, basis)."""
    here = (one for one in circle_of(person_id, actor=actor) if one.is_present and one.cares)
    return tuple(dict.fromkeys((one.organisation, one.professional, one.basis) for one in here))


def relatives_told(person_id: UUID, *, actor: Actor) -> tuple[tuple[str, str, str], ...] | None:
    """Return the relatives of a person as (name, roles, phones), as far as the actor may read; `None` when he may not at all."""
    if not is_permitted(actor, Permission.RELATIVE_READ, Facts(type="relative", person_id=person_id)):
        return None
    trusted = is_permitted(actor, Permission.TRUSTED_PERSON_READ, Facts(type="designation", person_id=person_id))
    return tuple(
        (
            f"{one.given} {one.family} ({one.relation_label})",
            ", ".join(
                RELATIVE_ROLE_LABELS[role] for role in one.roles if trusted or role != RelativeRole.TRUSTED_PERSON
            ),
            ", ".join(map(phone, one.contact.phones)),
        )
        for one in relatives_of(person_id, actor=actor)
        if one.active
    )
