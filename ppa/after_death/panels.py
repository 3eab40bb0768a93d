"""What a person's page shows of the wishes for her relatives and, after her death, of what is due to them."""

from uuid import UUID

from django.urls import reverse

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.kernel.actor import Actor
from accounts.people.page import Panel, TimelineKind, on_timeline, panel
from accounts.people.queries import person_snapshot
from accounts.vigilance.belongings import held
from ppa.after_death.models import BereavementContact
from ppa.after_death.queries import relatives_followed, wish_rows, wishes_of
from ppa.after_death.reading import contact_rows, facts_of
from ppa.after_death.states import CONTACT


@panel(57, Permission.BEREAVEMENT_READ, reads=(contact_rows, wish_rows))
def after_death_panel(person_id: UUID, actor: Actor) -> Panel:
    """Give the wish that stands and, after her death, the next contact with each relative."""
    died_on = person_snapshot(person_id).died_on
    followed = relatives_followed(person_id, actor=actor) if died_on else []
    nexts = [(one.relative, contact) for one in followed for contact in one.contacts if contact.is_open]
    may_state = is_permitted(actor, Permission.BEREAVEMENT_STATE_WISH, facts_of(person_id))
    return Panel(
        "Ses proches, après son décès" if died_on else "Prévenir ses proches",
        "ppa/after_death/_panel.html",
        {
            "wish": next(iter(wishes_of(person_id, actor=actor)), None),
            "nexts": nexts[:4],
            "is_over": bool(died_on) and not nexts,
        },
        "candle" if died_on else "users",
        (("Ouvrir", reverse("after_death:index", args=[person_id])),),
        (("Noter ses souhaits", reverse("after_death:wish", args=[person_id])),) if may_state else (),
    )


def _url(_contact_id: UUID, person_id: UUID) -> str:
    return reverse("after_death:index", args=[person_id])


on_timeline(
    TimelineKind(
        aggregate_type=BereavementContact.AGGREGATE,
        lifecycle=CONTACT,
        permission=Permission.BEREAVEMENT_READ,
        icon="candle",
        lane="Proches",
        url=_url,
    )
)

held("ppa.TellingWish", "Souhaits pour prévenir les proches")
held("ppa.BereavementContact", "Contacts avec les proches après le décès")
