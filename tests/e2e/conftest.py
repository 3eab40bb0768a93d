"""One installation and one Chromium for the session; people who sign in as they would."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e import one_person
from tests.e2e.visitor import Visitor
from tests.support.installation import ROOT, Installation

PROGRAM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--lang=fr-FR",
]

SignIn = Callable[[str, str], Visitor]


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The demo territory on a fresh database, served on loopback."""
    installation = Installation(tmp_path_factory.mktemp("installation") / "home")
    installation.prepare()
    with installation.serving():
        yield installation


@pytest.fixture(scope="session")
def told(
    place: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Installation, dict[str, dict[str, Any]]]]:
    """An installation of its own with one person of everything, and each visitor by his function."""
    installation = Installation(tmp_path_factory.mktemp("one-person") / "home")
    place.copy_to(installation)
    found = json.loads(installation.run("-m", one_person.__name__).partition(one_person.READY)[2])
    with installation.serving():
        yield installation, {visit["role"]: visit for visit in found["visits"]}


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where the pictures of this run are kept."""
    folder = ROOT / "var" / "e2e"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium: the system's, or the one that CHROMIUM names."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAM_NAMES)), None)
    if program is None:
        pytest.fail("No Chromium found: install it, or name its program in CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=CHROMIUM, env={**os.environ, "LANGUAGE": "fr"}
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sign_in(place: Installation, chromium: Browser, pictures: Path) -> Iterator[SignIn]:
    """Sign somebody in at one of her structures, once; the same person is found again later."""
    accounts = place.accounts()
    present: dict[tuple[str, str], Visitor] = {}

    def enter(username: str, organisation: str) -> Visitor:
        key = (username, organisation)
        if key not in present:
            present[key] = Visitor(chromium, place.base, pictures=pictures).sign_in(accounts[key])
        return present[key]

    yield enter
    for visitor in present.values():
        visitor.context.close()
