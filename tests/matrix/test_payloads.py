"""Hostile texts stored in every text of a person's story: no page makes anything but text of them, in any attribute either."""

import itertools
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db import connection, models
from django.urls import get_resolver

from accounts.access.doors import _routes
from accounts.kernel.actor import Role
from accounts.kernel.fields import EncryptedTextField
from tests.matrix.strangers import ids_of
from tests.matrix.world import APART, ARGUMENT, Place, Visitor, undone, word_for
from tests.support.roles import as_owner

pytestmark = pytest.mark.django_db

TAG = "xq"
OPENINGS = (
    "",
    '"',
    "'",
    '">',
    "'>",
    "</p>",
    "</textarea>",
    "</title>",
    "</script>",
    "-->",
    "]]>",
    "</option></select>",
    "&quot;>",
    "`",
)
BODIES = (
    f"<{TAG} onpointerover=alert(1)>", f"<{TAG}/onclick=alert(1)//", f"<img src=x class={TAG} onerror=alert(1)>", f"<svg class={TAG} onload=alert(1)>",
    f"<script class={TAG}>alert(1)</script>", f"<a class={TAG} href=javascript:alert(1)>a</a>", f"<iframe class={TAG} srcdoc='<b>'>",
    f"<math class={TAG}><mi xlink:href=javascript:alert(1)>", f" onfocus=alert(1) autofocus {TAG}=1 x=", f"<meta class={TAG} http-equiv=refresh content=0>",
    f"<form class={TAG} action=//e.example><input>", f"<base class={TAG} href=//e.example/>", f"{{{{ {TAG}|safe }}}}<{TAG}>", f"<style class={TAG}>@import '//e.example'</style>",
    f"<object class={TAG} data=//e.example>",
)  # fmt: skip
AT_ONCE = 5
"""How many payloads a text without a limit holds side by side."""
PAYLOADS = [opening + body for opening, body in itertools.product(OPENINGS, BODIES)]


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


def poison(ids, turn) -> int:
    """Write the payloads, in turn, into every free text of every row that hangs on the person; return how many were stored."""
    stored = 0
    for model in apps.get_models():
        texts = [one for one in model._meta.concrete_fields if is_free(one)]
        rows = model._default_manager.filter(pk__in=ids.get(model.__name__, ())).order_by("pk") if texts else ()
        for row in rows:
            for one in texts:
                if getattr(row, one.attname):
                    held = [next(turn) for _ in range(1 if one.max_length else AT_ONCE)]
                    setattr(row, one.attname, " ".join(held)[: one.max_length])
                    stored += len(held)
            models.Model.save(row)
    return stored


def our_routes() -> list[str]:
    return [
        pattern for pattern, view in _routes(get_resolver()) if hasattr(view, "door") and not pattern.startswith(APART)
    ]


def address_of(pattern, ids) -> str:
    return "/" + ARGUMENT.sub(lambda name: str(ids.get(name[2]) or word_for(name)), pattern)


def is_free(field) -> bool:
    return isinstance(field, EncryptedTextField) and not field.name.startswith("phone")


def test_two_hundred_payloads_are_shown_as_text(world):
    assert len(PAYLOADS) >= 200
    reader, pages, stored, found = Reader(), 0, 0, []
    visitor = Visitor(Role.PHYSICIAN, Place.TEAM)
    client, ids = world.client(visitor), world.ids_at(visitor.place)
    turn, asked = itertools.cycle(PAYLOADS), our_routes()
    with undone():
        drop_guards()
        while stored < len(PAYLOADS):
            stored += poison(ids_of(world), turn)
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


def drop_guards() -> None:
    """Append-only rows may be rewritten in this transaction, which is taken back: the attack is on the pages."""
    if connection.vendor == "postgresql":
        as_owner("SELECT set_config('session_replication_role', 'replica', true)")
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')


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


@pytest.mark.parametrize("role", [Role.PHYSICIAN, Role.COORDINATOR, Role.BED_MANAGER, Role.TECHNICAL_ADMIN])
def test_every_page_carries_its_headers(world, role):
    """What was found, what was refused and what was never there alike."""
    client, ids, wrong = world.client(Visitor(role, Place.TEAM)), world.ids_at(Place.TEAM), []
    for pattern in our_routes():
        address = address_of(pattern, ids)
        with undone():
            response = client.get(address)
        wrong += [
            f"{address}: {name}" for name, start in HEADERS.items() if start not in response.headers.get(name, "")
        ]
        policy = response.headers.get("Content-Security-Policy", "")
        wrong += [
            f"{address}: {word}" for word in ("unsafe-inline", "unsafe-eval", "http:", "https:", "*") if word in policy
        ]
        wrong += [
            f"{address}: no {word}"
            for word in ("frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'")
            if word not in policy
        ]
    assert not wrong, "\n".join(wrong)
