"""Reading two records side by side, and the merges that an organisation made."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from accounts.access.circle import present
from accounts.access.gate import is_permitted, permit, permitted_among, scope
from accounts.access.models import Opposition
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows
from accounts.access.records import Facts
from accounts.access.states import CIRCLE
from accounts.kernel.actor import Actor, Mandate, Role
from accounts.kernel.clock import now
from accounts.kernel.errors import NotFound
from accounts.kernel.models import Transition
from accounts.kernel.wall import Reason, seeing_everything
from accounts.organisations.directory import organisation_names, professional_names
from accounts.people.models import OrganisationLink
from accounts.people.page import timeline_kinds
from accounts.people.queries import people_lines, person_facts, person_snapshot
from accounts.people.records import FoundPerson, PersonSnapshot
from accounts.people.states import IDENTITY_LABELS, SEX_LABELS
from accounts.vigilance.belongings import counts_of, has_strays, is_agreement_taken_back, moved_by, to_settle
from accounts.vigilance.models import IdentityMerge
from accounts.vigilance.records import Comparison, Left, MergeLine, MergeSnapshot, Side, Spell, Trait
from accounts.vigilance.rules import AgreementTakenBack, identity_conflicts, may_be_kept
from accounts.vigilance.states import MergeState

MOST = 50
FOLLOWED_FOR = timedelta(days=1)
_READS_IT = Permission.ADVANCE_DIRECTIVE_READ_EXISTENCE
"""Who may know that there are documents is told that a physician should read those of both records."""


def comparison_of(person_id: UUID, other_id: UUID, *, actor: Actor) -> Comparison:
    """Return two records side by side to who holds the mandate and knows both; raises `NotFound` otherwise.

    Of what is behind an identity, how many of each kind only, and which structures stand round her.
    """
    for one in (person_id, other_id):
        permit(actor, Permission.PATIENT_IDENTITY_COMPARE, person_facts(one))
        permit(actor, Permission.PATIENT_IDENTITY_READ, person_facts(one))
    people = (person_snapshot(person_id), person_snapshot(other_id))
    with seeing_everything(Reason.IDENTITY):
        conflicts = [refusal.message for refusal in identity_conflicts(*people)]
        conflicts += to_settle(person_id, other_id)
        if is_agreement_taken_back(person_id, other_id):
            conflicts.append(AgreementTakenBack().message)
        first, second = (_side(one, actor) for one in people)
    return Comparison(
        sides=(first, second),
        traits=_traits(first, second),
        conflicts=conflicts,
        keepable=frozenset(
            one.id for one, other in (people, (people[1], people[0])) if may_be_kept(one, other)
        ),
        newcomers=sorted(set(first.members) ^ set(second.members)),
    )  # fmt: skip


def may_compare(person_id: UUID, *, actor: Actor) -> bool:
    """Tell whether an actor may compare a person's record with another: for showing the way there."""
    return is_permitted(actor, Permission.PATIENT_IDENTITY_COMPARE, person_facts(person_id))


def holds_mandate(actor: Actor) -> bool:
    """Tell whether an actor holds the mandate of identity vigilance, for the organisation he works for now."""
    return Mandate.IDENTITY_VIGILANCE in actor.mandates


def merges(*, actor: Actor) -> list[MergeSnapshot]:
    """Return the last merges that the actor's organisation made, newest first."""
    seen = scope(actor, Permission.PATIENT_IDENTITY_LIST_ALERTS)
    rows = IdentityMerge.objects.filter(seen, organisation_id__in=actor.organisations)
    return [_snapshot(row, actor, whole=False) for row in rows.order_by("-merged_at", "-id")[:MOST]]


def merge_for(merge_id: UUID, *, actor: Actor) -> MergeSnapshot:
    """Return one merge that the actor's organisation made, to who may undo it; raises `NotFound` otherwise."""
    row = IdentityMerge.objects.filter(pk=merge_id, organisation_id__in=actor.organisations).first()
    if row is None:
        raise NotFound
    permit(actor, Permission.PATIENT_IDENTITY_UNMERGE, row.facts_of_parting())
    return _snapshot(row, actor, whole=True)


