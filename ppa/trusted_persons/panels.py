"""What a person's page shows of her trusted person."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.break_glass.emergency_set import Part, emergency_part
from accounts.kernel.actor import Actor
from accounts.people.page import Chip, Panel, TimelineKind, chip, on_timeline, panel
from accounts.people.queries import relative_of, relative_rows, relative_snapshot, role_rows
from accounts.vigilance.belongings import held
from ppa.trusted_persons.models import Designation
from ppa.trusted_persons.queries import active_designation, designation_rows, designations_of, open_designations
from ppa.trusted_persons.states import DESIGNATION, State


@chip(20, Permission.TRUSTED_PERSON_READ, reads=(designation_rows, relative_rows, role_rows))
def trusted_person_chip(person_id: UUID, actor: Actor) -> Chip:
    """Name the trusted person by her first name and initial."""
    url = reverse("trusted_persons:index", args=[person_id])
    active = active_designation(person_id)
    if active is None or active.relative_id is None:
        return Chip("Pas de personne de confiance connue", "neutral", "user-heart", url)
    relative = relative_of(person_id, active.relative_id)
    name = f"Personne de confiance : {relative.given} {relative.family[:1].upper()}."
    if active.is_in_doubt:
        return Chip(f"{name}, à confirmer", "warn", "user-heart", url)
    return Chip(name, "ok", "user-heart", url)


@panel(50, Permission.TRUSTED_PERSON_READ)
def trusted_person_panel(person_id: UUID, actor: Actor) -> Panel:
    """Show the trusted person with her phones, or what is under way."""
    lines = [
        {
            "designation": one,
            "relative": relative_of(person_id, one.relative_id) if one.relative_id else None,
            "state_label": DESIGNATION.label(one.state),
            "is_active": one.state == State.ACTIVE,
        }
        for one in open_designations(designations_of(person_id, actor=actor))
    ]
    facts = Facts(type=Designation.AGGREGATE, person_id=person_id, signed_request=True)
    offers: list[tuple[str, str]] = []
    actions = [("Tout voir", reverse("trusted_persons:index", args=[person_id]))]
    if is_permitted(actor, Permission.TRUSTED_PERSON_DESIGNATE, facts):
        offers.append(("Désigner", reverse("trusted_persons:designate", args=[person_id])))
    return Panel(
        "Personne de confiance",
        "ppa/trusted_persons/_panel.html",
        {"lines": lines},
        "user-heart",
        tuple(actions),
        tuple(offers),
    )


@emergency_part(20, Permission.TRUSTED_PERSON_READ)
def trusted_person_in_an_emergency(person_id: UUID, actor: Actor) -> Part:
    """Name the trusted person, with her phones and the limits of what she may say."""
    active = [one for one in designations_of(person_id, actor=actor) if one.state == State.ACTIVE]
    designation = active[0] if active else None
    relative = relative_snapshot(designation.relative_id) if designation and designation.relative_id else None
    return Part(
        title="Personne de confiance",
        template="ppa/trusted_persons/_emergency.html",
        context={"designation": designation, "relative": relative},
        icon="user-heart",
    )


def _url(designation_id: UUID, person_id: UUID) -> str:
    return reverse("trusted_persons:page", args=[person_id, designation_id])


on_timeline(
    TimelineKind(
        aggregate_type=Designation.AGGREGATE,
        lifecycle=DESIGNATION,
        permission=Permission.TRUSTED_PERSON_READ,
        icon="user-heart",
        lane="Directives et confiance",
        url=_url,
    )
)

held(
    "ppa.Designation",
    "Désignations d’une personne de confiance",
    {
        "designation_active_once": "chaque dossier a une personne de confiance. Demandez à la personne laquelle "
        "elle désigne, et notez la fin de l’autre désignation."
    },
)
