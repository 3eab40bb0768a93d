"""A plan read as a PPCS says all that the plan says, with who stands round the person, on screen and on paper."""

import pytest
from django.urls import reverse

from accounts.access.circle import enter
from accounts.access.gate import open_trail
from accounts.access.records import OpenMembership
from accounts.access.states import Basis
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.people.states import RelativeRole
from ppa.crises.commands import check_drugs_at_home, stop_prescription
from ppa.crises.queries import crises_snapshot
from ppa.crises.records import CheckHome, StopPrescription
from ppa.crises.states import Found
from ppa.plans.commands import record_agreement, set_topic_pace, share_plan, sign_version
from ppa.plans.outline import outline
from ppa.plans.papers import relatives_told
from ppa.plans.ppcs import PARTS, part_of
from ppa.plans.records import SetTopicPace, SharePlan, SignVersion
from ppa.plans.states import Pace
from tests.factories import crises, directives, people, plans, trusted_persons
from tests.support.pdf_text import pages_of
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db
TEXTS = {one.code: f"Ce qui est dit de {one.code}." for one in outline()}


@pytest.fixture
def team():
    found = plans.team()
    daughter = people.relative(found.person_id, found.coordinator, roles=frozenset({RelativeRole.CARER}))
    trusted_persons.designation(found.person_id, daughter, found.physician)
    guardian = {"given": "Anselme", "family": "TUTELIN", "relation": "FRND"}
    roles = frozenset({RelativeRole.LEGAL_REPRESENTATIVE})
    people.relative(found.person_id, found.coordinator, roles=roles, **guardian)
    crises.foreseen(found.person_id, found.physician)
    return found


@pytest.fixture
def row(team):
    made = plans.written(team)
    writers = {"coordination": team.coordinator, "social": team.coordinator}
    for one in outline():
        if one.code != "what_matters":
            by = writers.get(one.domain, team.physician)
            plans.write(
                made, plans.Team(team.person_id, by, team.physician, team.nurse), TEXTS[one.code], code=one.code
            )
    return plans.present(made)


def test_screen_and_paper_say_what_the_file_holds_of_directives_and_of_whom_she_trusts(row, team):
    told = ("Directives anticipées : datées du", "Personne de confiance : Capucine")
    directives.directive(team.person_id, team.physician)
    signed(row, team)
    shown, paper = screen(team), printed(team)
    for line in told:
        assert line in shown
        assert line in paper
    assert "Ce plan ne les remplace pas." in paper


def signed(row, team):
    """Share, agree to and sign what is written."""
    share_plan(SharePlan(plan_id=row.id, version=row.version), by=team.coordinator)
    record_agreement(plans.agreement(plans.present(row)), by=team.coordinator)
    sign_version(SignVersion(plan_id=row.id, version=plans.present(row).version), by=team.physician)


def screen(team):
    text = signed_in(team.nurse).get(reverse("plans:ppcs", args=[team.person_id])).content.decode()
    return " ".join(text.replace("\u00a0", " ").replace("&nbsp;", " ").split())


def printed(team):
    shown = signed_in(team.nurse).get(reverse("plans:ppcs_paper", args=[team.person_id, 1]))
    text = " ".join("".join(pages_of(shown.content)).split())
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("where", ["screen", "paper"])
def test_the_ppcs_says_each_topic_each_crisis_each_drug_and_each_relative_with_his_roles(team, row, where):
    if where == "paper":
        signed(row, team)
    told = screen(team) if where == "screen" else printed(team)
    for text in TEXTS.values():
        assert text in told or text == TEXTS["what_matters"], text
    for words in (
        "Rester chez moi, avec le chat.",
        "Elle serre les dents, ne parle plus.",
        "rester près d’elle",
        "Infirmière, puis HAD, puis le 15",
        crises.DRUG,
        "Réfrigérateur de la cuisine, boîte bleue",
        "pas encore vérifié",
        "Capucine MERLANDOISE",
        "Fille",
        "Personne de confiance",
        "Proche aidant",
        "Anselme TUTELIN",
        "Représentant légal",
        "06 00 00 00 02",
    ):
        assert words in told, words
    parts = [told.index(title) for title in PARTS]
    assert parts == sorted(parts)


def test_the_signed_version_shows_its_crises_and_drugs_without_what_changes_at_home(team, row):
    signed(row, team)
    shown = signed_in(team.nurse).get(reverse("plans:version", args=[team.person_id, 1])).content.decode()
    assert crises.DRUG in shown
    assert "rester près d’elle" in shown
    assert "Au domicile" not in shown


def test_the_paper_says_what_is_at_home_on_its_day_and_what_is_no_longer_prescribed(team, row):
    signed(row, team)
    (drug,) = crises_snapshot(team.person_id)[0].prescriptions
    look = CheckHome(prescription_id=drug.id, checked_on=today(), found=Found.ABSENT)
    check_drugs_at_home(look, by=team.nurse)
    assert f"absent, vu le {today():%d/%m/%Y}" in printed(team)
    version = crises_snapshot(team.person_id)[0].version
    stop_prescription(StopPrescription(prescription_id=drug.id, version=version), by=team.physician)
    assert "N’est plus prescrit" in printed(team)


def test_a_topic_she_does_not_wish_to_speak_of_is_told_as_such(team, row):
    set_topic_pace(SetTopicPace(plan_id=row.id, code="inner_life", pace=Pace.NEVER, offered_on=today()), by=team.nurse)
    assert "Ne souhaite pas en parler" in screen(team)
    signed(plans.present(row), team)
    assert "Ne souhaite pas en parler" in printed(team)


def test_who_may_not_read_who_is_trusted_is_not_told_it_and_who_may_read_nobody_has_no_list(team):
    worker = people.actor(Role.SOCIAL_WORKER)
    enter(OpenMembership(person_id=team.person_id, organisation_id=worker.organisation_id, basis=Basis.SAME_TEAM))
    with open_trail():
        told = relatives_told(team.person_id, actor=worker)
        nothing = relatives_told(team.person_id, actor=people.actor(Role.NURSE))
    assert [(name, roles) for name, roles, _ in told] == [
        ("Capucine MERLANDOISE (Fille)", "Proche aidant"),
        ("Anselme TUTELIN (Proche ou ami)", "Représentant légal"),
    ]
    assert nothing is None


@pytest.mark.parametrize("version", ["2026-1", "enfant-2026-1"])
def test_each_topic_of_each_model_has_its_part(version):
    assert {part_of(one.code) for one in outline(version)} == set(PARTS)
