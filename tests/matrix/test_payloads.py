"""Hostile texts stored in every text of a person's story: no page makes anything but text of them, in any attribute either."""

import itertools
from html.parser import HTMLParser

import pytest

from accounts.kernel.actor import Role
from tests.matrix.payloads import PAYLOADS, TAG, drop_guards, poison
from tests.matrix.strangers import ids_of
from tests.matrix.world import Place, Visitor, address_of, our_routes
from tests.support.undone import undone

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.thorough]

AT_ONCE = 5
"""How many payloads a text without a limit holds side by side."""


def is_ours(address: str) -> bool:
    """Tell whether an address stays on this site, or only dials."""
    return not address or (address.startswith(("/", "#", "?", "tel:")) and not address.startswith("//"))


class Reader(HTMLParser):
    """Finds what a payload became: an element, an attribute, an address that runs."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.texts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name.startswith("on") or name == TAG or (name == "class" and value == TAG):
                self.found.append(f"<{tag} {name}={value}>")
            leads = (value or "").strip().casefold()
            if name in ("href", "src", "action", "formaction") and TAG in leads and not is_ours(leads):
                self.found.append(f"<{tag} {name}={value}>")
        if tag == TAG:
            self.found.append(f"<{tag}>")

    def handle_data(self, data: str) -> None:
        self.texts += TAG in data


def test_two_hundred_payloads_are_shown_as_text(world):
    assert len(PAYLOADS) >= 200
    reader, pages, stored, found = Reader(), 0, 0, []
    visitor = Visitor(Role.PHYSICIAN, Place.TEAM)
    client, ids = world.client(visitor), world.ids_at(visitor.place)
    turn, asked = itertools.cycle(PAYLOADS), our_routes()
    with undone():
        drop_guards()
        while stored < len(PAYLOADS):
            stored += poison(ids_of(world), turn, at_once=AT_ONCE)
            drawn = []
            for pattern in asked:
                response = client.get(address_of(pattern, ids))
                if response.status_code == 200 and "html" in response.headers["Content-Type"]:
                    reader.reset()
                    reader.feed(response.content.decode())
                    found += [f"/{pattern}: {one}" for one in reader.found]
                    reader.found.clear()
                    pages += 1
                    drawn.append(pattern)
            asked = drawn
    assert not found, "\n".join(found)
    assert (pages >= 100, reader.texts >= 50) == (True, True), (stored, pages, reader.texts)


HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'",
}


def test_every_page_carries_its_headers(world):
    """What was found, what was refused and what was never there alike; each function asks for what those before it were not shown."""
    wrong, patterns = [], list(our_routes())
    for role in (Role.PHYSICIAN, Role.COORDINATOR, Role.BED_MANAGER, Role.TECHNICAL_ADMIN):
        client, ids = world.client(Visitor(role, Place.TEAM)), world.ids_at(Place.TEAM)
        refused = []
        for pattern in patterns:
            with undone():
                response = client.get(address_of(pattern, ids))
            wrong += [f"{role}, {pattern}: {one}" for one in _missing_from(response)]
            if response.status_code != 200:
                refused.append(pattern)
        assert len(refused) < len(patterns), role
        patterns = refused
    assert not wrong, "\n".join(wrong)


def _missing_from(response):
    policy = response.headers.get("Content-Security-Policy", "")
    yield from (name for name, start in HEADERS.items() if start not in response.headers.get(name, ""))
    yield from (word for word in ("unsafe-inline", "unsafe-eval", "http:", "https:", "*") if word in policy)
    yield from (
        f"no {word}"
        for word in ("frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'")
        if word not in policy
    )
