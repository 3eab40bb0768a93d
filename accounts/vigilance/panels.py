"""What a person's page tells of a merge, the way to a comparison, and what is counted when records are compared."""

from uuid import UUID

from django.urls import reverse

from accounts.access.doors import leads_on
from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.kernel.actor import Actor
from accounts.people.lineage import standing_record
from accounts.people.page import Chip, Panel, TimelineKind, chip, on_timeline, panel
from accounts.people.queries import person_facts
from accounts.vigilance.belongings import held
from accounts.vigilance.models import IdentityMerge
from accounts.vigilance.queries import may_compare, merge_lines, standing_merges
from accounts.vigilance.states import MERGE

held("accounts.Relative", "Proches")
held("accounts.Document", "Documents")
held("accounts.SharingConsent", "Accords de partage")
held("accounts.Opposition", "Refus de la personne")


@leads_on
def record_that_stands(person_id: UUID, actor: Actor) -> UUID | None:
    """Return the record into which one was merged, to who may see it."""
    stands = standing_record(person_id)
    seen = stands != person_id and is_permitted(actor, Permission.PATIENT_IDENTITY_READ, person_facts(stands))
    return stands if seen else None


@chip(45, Permission.ADVANCE_DIRECTIVE_READ_EXISTENCE, reads=(standing_merges,))
def to_read_chip(person_id: UUID, actor: Actor) -> Chip | None:
    """Warn, on each page of hers, that what came from two records was not read by a physician yet."""
    waits = any(line.to_read for line in merge_lines(person_id, actor=actor))
    page = reverse("people:page", args=[person_id])
    return Chip("Documents de deux dossiers à relire", "warn", "users", page) if waits else None


@panel(950, Permission.PATIENT_IDENTITY_READ)
def identity_panel(person_id: UUID, actor: Actor) -> Panel | None:
    """Tell of the merges into this record; offer a comparison to who holds the mandate."""
    lines = merge_lines(person_id, actor=actor)
    compares = may_compare(person_id, actor=actor)
    if not lines and not compares:
        return None
    ways = (("Comparer à un autre dossier", reverse("vigilance:choose", args=[person_id])),) if compares else ()
    return Panel("Identitovigilance", "accounts/vigilance/_panel.html", {"lines": lines}, "shield", ways)


on_timeline(
    TimelineKind(
        aggregate_type=IdentityMerge.AGGREGATE,
        lifecycle=MERGE,
        permission=Permission.CIRCLE_MEMBERSHIP_READ,
        icon="users",
        lane="Identité",
    )
)