def record_to_read(merge_id: UUID, *, actor: Actor) -> UUID:
    """Return the record into which a merge was made, to who may note that he has read it; raises `NotFound` otherwise."""
    row = IdentityMerge.objects.filter(pk=merge_id).first()
    if row is None:
        raise NotFound
    permit(actor, Permission.PATIENT_IDENTITY_NOTE_READ, row.facts())
    return row.survivor_id


def merge_lines(person_id: UUID, *, actor: Actor) -> list[MergeLine]:
    """Return the merges that stand into a person's record, newest first, to who may read her identity."""
    permit(actor, Permission.PATIENT_IDENTITY_READ, person_facts(person_id))
    rows = standing_merges(person_id)
    names = organisation_names({row.organisation_id for row in rows})
    here = permitted_among(actor, {_READS_IT, Permission.PATIENT_IDENTITY_NOTE_READ}, person_facts(person_id))
    return [
        MergeLine(
            id=row.id,
            version=row.version,
            merged_on=localdate(row.merged_at),
            organisation=names[row.organisation_id],
            to_read=row.to_read if row.read_at is None and _READS_IT in here else [],
            may_note=Permission.PATIENT_IDENTITY_NOTE_READ in here,
            may_part=holds_mandate(actor) and row.organisation_id in actor.organisations,
        )
        for row in rows
    ]


@Rows
def standing_merges() -> QuerySet[IdentityMerge]:
    """Read the merges that stand into a person's record, newest first."""
    return IdentityMerge.objects.filter(survivor=ASKED, state=MergeState.JOINED).order_by("-merged_at", "-id")


def spells_of(person_id: UUID) -> list[Spell]:
    """Return the times for which another record was one with a person's, unscoped: for the list of who opened her file."""
    with seeing_everything(Reason.IDENTITY):
        rows = list(IdentityMerge.objects.filter(Q(survivor=person_id) | Q(merged=person_id)).order_by("merged_at"))
    absorbed = [row for row in rows if row.survivor_id == person_id and row.state == MergeState.JOINED]
    inside = [row for row in rows if row.merged_id == person_id]
    return [
        *(Spell(other_id=row.merged_id, is_absorbed=True, since=row.merged_at, until=now()) for row in absorbed),
        *(
            Spell(other_id=row.survivor_id, is_absorbed=False, since=row.merged_at, until=row.parted_at or now())
            for row in inside
        ),
    ]


def merges_to_follow() -> list[UUID]:
    """Return the merges of the last day whose merged record still holds something, unscoped: for the clock."""
    rows = IdentityMerge.objects.filter(state=MergeState.JOINED, merged_at__gt=now() - FOLLOWED_FOR)
    return [row.pk for row in rows.order_by("merged_at") if has_strays(row)]


def records_of_merge(merge_id: UUID) -> tuple[UUID, UUID]:
    """Return the two records of a merge, unscoped: for the projection."""
    found = IdentityMerge.objects.filter(pk=merge_id).values_list("survivor_id", "merged_id").first()
    if found is None:
        raise NotFound
    return found


def _side(person: PersonSnapshot, actor: Actor) -> Side:
    may_read_number = is_permitted(actor, Permission.PATIENT_IDENTITY_READ_INS_FULL, person_facts(person.id))
    first = Transition.objects.filter(aggregate_type="person", aggregate_id=person.id, aggregate_version=1).first()
    links = OrganisationLink.objects.filter(person_id=person.id, ends_at=None).values_list("organisation_id", flat=True)
    members = present(person.id).filter(basis__in=CIRCLE).values_list("organisation_id", flat=True)
    names = organisation_names(
        {*links, *members, *([first.organisation_id] if first and first.organisation_id else [])}
    )
    return Side(
        person=person,
        ins=person.ins.value if person.ins and may_read_number else "",
        registered_by=names.get(first.organisation_id, "") if first and first.organisation_id else "",
        origins=sorted({names[one] for one in links}),
        members=sorted({names[one] for one in members}),
        refusals=Opposition.objects.filter(person_id=person.id, lifted_on=None).count(),
        counts=counts_of(person.id),
    )


