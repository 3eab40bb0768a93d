"""The main job by hand, from the announcement to the death of the person, each page looked at on a desk and on a phone.

UPDATE_SCREENSHOTS=1 also keeps the pictures that the README shows.
"""

import os
from datetime import timedelta

import pytest

from accounts.kernel.clock import today
from tests.e2e.conftest import SignIn
from tests.e2e.visitor import PHONE, Visitor
from tests.support.installation import ROOT

SHOWN_IN_README = ROOT / "docs" / "screenshots"
HEAVIEST_PICTURE = 250_000
MOST_CLICKS_TO_AGREEMENT = 12
MOST_CLICKS_TO_SIGN = 2
MOST_CLICKS_TO_DIRECTIVES = 6
DIRECTIVES_STEPS = 4
DIRECTIVES_FILE = ROOT / "tests" / "scenario" / "inputs" / "directives.pdf"

DAC = ("gestionnaire1.dijon", "DAC Côte-d’Or (fictif)")
ONCOLOGY = ("medecin.dijon", "Oncologie – Dijon (fictif)")
UNIT = ("cadre.dijon", "Unité de soins palliatifs – Dijon (fictif)")
SECOND = ("cadre.auxonne", "Oncologie – Auxonne (fictif)")
THIRD = ("cadre.chatillon-sur-seine", "Médecine polyvalente – Châtillon-sur-Seine (fictif)")
ASKED = [organisation for _, organisation in (UNIT, SECOND, THIRD)]
RAPID_TEAM = ("infirmier.had.dijon", "ERI-SP Côte-d’Or (fictif)")


@pytest.fixture(scope="module")
def before() -> str:
    """The day before, as a date field takes it."""
    return (today() - timedelta(days=1)).isoformat()


def show(me: Visitor, name: str, *, on_phone: bool = False) -> None:
    """Keep a picture for the README when asked, light enough for a page."""
    if os.environ.get("UPDATE_SCREENSHOTS") != "1":
        return
    if on_phone:
        me.page.set_viewport_size(PHONE)
    me.keep(name, folder=SHOWN_IN_README)
    assert (SHOWN_IN_README / f"{name}.png").stat().st_size <= HEAVIEST_PICTURE


def test_the_main_job_by_hand(sign_in: SignIn, before: str) -> None:
    physician = sign_in(*ONCOLOGY)
    person = announcement(physician, before)

    coordinator = sign_in(*DAC)
    plan(coordinator, person)
    signature(physician, person)
    directives(physician, person, before)
    trusted_person(coordinator, person, before)

    request = demand(coordinator, person)
    refusal(sign_in(*THIRD))
    agreement(sign_in(*SECOND))
    unit = sign_in(*UNIT)
    admission(unit, coordinator, request)
    discharge(unit)
    alert(coordinator, sign_in(*RAPID_TEAM), person)
    coordinator.open(person).look("person")
    show(coordinator, "person")
    show(coordinator, "phone", on_phone=True)
    death(coordinator, person)


def announcement(me: Visitor, before: str) -> str:
    """Given a person nobody knows yet, when the physician registers her and announces, then a plan is proposed."""
    me.open("/").look("physician-desk")
    me.follow("Enregistrer une personne").fill(birth_name="VALDORIANE").press("Enregistrer").look("register-refused")
    me.fill(
        birth_name="VALDORIANE", birth_given_names="Ysoline Maë", birth_date="1954-06-18", sex="female", birthplace="21231",
        ins="254062123110431", phone="06 39 98 12 34", street="3 allée des Fauvettes-Imaginaires", postal_code="21000", city="Dijon",
    ).press("Enregistrer")  # fmt: skip
    me.look("person-new").reads("VALDORIANE", "INS")
    person = me.where
    me.follow("Noter une annonce").look("announcement-new")
    me.fill(
        diagnosis_label="Cancer du pancréas avancé", diagnosis_code="C25.9", present="Son fils Tancrède",
        knows="« C’est sérieux, et je veux rester chez moi. »", announced_on=before, proposed_on=before,
    ).press("Enregistrer l’annonce")  # fmt: skip
    me.look("announcement")
    me.open(person).reads("Proposition d’un plan").look()
    return person


