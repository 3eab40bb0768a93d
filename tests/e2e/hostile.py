"""Fills an installation with one person whose every free text is an attack, and says who may look at it and where.

Run in the environment of an installation that is thrown away: its guards against rewriting are taken off.
"""

import itertools
import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import django

READY = "READY"
AT_ONCE = 70
"""How many payloads a text without a limit holds side by side."""
OWN_PAGES = ("", "personnes/<uuid:person_id>/", "demandes/lignes/<uuid:line_id>/")
SIMILAR = 2
"""How many functions look at the same page; those in `OWN_PAGES` differ for each."""


def main() -> None:
    """Write the attacks and print, as JSON, the session of each visitor and the addresses on which he meets them."""
    django.setup()

    from accounts.kernel.wall import Reason, seeing_everything
    from tests.matrix.payloads import PAYLOADS, drop_guards, poison
    from tests.matrix.strangers import ids_of
    from tests.matrix.world import World

    with seeing_everything(Reason.VOLUME):
        world = World()

        drop_guards()
        turn = (payload.replace("alert(1)", "top.ran=alert(1)") for payload in itertools.cycle(PAYLOADS))
        stored = poison(ids_of(world), turn, at_once=AT_ONCE)
    found = {"stored": stored, "person": str(world.story.person_id), "visits": list(_visits(world))}

    print(READY + json.dumps(found))


def _visits(world: Any) -> Iterator[dict[str, Any]]:
    from django.conf import settings

    from accounts.kernel.actor import Role
    from tests.matrix.payloads import TAG
    from tests.matrix.world import Place, Visitor, address_of, our_routes

    visitors = (
        Visitor(Role.PHYSICIAN, Place.TEAM), Visitor(Role.COORDINATOR, Place.COORDINATION), Visitor(Role.SOCIAL_WORKER, Place.COORDINATION),
        Visitor(Role.BED_MANAGER, Place.ASKED), Visitor(Role.EMERGENCY_DISPATCHER, Place.EMERGENCY), Visitor(Role.PRIVACY_OFFICER, Place.TEAM),
    )  # fmt: skip
    looked_at: Counter[str] = Counter()
    for visitor in visitors:
        client, ids = world.client(visitor), world.ids_at(visitor.place)
        addresses = []
        for pattern in our_routes():
            if looked_at[pattern] == SIMILAR and pattern not in OWN_PAGES:
                continue
            response = client.get(address_of(pattern, ids), SERVER_NAME="127.0.0.1")
            drawn = response.status_code == 200 and "html" in response.headers["Content-Type"]
            if drawn and TAG in response.content.decode():
                addresses.append(address_of(pattern, ids))
                looked_at[pattern] += 1
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        yield {"role": visitor.role, "name": cookie.key, "session": cookie.value, "addresses": addresses}


if __name__ == "__main__":
    main()
    sys.exit(0)
