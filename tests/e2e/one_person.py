"""Fills an installation with one person who has something of everything, and says who may look at it and where.

Run in the environment of an installation that is thrown away. `poisoned`: her every free text is an attack, and the
guards against rewriting are taken off.
"""

import itertools
import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import django

READY = "READY"
POISONED = "poisoned"
AT_ONCE = 70
"""How many payloads a text without a limit holds side by side."""
OWN_PAGES = ("", "personnes/<uuid:person_id>/", "demandes/lignes/<uuid:line_id>/")
SIMILAR = 2
"""How many functions meet the attacks on the same page; those in `OWN_PAGES` differ for each."""


def main() -> None:
    """Print, as JSON, the session of each visitor and his addresses: each by its pattern, or where he meets attacks."""
    django.setup()

    from accounts.kernel.wall import Reason, seeing_everything
    from tests.matrix.world import World

    with seeing_everything(Reason.VOLUME):
        world = World()
        stored = _poison(world) if POISONED in sys.argv else 0
    print(READY + json.dumps({"stored": stored, "visits": list(_visits(world, poisoned=bool(stored)))}))


def _poison(world: Any) -> int:
    from tests.matrix.payloads import PAYLOADS, drop_guards, poison
    from tests.matrix.strangers import ids_of

    drop_guards()
    turn = (payload.replace("alert(1)", "top.ran=alert(1)") for payload in itertools.cycle(PAYLOADS))
    return poison(ids_of(world), turn, at_once=AT_ONCE)


def _visits(world: Any, *, poisoned: bool) -> Iterator[dict[str, Any]]:
    from django.conf import settings

    from accounts.kernel.actor import Role
    from tests.matrix.world import Place, Visitor, address_of, our_routes

    visitors = (
        Visitor(Role.PHYSICIAN, Place.TEAM), Visitor(Role.COORDINATOR, Place.COORDINATION), Visitor(Role.SOCIAL_WORKER, Place.COORDINATION), Visitor(Role.VOLUNTEER, Place.ACCEPTED),
        Visitor(Role.BED_MANAGER, Place.ASKED), Visitor(Role.EMERGENCY_DISPATCHER, Place.EMERGENCY), Visitor(Role.PRIVACY_OFFICER, Place.TEAM),
        Visitor(Role.RIGHTS_MANAGER, Place.TEAM),
    )  # fmt: skip
    met: Counter[str] = Counter()
    for visitor in visitors:
        client, ids = world.client(visitor), world.ids_at(visitor.place)
        addresses = {pattern: address_of(pattern, ids) for pattern in our_routes()}
        if poisoned:
            addresses = {pattern: one for pattern, one in addresses.items() if _is_met(client, pattern, one, met)}
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        yield {"role": visitor.role, "name": cookie.key, "session": cookie.value, "addresses": addresses}


def _is_met(client: Any, pattern: str, address: str, met: "Counter[str]") -> bool:
    """Tell whether attacks are shown at an address, unless enough functions met them there."""
    from tests.matrix.payloads import TAG

    if met[pattern] == SIMILAR and pattern not in OWN_PAGES:
        return False
    response = client.get(address, SERVER_NAME="127.0.0.1")
    shown = (
        response.status_code == 200 and "html" in response.headers["Content-Type"] and TAG in response.content.decode()
    )
    met[pattern] += shown
    return shown


if __name__ == "__main__":
    main()