def plan(me: Visitor, person: str) -> None:
    """Given a proposal on her desk, when the coordinator includes, listens and writes, then the agreement is twelve clicks away."""
    me.open("/").reads("VALDORIANE").look("coordinator")
    me.clicks = 0
    me.follow("VALDORIANE").look("case-signalled")
    me.press("Inclure").reads("La personne est incluse").look("proposal")
    me.press("Elle accepte aujourd’hui").look("plan-none")
    me.press("Commencer le plan").look("plan-new")
    me.follow_to("/themes/what_matters/").look("topic")
    me.fill(text="Rester chez moi le plus longtemps possible, entendre le jardin. Ne pas peser sur Tancrède.").press(
        "Enregistrer"
    )
    me.follow("Ajouter un besoin").look("need-new")
    me.fill(
        need="Dormir sans douleur", goal="Une nuit entière, trois fois par semaine", words="person",
        what="Réévaluer le traitement de fond", who="Équipe mobile",
    ).press("Ajouter au plan").look("plan-draft")  # fmt: skip
    me.press("Relu avec la personne").look("agreement")
    me.fill(means="spoken_with_witness", witness="Tancrède MERVANDOUX").press("Noter l’accord")
    assert me.clicks <= MOST_CLICKS_TO_AGREEMENT, me.clicks
    me.reads("Accord donné").look("plan")
    show(me, "plan")


def signature(me: Visitor, person: str) -> None:
    """Given the agreement, when the physician opens what waits for her, then two clicks from her desk sign it."""
    me.open("/").reads("Plans à signer").look("physician-desk-to-sign")
    me.clicks = 0
    me.follow("VALDORIANE").look("plan-sign").press("Signer")
    assert me.clicks <= MOST_CLICKS_TO_SIGN, me.clicks
    me.reads("Versions signées").look("plan-signed")
    me.follow("Version 1").look("plan-version")


def directives(me: Visitor, person: str, before: str) -> None:
    """Given a paper, when the physician keeps it, then one page of four steps was enough."""
    me.open(person)
    me.clicks = 0
    me.follow("Enregistrer des directives").look("directives-new")
    assert me.main.locator("form > fieldset.fieldset").count() <= DIRECTIVES_STEPS
    me.fill(file=DIRECTIVES_FILE).press("Enregistrer les directives").look("directives-refused")
    me.clicks -= 2
    me.fill(
        file=DIRECTIVES_FILE,
        signed_on=before,
        has_signature=True,
        wish_0="deny",
        text="Pas d’acharnement.",
        shared_with_coordination=True,
    )
    me.press("Enregistrer les directives")
    assert me.clicks <= MOST_CLICKS_TO_DIRECTIVES, me.clicks
    me.look("directives")


def trusted_person(me: Visitor, person: str, before: str) -> None:
    """Given a son, when both have signed, then he is the trusted person."""
    me.open(person).follow("Désigner").look("trusted-new")
    me.fill(
        relative="new", family="MERVANDOUX", given="Tancrède", relation="SONC", birth_date="1981-02-03", phone="06 39 98 43 21",
        person_signed_on=before,
    ).press("Enregistrer la désignation").look("trusted-refused")  # fmt: skip
    me.fill(trusted_signed_on=before).press("Enregistrer la désignation").look("trusted")
    me.open(person).reads("Tancrède", "06 39 98 43 21")


def demand(me: Visitor, person: str) -> str:
    """Given a person at the end of her strength, when three structures are asked, then each shows its wait."""
    me.open(person).follow("Orienter").look("request-new")
    me.fill(
        kind="usp", urgency="urgent", level="3", reason="Douleurs mal soulagées au domicile, son fils est épuisé.",
        question="Un accueil d’une quinzaine de jours.", diagnosis="Cancer du pancréas avancé.", callback="03 53 01 00 01",
    ).press("Choisir les structures").look("request-choose")  # fmt: skip
    me.open(me.where + "?type=usp&type=lisp")
    for structure in ASKED:
        me.main.locator("section.card", has_text=structure).locator("[name=offers]").check()
    me.press("Continuer").reads("USP de Dijon", "Oncologie – Auxonne", "Châtillon-sur-Seine").look("request-send")
    me.fill(consent_means="spoken", informed=True).press("Envoyer la demande").look("request-sent")
    return me.where


