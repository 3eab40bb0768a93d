"""What only a real browser shows: nothing stored runs, nobody frames a page, nothing stays after leaving, no text becomes markup."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e import one_person
from tests.e2e.conftest import SignIn
from tests.e2e.visitor import Visitor
from tests.matrix.payloads import PAYLOADS, TAG
from tests.support.installation import Installation

WATCH = """
addEventListener('securitypolicyviolation', (event) => {
  (window.reports ??= []).push(event.effectiveDirective + ' ' + event.blockedURI + ' ' + event.sample);
});
"""
"""Counts what the policy of a page refused; put there before anything of the page."""
LOOK = f"""() => ({{
  ran: 'ran' in window,
  reports: window.reports ?? [],
  live: [...document.querySelectorAll('{TAG}, .{TAG}, [{TAG}]')].map((node) => node.outerHTML.slice(0, 200)),
  handlers: [...document.querySelectorAll('*')].flatMap((node) => node.getAttributeNames())
    .filter((name) => name.startsWith('on')),
  said: document.documentElement.textContent
    + [...document.querySelectorAll('input, textarea')].map((node) => node.value).join(' '),
}})"""
IMAGE = "<img src=x onerror=top.ran=alert(1)>"
PERSON = "gestionnaire1.dijon", "DAC Côte-d’Or (fictif)"


@dataclass(slots=True)
class Watched:
    """One page that is watched: what it said in dialogs and on its console, where it went."""

    page: Page
    dialogs: int = 0
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def watched(context: BrowserContext) -> Watched:
    """Open a page that tells everything."""
    context.add_init_script(WATCH)
    seen = Watched(context.new_page())

    def dialog(shown: Any) -> None:
        seen.dialogs += 1
        shown.dismiss()

    seen.page.on("dialog", dialog)
    seen.page.on("console", lambda message: seen.console.append(message.text) if message.type == "error" else None)
    seen.page.on("pageerror", lambda error: seen.console.append(str(error)))
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    return seen


@pytest.fixture(scope="module")
def poisoned(
    place: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Installation, dict[str, Any]]]:
    """An installation of its own, in which one person is written all over with attacks."""
    installation = Installation(tmp_path_factory.mktemp("poisoned") / "home")
    place.copy_to(installation)
    told = json.loads(installation.run("-m", one_person.__name__, one_person.POISONED).partition(one_person.READY)[2])
    with installation.serving():
        yield installation, told


@contextmanager
def page_elsewhere(html: str) -> Iterator[str]:
    """Serve one page from another origin on loopback and give its address."""

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def test_an_attack_that_runs_is_noticed(chromium: Browser) -> None:
    """The watch itself: the same payloads on a page without a policy do run."""
    context = chromium.new_context()
    seen = watched(context)
    with page_elsewhere(f"<!doctype html><title>x</title><p>{IMAGE}</p><{TAG}></{TAG}>") as address:
        seen.page.goto(address)
        seen.page.wait_for_function("'ran' in window")
    found = seen.page.evaluate(LOOK)
    assert (seen.dialogs, found["ran"], len(found["live"]), found["handlers"]) == (1, True, 1, ["onerror"])
    context.close()


def test_stored_attacks_are_only_read(
    poisoned: tuple[Installation, dict[str, Any]], chromium: Browser, record_property: Any
) -> None:
    """Each role looks at every page on which it meets them: no dialog, no run, no report, nothing fetched elsewhere."""
    installation, told = poisoned
    said, views, wrong = "", 0, []
    for visit in told["visits"]:
        context = chromium.new_context(locale="fr-FR", reduced_motion="reduce")
        context.add_cookies([{"name": visit["name"], "value": visit["session"], "url": installation.base}])
        seen = watched(context)
        for address in visit["addresses"].values():
            answer = seen.page.goto(installation.base + address)
            found = seen.page.evaluate(LOOK)
            assert answer is not None
            if answer.status != 200 or found["ran"] or found["reports"] or found["live"] or found["handlers"]:
                wrong.append((visit["role"], address, answer.status, {**found, "said": ""}))
            said, views = said + found["said"], views + 1
        foreign = [url for url in seen.requests if not url.startswith((installation.base + "/", "data:"))]
        wrong += [(visit["role"], one) for one in (*seen.console, *foreign)] + [visit["role"]] * seen.dialogs
        context.close()
    missing = [one for one in PAYLOADS if one.replace("alert(1)", "top.ran=alert(1)") not in said]
    record_property("views", views)
    print(f"{told['stored']} texts stored, {len(PAYLOADS)} payloads, {views} views, {len(wrong)} wrong")
    assert not wrong, "\n".join(map(str, wrong))
    assert not missing, f"{len(missing)} payloads were never met: {missing[:5]}"
    assert {"medecin", "gestionnaire_dac", "travailleur_social", "cadre_structure", "samu_regulateur"} <= {
        one["role"] for one in told["visits"] if one["addresses"]
    }


def test_nobody_frames_a_page(place: Installation, sign_in: SignIn, chromium: Browser) -> None:
    """A page of another origin that frames ours shows nothing of it, signed in or not."""
    me = sign_in(*PERSON)
    framed = "".join(f"<iframe src='{place.base}{path}'></iframe>" for path in ("/", "/connexion/", "/structures/"))
    with page_elsewhere(f"<!doctype html><title>x</title>{framed}<iframe src='about:blank'></iframe>") as address:
        page = me.context.new_page()
        refusals: list[str] = []
        page.on("console", lambda message: refusals.append(message.text))
        page.goto(address)
        page.wait_for_timeout(500)
        frames = [frame for frame in page.frames if frame.parent_frame]
        assert len(frames) == 4
        for frame in frames:
            assert "Coordination PPA" not in frame.content(), frame.url
            assert not frame.url.startswith(place.base), frame.url
        assert len([one for one in refusals if "frame-ancestors" in one]) == 3, refusals
        page.close()


def test_the_way_back_after_leaving_shows_nobody(
    place: Installation, chromium: Browser, pictures: Any, sign_in: SignIn
) -> None:
    """Once somebody has signed out, neither the back button nor the history brings a page back."""
    account = next(row for key, row in place.accounts().items() if key == ("gestionnaire2.dijon", PERSON[1]))
    me = Visitor(chromium, place.base, pictures=pictures).sign_in(account)
    name = account["name"]
    me.open("/dossiers/").reads(name)
    me.open("/").reads(name)
    me.page.get_by_role("button", name="Se déconnecter").first.click()
    me.page.wait_for_load_state()
    assert name not in me.page.content()
    for _ in range(2):
        me.page.go_back()
        me.page.wait_for_load_state()
        assert name not in me.page.content(), me.where
        assert re.match(r"/(connexion|compte/deconnexion)/", me.where), me.where
    me.context.close()


def test_no_text_becomes_markup(place: Installation, sign_in: SignIn) -> None:
    """Trusted Types: each way of making an element of a text is refused, and reported, on a page of ours."""
    me = sign_in(*PERSON)
    page = me.context.new_page()
    page.add_init_script(WATCH)
    page.goto(place.base + "/structures/")
    tries = {
        "innerHTML": "document.body.innerHTML = text",
        "insertAdjacentHTML": "document.body.insertAdjacentHTML('beforeend', text)",
        "srcdoc": "document.createElement('iframe').srcdoc = text",
        "script text": "document.createElement('script').text = 'top.ran = 1'",
        "script address": "document.createElement('script').src = '/static/x.js'",
        "setTimeout": "setTimeout('top.ran = 1')",
        "document.write": "document.write(text)",
        "a policy of its own": "trustedTypes.createPolicy('mine', {createHTML: (given) => given})",
        "htmx": "htmx.swap(document.body, text, {swapStyle: 'beforeend'})",
    }
    let_through = [
        name
        for name, code in tries.items()
        if page.evaluate(f"(text) => {{ try {{ {code}; return true }} catch (error) {{ return false }} }}", IMAGE)
    ]
    page.wait_for_timeout(200)
    assert not let_through
    assert not page.evaluate("'ran' in window || !!document.querySelector('img[onerror]')")
    assert len(page.evaluate("window.reports")) >= len(tries) - 1
    page.close()


def test_a_live_region_still_lives(poisoned: tuple[Installation, dict[str, Any]], chromium: Browser) -> None:
    """The one place where a text becomes markup: what htmx has just received from us, after half a minute."""
    installation, told = poisoned
    visit = next(one for one in told["visits"] if one["role"] == "medecin")
    address = visit["addresses"]["alertes/<uuid:alert_id>/"]
    context = chromium.new_context(locale="fr-FR")
    context.add_cookies([{"name": visit["name"], "value": visit["session"], "url": installation.base}])
    seen = watched(context)
    seen.page.clock.install()
    seen.page.goto(installation.base + address)
    seen.page.locator("#chronometre > *").first.evaluate("(node) => node.setAttribute('data-before', '')")
    with seen.page.expect_response(lambda answer: "chronometre" in answer.url or "horloge" in answer.url):
        seen.page.clock.run_for(31_000)
    seen.page.locator("#chronometre > [data-before]").wait_for(state="detached")
    assert seen.page.locator("#chronometre > *").count()
    assert (seen.console, seen.page.evaluate("window.reports ?? []")) == ([], [])
    context.close()
