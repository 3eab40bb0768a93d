"""The pages about one person, each as the function that uses it, on a desk and on a phone: her rights, her plan, her wishes."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.e2e.visitor import PHONE, Visitor
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


PLAN, SHEET, DIRECTIVE = f"{PERSON}plan/", f"{PERSON}fiche-urgence/", f"{PERSON}directives/<uuid:directive_id>/"
CRISIS, DECISION = f"{PERSON}conduites/<uuid:crisis_id>/", f"{PERSON}decisions/<uuid:decision_id>/"
STAY = "sejours/<uuid:stay_id>/"
CARE = {
    "wishes": (
        f"{PERSON}annonces/nouvelle/", f"{PERSON}annonces/<uuid:announcement_id>/", f"{PERSON}annonces/proposition/<uuid:proposal_id>/",
        f"{PERSON}directives/", f"{PERSON}directives/nouvelles/", DIRECTIVE, f"{DIRECTIVE}confirmer/", f"{DIRECTIVE}revoquer/", f"{DIRECTIVE}lecteurs/",
        f"{PERSON}confiance/", f"{PERSON}confiance/designer/", f"{PERSON}confiance/<uuid:designation_id>/",
        f"{PERSON}confiance/<uuid:designation_id>/inviter/", f"{PERSON}contradictions/",
        f"{PERSON}decisions/", DECISION, f"{DECISION}recherche/", f"{DECISION}decision/", f"{PERSON}decisions/ouvrir/<slug:kind>/",
    ),
    "plan": (
        PLAN, f"{PLAN}themes/<slug:code>/", f"{PLAN}besoins/nouveau/", f"{PLAN}actions/", f"{PLAN}actions/<uuid:action_id>/",
        f"{PLAN}conversations/", f"{PLAN}lieux/", f"{PLAN}accord/", f"{PLAN}accord/retirer/", f"{PLAN}relecture/", f"{PLAN}remise/",
        f"{PLAN}versions/", f"{PLAN}versions/<int:number>/", f"{PLAN}versions/<int:number>/comparer/<int:other>/",
        f"{PERSON}conduites/", f"{PERSON}conduites/nouvelle/", CRISIS, f"{CRISIS}prescrire/",
        f"{PLAN}actions/<uuid:action_id>/suivi/", "actions-confiees/confier/<uuid:person_id>/<uuid:action_id>/",
        "actions-confiees/<uuid:entrusted_id>/", "actions-confiees/",
    ),
    "admission": ("", STAY, f"{STAY}directives-et-confiance/", f"{STAY}directives-et-confiance/noter/", "sejours/", "plans-a-relire/"),
    "sheet": (
        PERSON, SHEET, f"{SHEET}rediger/", f"{SHEET}signer/", f"{SHEET}retrouver/", f"{SHEET}versions/<uuid:sheet_version_id>/",
        f"{SHEET}detenteurs/nouveau/", f"{SHEET}detenteurs/<uuid:holder_id>/remplacer/", f"{SHEET}detenteurs/<uuid:holder_id>/reprendre/",
        "fiche/<uuid:sheet_version_id>/", "fiche/verifier/",
        f"{PERSON}evaluations/", f"{PERSON}evaluations/<uuid:assessment_id>/", f"{PERSON}evaluations/noter/<slug:scale_code>/",
    ),
}  # fmt: skip
"""What a physician of the team opens of the person's plan, wishes and emergency sheet."""
OUT_OF_SIGHT = """nodes => nodes.map(node => [node.getBoundingClientRect(), node.innerText])
    .filter(([box]) => box.left < 0 || box.right > window.innerWidth).map(([, text]) => text)"""


@pytest.mark.parametrize("part", CARE)
def test_pages_of_care(
    told: tuple[Installation, dict[str, dict[str, Any]]], chromium: Browser, pictures: Any, part: str
) -> None:
    installation, visits = told
    visit = visits["medecin"]
    me = Visitor(chromium, installation.base, pictures=pictures).come_as(visit)
    for pattern in CARE[part]:
        name = pattern.replace(PERSON, "personne-").replace("/", "-").strip("-")
        me.open(visit["addresses"][pattern]).look(f"{part}-{name}")
    me.context.close()


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


@pytest.mark.parametrize("role", ["medecin", "gestionnaire_dac", "samu_regulateur", "benevole_accompagnement"])
def test_the_banner_leaves_a_phone_to_the_page(
    told: tuple[Installation, dict[str, dict[str, Any]]], chromium: Browser, pictures: Any, role: str
) -> None:
    installation, visits = told
    me = Visitor(chromium, installation.base, pictures=pictures).come_as(visits[role])
    for pattern in (PERSON, f"{PERSON}cercle/"):
        me.page.set_viewport_size(PHONE)
        me.open(visits[role]["addresses"][pattern])
        height = me.page.evaluate("document.querySelector('.identity').offsetHeight")
        assert height <= PHONE["height"] / 4, f"{me.where}: the banner takes {height} px"
        hidden = me.page.eval_on_selector_all(".identity :is(.tag-crit, .tag-warn)", OUT_OF_SIGHT)
        assert not hidden, f"{me.where}: {hidden}"
        me.look_on_phone(f"banner-{role}")
    me.context.close()
