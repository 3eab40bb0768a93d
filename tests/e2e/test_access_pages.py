"""The pages of access and proof about one person, each as the function that uses it, on a desk and on a phone."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.visitor import Visitor
from tests.support.installation import Installation

PERSON = "personnes/<uuid:person_id>/"
PAGES = {
    "gestionnaire_dac": (
        PERSON, f"{PERSON}cercle/", f"{PERSON}cercle/accord/", f"{PERSON}cercle/refus/", f"{PERSON}cercle/inviter/", f"{PERSON}acces/",
        "droits/<uuid:person_id>/", "urgence/prevenir/", "urgence/prevenir/<uuid:notice_id>/", "compte/sessions/",
        f"{PERSON}apres/", f"{PERSON}apres/souhaits/", f"{PERSON}apres/contacts/<uuid:contact_id>/", f"{PERSON}proches/",
        f"{PERSON}proches/<uuid:relative_id>/", "proches-a-rappeler/",
    ),
    "medecin": (f"{PERSON}cercle/", f"{PERSON}acces/<uuid:handed_id>/", "personnes/identites/"),
    "travailleur_social": ("", PERSON, f"{PERSON}plan/social/", f"{PERSON}cercle/"),
    "benevole_accompagnement": ("", PERSON, "visites/personnes/<uuid:person_id>/"),
    "samu_regulateur": ("", "urgence/", PERSON),
    "referent_confidentialite": ("conservation/", "journal/structure/", "journal/relecture/", "urgence/revue/", "droits/copies/"),
    "gestionnaire_habilitations": ("comptes/", "comptes/nouveau/", "comptes/revue/", "comptes/voir-comme/"),
}  # fmt: skip


@pytest.mark.parametrize("role", PAGES)
def test_pages_of_access(
    told: tuple[Installation, dict[str, dict[str, Any]]], chromium: Browser, pictures: Any, role: str
) -> None:
    installation, visits = told
    visit = visits[role]
    me = Visitor(chromium, installation.base, pictures=pictures).come_as(visit)
    for pattern in PAGES[role]:
        name = pattern.replace(PERSON, "personne-").replace("/", "-").strip("-")
        me.open(visit["addresses"][pattern]).look(f"{role}-{name}")
    me.context.close()
