"""Reading directives at two levels: that they exist, and what they say. Each reading of the content is traced."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.access.gate import is_permitted, permit
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows
from accounts.access.records import Facts
from accounts.audit.models import AuditRow
from accounts.audit.records import Outcome
from accounts.kernel.actor import Actor
from accounts.kernel.errors import NotFound
from accounts.organisations.models import Organisation
from accounts.people.queries import relatives_snapshot
from accounts.people.states import RelativeRole
from accounts.trails.queries import names_of
from ppa.directives.models import LATEST_FIRST, Directive, read_authorisation
from ppa.directives.records import (
    Deposit,
    DirectiveExistence,
    DirectivePage,
    DirectiveSnapshot,
    Holder,
    Reading,
    Revocation,
    Wish,
    Witness,
)
from ppa.directives.rules import is_shown, missing_witness
from ppa.directives.states import DIRECTIVE, OPEN, Decision, Medium, Model, Place, RevocationMeans, State
from ppa.directives.texts import text_named
from ppa.directives.to_settle import to_settle


def directives_of(person_id: UUID, *, actor: Actor) -> list[DirectiveExistence]:
    """Return that each document of a person exists, latest document date first, without what it says.

    `may_be_read` tells whether this actor may open its content. What was recorded by
    mistake is left out.
    """
    permit(actor, Permission.ADVANCE_DIRECTIVE_READ_EXISTENCE, Facts(type=Directive.AGGREGATE, person_id=person_id))
    reads = {agreed: _may_read(person_id, actor, agreed=agreed) for agreed in (False, True)}
    return [_existence(row, may_be_read=reads[row.shared_with_coordination]) for row in kept_documents(person_id)]


def directive_page(directive_id: UUID, *, actor: Actor) -> DirectivePage:
    """Return one document as far as the actor may see it; raises `NotFound` for who may not even know of it."""
    row = _row(directive_id)
    permit(actor, Permission.ADVANCE_DIRECTIVE_READ_EXISTENCE, row.facts())
    if not is_permitted(actor, Permission.ADVANCE_DIRECTIVE_READ_CONTENT, row.facts()):
        return DirectivePage(
            existence=_existence(row, may_be_read=False), content=None, legal_text=text_named(row.legal_version)
        )
    content = directive_for(directive_id, actor=actor)
    return DirectivePage(
        existence=_existence(row, may_be_read=True),
        content=content,
        legal_text=text_named(row.legal_version),
        missing_witness=_missing_witness(content),
        to_settle=to_settle(content, actor),
    )


def directive_for(directive_id: UUID, *, actor: Actor) -> DirectiveSnapshot:
    """Return what one document says to an actor who may read it; the reading is traced."""
    row = _row(directive_id)
    decision = permit(actor, Permission.ADVANCE_DIRECTIVE_READ_CONTENT, row.facts())
    if not is_shown(State(row.state), decision.fields):
        raise NotFound
    return _snapshot(row)


def readings_of(directive_id: UUID, *, actor: Actor) -> list[Reading]:
    """Return who read what one document says, the latest first, to an actor who may read its history; at most 200."""
    row = _row(directive_id)
    permit(actor, Permission.ADVANCE_DIRECTIVE_HISTORY, row.facts())
    found = AuditRow.objects.filter(
        person_id=row.person_id,
        object_id=row.id,
        action=Permission.ADVANCE_DIRECTIVE_READ_CONTENT,
        outcome=Outcome.ALLOWED,
    ).order_by("-at", "-id")[:200]
    people = names_of(one.professional_id for one in found)
    places = dict(
        Organisation.objects.filter(pk__in={one.organisation_id for one in found if one.organisation_id})
        .order_by("pk")
        .values_list("pk", "name")
    )
    return [
        Reading(
            at=one.at,
            who=people.get(one.professional_id, "") if one.professional_id else "",
            organisation=places.get(one.organisation_id, "") if one.organisation_id else "",
            is_emergency=one.break_glass_id is not None,
        )
        for one in found
    ]


def directive_snapshot(directive_id: UUID) -> DirectiveSnapshot:
    """Return one whole document, unscoped: for the projection and for papers whose gate was asked."""
    return _snapshot(_row(directive_id))


def directives_snapshot(person_id: UUID) -> list[DirectiveSnapshot]:
    """Return every whole document of a person, unscoped, latest first: for papers and the projection."""
    return [_snapshot(row) for row in whole_documents(person_id)]


@Rows
def whole_documents() -> QuerySet[Directive]:
    """Read every document of a person with where it lies, latest first."""
    return _documents(ASKED).select_related("revocation").prefetch_related("deposits")


def replaced_by(directive_id: UUID) -> DirectiveSnapshot | None:
    """Return the latest document that this one took the place of, unscoped; `None` when it replaced none."""
    rows = Directive.objects.filter(superseded_by_id=directive_id, state=State.SUPERSEDED).order_by(*LATEST_FIRST)
    row = rows.select_related("revocation").first()
    return _snapshot(row) if row else None


def current_directive(person_id: UUID, *, reader: Actor | None = None) -> DirectiveExistence | None:
    """Return the document that prevails today, unscoped and without what it says; `None` when none is valid.

    `may_be_read` is about the reader, when there is one.
    """
    row = next((row for row in kept_documents(person_id) if row.state == State.VALID), None)
    if row is None:
        return None
    may_be_read = reader is not None and _may_read(person_id, reader, agreed=row.shared_with_coordination)
    return _existence(row, may_be_read=may_be_read)


def waiting_directives(person_id: UUID) -> list[DirectiveExistence]:
    """Return the documents that wait to be verified or for their legal basis, unscoped, without what they say."""
    waiting = OPEN - {State.VALID}
    return [_existence(row, may_be_read=False) for row in kept_documents(person_id) if row.state in waiting]


def count_valid(person_id: UUID) -> int:
    """Return how many documents of a record are valid, unscoped: more than one only while two records become one."""
    return Directive.objects.filter(person_id=person_id, state=State.VALID).count()


@Rows
def kept_documents() -> QuerySet[Directive]:
    """Read the documents of a person but those recorded by mistake, latest first."""
    return _documents(ASKED).exclude(state=State.ENTERED_IN_ERROR)


def _documents(person_id: UUID) -> QuerySet[Directive]:
    return Directive.objects.filter(person_id=person_id).order_by(*LATEST_FIRST)


def _row(directive_id: UUID) -> Directive:
    row = Directive.objects.filter(pk=directive_id).select_related("revocation").first()
    if row is None:
        raise NotFound
    return row


def _may_read(person_id: UUID, actor: Actor, *, agreed: bool) -> bool:
    facts = Facts(type=Directive.AGGREGATE, person_id=person_id, patient_agrees=agreed)
    return is_permitted(actor, Permission.ADVANCE_DIRECTIVE_READ_CONTENT, facts)


def _existence(row: Directive, *, may_be_read: bool) -> DirectiveExistence:
    return DirectiveExistence(
        id=row.id,
        person_id=row.person_id,
        version=row.version,
        state=State(row.state),
        state_label=DIRECTIVE.label(row.state),
        medium=Medium(row.medium),
        signed_on=row.signed_on,
        holder=_holder(row),
        recorded_at=row.created_at,
        is_current=row.state == State.VALID,
        may_be_read=may_be_read,
    )


def _snapshot(row: Directive) -> DirectiveSnapshot:
    return DirectiveSnapshot(
        id=row.id,
        person_id=row.person_id,
        version=row.version,
        state=State(row.state),
        medium=Medium(row.medium),
        model=Model(row.model),
        signed_on=row.signed_on,
        has_signature=row.has_signature,
        witnesses=tuple(Witness(**witness) for witness in row.witnesses),
        witness_reason=row.witness_reason or "",
        written_by=row.written_by,
        is_protected=row.is_protected,
        authorisation=read_authorisation(row.authorisation),
        wishes=tuple(
            Wish(code=wish["code"], decision=Decision(wish["decision"]), note=wish["note"]) for wish in row.wishes
        ),
        comfort_only=row.comfort_only,
        text=row.text,
        sections=row.sections or {},
        holder=_holder(row),
        shared_with_coordination=row.shared_with_coordination,
        document_id=row.document_id,
        authorisation_document_id=row.authorisation_document_id,
        organisation_id=row.organisation_id,
        superseded_by_id=row.superseded_by_id,
        legal_version=row.legal_version,
        recorded_at=row.created_at,
        updated_at=row.updated_at,
        revocation=_revocation(row),
        deposits=tuple(
            Deposit(
                place=Place(one.place), where=one.where, deposited_on=one.deposited_on, deposited_by=one.deposited_by
            )
            for one in sorted(row.deposits.all(), key=lambda one: (one.deposited_on, one.id))
        ),
    )


def _missing_witness(content: DirectiveSnapshot) -> str:
    """Return the trusted person of the day of a document who is not among its witnesses, when nobody said why."""
    day = content.signed_on
    held = (
        f"{one.given} {one.family}"
        for one in relatives_snapshot(content.person_id)
        for role in one.held
        if role.role == RelativeRole.TRUSTED_PERSON
        and day is not None
        and role.starts_on <= day
        and (role.ends_on is None or day <= role.ends_on)
    )
    return missing_witness(
        content.witnesses,
        has_signature=content.has_signature,
        reason=content.witness_reason,
        trusted=next(held, ""),
    )


def _holder(row: Directive) -> Holder | None:
    return Holder(**row.holder) if row.holder else None


def _revocation(row: Directive) -> Revocation | None:
    found = getattr(row, "revocation", None)
    if found is None:
        return None
    return Revocation(
        revoked_on=found.revoked_on,
        means=RevocationMeans(found.means),
        received_by=found.received_by,
        witness=found.witness,
        document_id=found.document_id,
    )
