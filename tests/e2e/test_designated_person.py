"""The designated person, on her own phone: the link of the e-mail, the code by voice, the guide, her answer."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.visitor import Visitor
from tests.support.installation import Installation

MAIL_SECONDS = 20
INVITE = "personnes/<uuid:person_id>/confiance/<uuid:designation_id>/inviter/"


def test_she_reads_the_guide_and_answers(
    told: tuple[Installation, dict[str, dict[str, Any]]], chromium: Browser, pictures: Any
) -> None:
    installation, visits = told
    nurse = Visitor(chromium, installation.base, pictures=pictures).come_as(visits["medecin"])
    nurse.open(visits["medecin"]["addresses"][INVITE]).fill(email="proche@example.test")
    nurse.press("Envoyer le lien").look("acceptance-invited")
    code = nurse.page.inner_text(".big-code")
    nurse.context.close()
    she = Visitor(chromium, installation.base, pictures=pictures)
    link = _sent(installation)
    she.open(link).look("acceptance-open")
    she.fill(code="0000 0000").press("Ouvrir").reads("Ce code n’est pas le bon").look("acceptance-wrong-code")
    she.fill(code=code).press("Ouvrir").reads("Être personne de confiance").look("acceptance-guide")
    she.fill(accepts="yes", name="Capucine Essai").press("Envoyer ma réponse")
    she.reads("Seule une personne majeure").look("acceptance-minor")
    she.fill(is_adult=True).press("Envoyer ma réponse").reads("Il reste à signer").look("acceptance-answered")
    with pytest.raises(AssertionError, match="404"):
        she.open(link)
    she.reads("Ce lien ne s’ouvre plus", "Appelez l’équipe").keep("acceptance-over")
    she.context.close()


def _sent(installation: Installation) -> str:
    deadline = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < deadline:
        said = "".join(mail.read_text() for mail in (installation.folder / "mails").glob("*"))
        if found := re.findall(r"http://\S+?(/confiance/reponse/\S+)", said):
            return str(found[-1])
        time.sleep(0.1)
    pytest.fail("The e-mail was never sent.")
