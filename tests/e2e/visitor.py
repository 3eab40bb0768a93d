"""One person at work in a real browser, who looks at each page with care."""

import re
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, ViewportSize

from accounts.authentication.rules import STEP_SECONDS
from tests.support.browser import totp

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
ACCESSIBLE = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
TITLE_END = " — Coordination PPA"
NOT_FRENCH = re.compile(
    r"\b(the|and|with|without|your|you|please|submit|password|username|log ?in|log ?out|sign ?in|this|that|from|save|delete|search"
    r"|next|previous|required|field|error|none|null|undefined|nan|true|false|loading|cancel|home|settings|unknown|draft"
    r"|pending|completed|expired|expirée?)\b|\{\{|\{%|%\(|&lt;|&amp;|urn:|__",
    re.IGNORECASE,
)
CLICKED = frozenset({"radio", "checkbox", "select", "file"})
SAID = """() => [document.body.innerText, ...[...document.querySelectorAll('[aria-label],[placeholder],[title],[alt]')]
    .filter(node => node.checkVisibility())
    .flatMap(node => ['aria-label', 'placeholder', 'title', 'alt'].map(name => node.getAttribute(name)).filter(Boolean))].join('\\n')"""
LEVELS = "nodes => nodes.map(node => Number(node.tagName[1]))"
WIDER_THAN_SCREEN = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] : [...document.querySelectorAll('body *')]
    .filter(node => node.getBoundingClientRect().right > window.innerWidth + 1)
    .map(node => node.tagName + '.' + node.className).slice(-4)"""


class Visitor:
    """A signed-in person; `clicks` counts links followed, buttons pressed, boxes ticked and choices made, never what is typed."""

    def __init__(self, chromium: Browser, base: str, *, pictures: Path) -> None:
        self.base, self.pictures = base, pictures
        self.context = chromium.new_context(
            viewport=DESKTOP, locale="fr-FR", timezone_id="Europe/Paris", reduced_motion="reduce"
        )
        self.context.set_default_timeout(8_000)
        self.page: Page = self.context.new_page()
        self.clicks = 0
        self.faults: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.where}: {error}"))

    def _note(self, message: ConsoleMessage) -> None:
        refused_form = "status of 422" in message.text
        if message.type in ("error", "warning") and not refused_form:
            self.faults.append(f"{self.where}: {message.text}")

    @property
    def where(self) -> str:
        """The path of the present page."""
        return self.page.url.removeprefix(self.base)

    @property
    def main(self) -> Locator:
        """What the page is about, without the navigation."""
        return self.page.locator("main")

    def sign_in(self, account: Mapping[str, str]) -> "Visitor":
        """Give the password, the code, and choose for whom one works now when that is asked."""
        self.open("/connexion/")
        self.page.fill("[name=login]", account["username"])
        self.page.fill("[name=password]", account["password"])
        self.press("Continuer")
        self._give_code(account)
        if self.where.startswith("/connexion/code/"):  # a code counts once, and this account has just come in with it
            self.page.wait_for_timeout(1000 * (STEP_SECONDS - time.time() % STEP_SECONDS))
            self._give_code(account)
        if self.where.startswith("/compte/situation/"):
            self.press(f"Choisir {account['organisation']}")
        self.clicks = 0
        return self

    def come_as(self, visit: Mapping[str, Any]) -> "Visitor":
        """Come with a session that is open already."""
        self.context.add_cookies([{"name": visit["name"], "value": visit["session"], "url": self.base}])
        return self

    def _give_code(self, account: Mapping[str, str]) -> None:
        self.page.fill("[name=code]", totp(account["totp_secret"]))
        self.press("Se connecter")

    def open(self, path: str) -> "Visitor":
        """Go to an address without a click, as from a bookmark."""
        answer = self.page.goto(self.base + path)
        assert answer is not None, f"{path}: no answer"
        assert answer.status == 200, f"{path}: {answer.status}"
        return self

    def follow(self, label: str) -> "Visitor":
        """Click the first visible link that says `label`."""
        return self._activate(self._named("link", label))

    def follow_to(self, end: str) -> "Visitor":
        """Click the first link whose address ends so: for links that say the same in several places."""
        return self._activate(self.main.locator(f"a[href$='{end}']").first)

    def press(self, label: str) -> "Visitor":
        """Press the first visible button that says `label`."""
        return self._activate(self._named("button", label))

    def unfold(self, label: str) -> "Visitor":
        """Open a folded part of the page."""
        self.main.locator("summary", has_text=label).first.click()
        self.clicks += 1
        return self

    def fill(self, **values: Any) -> "Visitor":
        """Fill fields by name: text or a choice; True ticks a box."""
        for name, value in values.items():
            field = self.main.locator(f"[name='{name}']")
            kind = field.first.evaluate("node => node.tagName === 'SELECT' ? 'select' : node.type")
            if kind == "radio":
                self.main.locator(f"[name='{name}'][value='{value}']").check()
            elif kind == "checkbox":
                field.first.check()
            elif kind == "select":
                field.select_option(value)
            elif kind == "file":
                field.set_input_files(value)
            else:
                field.fill(value)
            self.clicks += kind in CLICKED
        return self

    def reads(self, *sentences: str) -> "Visitor":
        """Fail unless the page says each sentence."""
        said = _plain(self.page.inner_text("body"))
        for sentence in sentences:
            assert sentence in said, f"« {sentence} » is not on {self.where}: {said[:1500]}"
        return self

    def look(self, picture: str = "") -> "Visitor":
        """Check the page as it stands on a desk and on a phone; keep a picture of both under a name."""
        self._check_words()
        self._check_width("desktop")
        self._check_accessibility("desktop")
        if picture:
            self.keep(picture)
        self.page.set_viewport_size(PHONE)
        self._check_width("phone")
        if picture:
            self.keep(f"{picture}-phone")
        self.page.set_viewport_size(DESKTOP)
        assert not self.faults, "\n".join(self.faults)
        return self

    def look_on_phone(self, picture: str = "") -> "Visitor":
        """Check accessibility of what only a phone shows, its menu open."""
        self.page.set_viewport_size(PHONE)
        self.page.locator(".topbar summary").click()
        self._check_accessibility("phone")
        self._check_width("phone")
        if picture:
            self.keep(picture)
        self.page.locator(".topbar summary").click()
        self.page.set_viewport_size(DESKTOP)
        return self

    def keep(self, picture: str, *, folder: Path | None = None) -> None:
        """Keep what the screen shows now, from its top."""
        self.page.evaluate("() => { window.scrollTo(0, 0); document.activeElement?.blur(); }")
        (folder or self.pictures).mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=(folder or self.pictures) / f"{picture}.png")

    def _check_words(self) -> None:
        title, heads = self.page.title(), self.page.locator("h1").count()
        assert re.fullmatch(f".+{TITLE_END}", title), f"{self.where}: title {title!r}"
        assert heads == 1, f"{self.where}: {heads} first headings"
        levels = self.main.locator(":is(h1, h2, h3, h4, h5, h6):visible").evaluate_all(LEVELS)
        skipped = [one for before, one in pairwise(levels) if one > before + 1]
        assert not skipped, f"{self.where}: headings {levels}"
        assert self.page.locator("html").get_attribute("lang") == "fr"
        said = self.page.evaluate(SAID)
        left = {found[0] for found in NOT_FRENCH.finditer(said)}
        assert not left, f"{self.where}: not French: {left} in {said[:600]}"

    def _check_width(self, screen: str) -> None:
        wide = self.page.evaluate(WIDER_THAN_SCREEN)
        assert not wide, f"{self.where} scrolls sideways on a {screen}: {wide}"

    def _check_accessibility(self, screen: str) -> None:
        found = Axe().run(self.page, options=ACCESSIBLE)
        assert not found.violations_count, f"{self.where} on a {screen}: {_short(found.response['violations'])}"

    def _named(self, role: Any, label: str) -> Locator:
        exact = self.page.get_by_role(role, name=label, exact=True)
        either = exact.or_(self.page.get_by_role(role, name=label))
        inside = self.main.get_by_role(role, name=label, exact=True)
        if inside.count():
            return inside.first
        return (
            self.main.get_by_role(role, name=label) if self.main.get_by_role(role, name=label).count() else either
        ).first

    def _activate(self, control: Locator) -> "Visitor":
        control.click()
        self.page.wait_for_load_state()
        self.clicks += 1
        return self


def _plain(text: str) -> str:
    return " ".join(text.replace("\xa0", " ").replace("\u202f", " ").split())


def _short(violations: list[dict[str, Any]]) -> list[tuple[str, str, list[str]]]:
    return [(each["id"], each["help"], [node["html"][:200] for node in each["nodes"][:4]]) for each in violations]