def _traits(first: Side, second: Side) -> list[Trait]:
    one, other = first.person, second.person
    lines = [
        ("Nom de naissance", one.traits.birth_name, other.traits.birth_name),
        ("Prénoms de naissance", " ".join(one.traits.birth_given_names), " ".join(other.traits.birth_given_names)),
        ("Date de naissance", f"{one.traits.birth_date:%d/%m/%Y}", f"{other.traits.birth_date:%d/%m/%Y}"),
        ("Sexe", SEX_LABELS[one.traits.sex], SEX_LABELS[other.traits.sex]),
        ("Lieu de naissance (code INSEE)", one.traits.birthplace, other.traits.birthplace),
        ("État de l’identité", IDENTITY_LABELS[one.status], IDENTITY_LABELS[other.status]),
        ("Matricule INS", first.ins, second.ins),
        ("Nom utilisé", one.usual_name, other.usual_name),
        ("Prénom utilisé", one.usual_given_name, other.usual_given_name),
        ("Commune", one.contact.city, other.contact.city),
        ("Décès", _day(one), _day(other)),
    ]
    return [Trait(label=label, values=(mine, hers)) for label, mine, hers in lines if mine or hers]


def _day(person: PersonSnapshot) -> str:
    return f"{person.died_on:%d/%m/%Y}" if person.died_on else ""


def _snapshot(row: IdentityMerge, actor: Actor, *, whole: bool) -> MergeSnapshot:
    knows = is_permitted(actor, Permission.PATIENT_IDENTITY_COMPARE, person_facts(row.survivor_id))
    with seeing_everything(Reason.IDENTITY):
        names = people_lines([row.survivor_id, row.merged_id]) if knows else {}
        left, hidden = _left(row, actor) if whole else ([], 0)
        moved = moved_by(row) if whole else []
    by = professional_names({row.professional_id} if row.professional_id else set())
    return MergeSnapshot(
        id=row.id,
        version=row.version,
        state=MergeState(row.state),
        kept_id=row.survivor_id,
        merged_id=row.merged_id,
        kept_name=_named(names.get(row.survivor_id), "Dossier gardé"),
        merged_name=_named(names.get(row.merged_id), "Dossier réuni"),
        merged_on=localdate(row.merged_at),
        by=next(iter(by.values()), ""),
        organisation=organisation_names({row.organisation_id})[row.organisation_id],
        reason=row.reason,
        parted_on=localdate(row.parted_at) if row.parted_at else None,
        parted_reason=row.parted_reason,
        moved=moved,
        left=left,
        hidden=hidden,
        to_read=row.to_read,
        read_on=localdate(row.read_at) if row.read_at else None,
    )


def _named(person: FoundPerson | None, otherwise: str) -> str:
    return f"{person.name}, {person.birth_date:%d/%m/%Y}" if person else otherwise


def _left(row: IdentityMerge, actor: Actor) -> tuple[Sequence[Left], int]:
    """Return what was written in the record that goes on since the merge, until its end: told where the actor may read it, else counted."""
    until = row.parted_at or now()
    deeds = Transition.objects.filter(
        person_id=row.survivor_id, recorded_at__gt=row.merged_at, recorded_at__lte=until,
        aggregate_type__in=timeline_kinds,
    ).exclude(Q(aggregate_type=row.AGGREGATE) | Q(actor_role=Role.SYSTEM))  # fmt: skip
    found, hidden = [], 0
    names = organisation_names({one for one in deeds.values_list("organisation_id", flat=True) if one})
    for deed in deeds.order_by("-recorded_at", "-id"):
        kind = timeline_kinds[deed.aggregate_type]
        what = kind.lifecycle.deed(deed.deed)
        facts = Facts(type=deed.aggregate_type, person_id=row.survivor_id)
        if not what or not is_permitted(actor, kind.permission, facts):
            hidden += 1
            continue
        found.append(Left(at=deed.recorded_at, what=what, organisation=names.get(deed.organisation_id, "")))  # type: ignore[arg-type]  # (no name for no organisation)
    return found, hidden