def refusal(me: Visitor) -> None:
    """Given no bed, when the first structure declines, then it says why and what may help."""
    received(me)
    me.follow("Étudier la demande").look("line-review").press("Étudier la demande")
    me.follow("Ce n’est pas possible").look("line-decline")
    me.fill(reason="no-place", note="Une place est possible dans huit jours.").press("Ce n’est pas possible").look(
        "received-none"
    )


def agreement(me: Visitor) -> None:
    """Given a bed soon, when the second structure agrees in principle, then nothing is closed yet."""
    received(me)
    me.follow("Étudier la demande").press("Étudier la demande").look("line-in-review")
    me.follow("Donner un accord de principe").look("line-agree").press("Donner un accord de principe").look(
        "line-agreed"
    )


def admission(me: Visitor, coordinator: Visitor, request: str) -> None:
    """Given a free bed, when the unit proposes it and the person arrives, then she is admitted and the others are told."""
    me.open("/").look("structure-desk").follow("Nos places")
    beds = me.main.locator("section.card", has_text="USP de Dijon")
    beds.locator("[name=available]").fill("2")
    beds.get_by_role("button", name="Enregistrer").click()
    me.look("places")
    received(me)
    me.look("structure")
    show(me, "structure")
    me.follow("Étudier la demande").press("Étudier la demande")
    me.follow("Proposer une place").look("line-offer").press("Proposer cette place").look("line-offered")
    coordinator.open("/").reads("Réponses reçues").look("coordinator-with-answers")
    show(coordinator, "coordinator")
    coordinator.follow_to(request).reads("Pas possible", "Accord de principe", "Place proposée").look("request")
    show(coordinator, "request")
    me.follow("La personne est arrivée").look("line-admit").press("Enregistrer l’arrivée").look("stay")
    coordinator.open(request).reads("La personne est accueillie", "Admission faite").look("request-settled")


def discharge(me: Visitor) -> None:
    """Given better nights, when she goes home with hospital care at home, then the stay says so."""
    me.open("/sejours/").look("stays").follow("VALDORIANE")
    me.follow("Préparer la sortie").look("stay-end")
    me.fill(destination="home_with_had").press("Enregistrer").reads("Domicile").look("stay-ended")


def alert(coordinator: Visitor, team: Visitor, person: str) -> None:
    """Given a sudden pain at home, when the team is called, then its clock runs until she is stable."""
    coordinator.open(person).follow("Appeler l’équipe rapide").look("alert-new")
    coordinator.fill(is_palliative="yes", reason="Douleur brutale depuis une heure.", callback_phone="03 53 01 00 01")
    coordinator.press("Appeler l’équipe").reads("Équipe appelée").look("alert")
    team.open("/").look("rapid-desk").follow("VALDORIANE").look("alert-received")
    for step in ("answer", "depart", "arrive", "stabilise"):
        team.main.locator(f"form:has([name=action][value={step}]) button").click()
        team.page.wait_for_load_state()
    team.reads("Situation stabilisée").look("alert-stable")
    team.follow("Terminer").look("alert-close").fill(reason="no_relay_needed").press("Terminer").look("alert-closed")


def death(me: Visitor, person: str) -> None:
    """Given her death, when it is recorded, then the page says it gently and asks nothing more."""
    me.open(person).unfold("Autres actions").follow("Enregistrer un décès").look("death-new")
    me.fill(is_sure=True).press("Enregistrer le décès").reads("Personne décédée le").look("person-died")
    assert not me.main.get_by_role("link", name="Orienter").count()
    me.open(f"{person}apres/").reads("Ses proches, après son décès").look("after-death")


def received(me: Visitor) -> None:
    """Open the request among those received."""
    me.open("/demandes/recues/").look("received").follow("VALDORIANE").look("line")
