"""What is typed on a topic is found again after the page was lost, without a click to save it."""

from typing import Any

from playwright.sync_api import Browser, expect

from tests.e2e.visitor import Visitor
from tests.support.installation import Installation

TOPIC = "personnes/<uuid:person_id>/plan/themes/<slug:code>/"
BEGUN = "Elle voudrait revoir le jardin, avec Tancrède."


def test_what_is_typed_is_found_again_after_the_page_was_lost(
    told: tuple[Installation, dict[str, dict[str, Any]]], chromium: Browser, pictures: Any
) -> None:
    installation, visits = told
    visit = visits["gestionnaire_dac"]
    topic = visit["addresses"][TOPIC]
    me = Visitor(chromium, installation.base, pictures=pictures).come_as(visit)
    me.open(topic)
    text = me.page.locator("[name=text]")
    before = text.input_value()
    text.focus()
    me.page.keyboard.press("Control+End")
    me.page.keyboard.type(BEGUN)
    expect(me.page.locator(".autosave-word")).to_contain_text("Brouillon gardé")
    assert text.evaluate("node => node === document.activeElement"), "typing goes on while it is kept"
    me.look("draft-kept")

    me.open(topic).reads("Vous aviez commencé un texte le").look("draft-offered")
    assert me.page.locator("[name=text]").input_value() == before
    me.follow("Le reprendre").reads("Vous reprenez le texte commencé le")
    assert me.page.locator("[name=text]").input_value() == before + BEGUN
    me.look("draft-resumed")
    me.press("Enregistrer").reads("Le thème est enregistré.")
    me.open(topic)
    assert "Vous aviez commencé" not in me.page.inner_text("body")

    me.page.locator("[name=text]").fill("À oublier")
    me.page.locator("[name=text]").blur()
    expect(me.page.locator(".autosave-word")).to_contain_text("Brouillon gardé")
    me.open(topic).press("L’oublier").reads("C’est oublié.")
    assert me.page.locator("[name=text]").input_value() == before + BEGUN
    me.context.close()
