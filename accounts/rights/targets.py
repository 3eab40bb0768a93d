"""What may be rectified: something that was written about this very person, by whoever may read it."""

from uuid import UUID

from accounts.access.gate import is_permitted
from accounts.access.records import Facts
from accounts.kernel.actor import Actor
from accounts.kernel.models import Transition
from accounts.rights.states import TARGETS


def is_rectifiable(person_id: UUID, target_type: str, target_id: UUID, *, actor: Actor) -> bool:
    """Tell whether an actor may see that this was written about the person: what is not so does not exist for him."""
    target = TARGETS.get(target_type)
    if target is None:
        return False
    written = Transition.objects.filter(aggregate_type=target_type, aggregate_id=target_id, person_id=person_id)
    here = Facts(type=target_type, id=target_id, person_id=person_id)
    return written.exists() and is_permitted(actor, target.permission, here)
