"""Everyone signs in, sees a desk of her own, and no link of it leads nowhere."""

import pytest

from tests.e2e.conftest import SignIn

HOSPITAL = "Centre hospitalier des Trois-Sources (fictif)"
PEOPLE = [
    ("gestionnaire2.dijon", "DAC Côte-d’Or (fictif)"),
    ("medecin.dijon", "Pneumologie – Dijon (fictif)"),
    ("infirmier.dijon", "Médecine polyvalente – Dijon (fictif)"),
    ("cadre.dijon", "Gériatrie aiguë – Dijon (fictif)"),
    ("social.dijon", "DAC Côte-d’Or (fictif)"),
    ("regulateur.dijon", "SAMU 21 (fictif)"),
    ("lecteur.ars", "Agence régionale de santé de démonstration (fictif)"),
    ("confidentialite.dijon", HOSPITAL),
    ("habilitations.dijon", HOSPITAL),
    ("admin.technique", "Groupement régional d’e-santé de démonstration (fictif)"),
]
SAME_FOR_ALL = {"/structures/", "/compte/securite/"}


@pytest.mark.parametrize(("username", "organisation"), PEOPLE, ids=[username for username, _ in PEOPLE])
def test_a_desk_and_its_links(sign_in: SignIn, username: str, organisation: str) -> None:
    me = sign_in(username, organisation)
    me.open("/").reads(organisation).look(f"desk-{username}")
    me.look_on_phone(f"menu-{username}")
    addresses = links(me)
    assert addresses, "a desk without any link"
    for address in addresses:
        me.open(address)
        if address in SAME_FOR_ALL and username != PEOPLE[0][0]:
            continue
        me.look(f"{username}{address.split('?')[0].replace('/', '-').rstrip('-')}")


def links(me) -> list[str]:
    """Return the site's own addresses linked from the present page, each once."""
    found = me.page.eval_on_selector_all("a[href]", "nodes => nodes.map(node => node.getAttribute('href'))")
    return sorted(
        {address for address in found if address.startswith(("/", "?")) and not address.startswith("/galerie")}
    )
