"""Pages of the plan: the whole journey by clicks, each role's view, forms that come back with their sentences."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access.circle import enter
from accounts.access.gate import open_trail
from accounts.access.records import OpenMembership
from accounts.access.states import Basis
from accounts.authentication.sessions import AUTHENTICATED_AT
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.people.page import banner_of, panels_of
from ppa.plans.commands import add_action
from ppa.plans.models import Goal, Plan, PlannedAction, PlanTopic, PlanVersion
from ppa.plans.queries import plan_of
from ppa.plans.records import AddAction
from ppa.plans.states import PlanState
from tests.factories import people, plans
from tests.support.pdf_text import pages_of
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return plans.team()


def url(name, team, *args):
    return reverse(f"plans:{name}", args=[team.person_id, *args])


def hidden(answer, action=""):
    """Return the hidden fields of a form of a page, as a browser would send them."""
    text = answer.content.decode()
    forms = re.findall(r"<form\b[^>]*>.*?</form>", text, re.DOTALL)
    wanted = f'action="{action}"'
    form = next(
        each for each in forms if 'name="form_token"' in each and (wanted in each if action else "action=" not in each)
    )
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_a_plan_goes_from_nothing_to_signed_in_eight_clicks_and_two_of_the_physician(team):
    coordinator, physician = signed_in(team.coordinator), signed_in(team.physician)
    clicks = 0

    def click(client, address, data=None):
        nonlocal clicks
        clicks += 1
        answer = client.get(address) if data is None else client.post(address, data, follow=True)
        assert answer.status_code == 200, answer.content.decode()
        return answer

    page = click(coordinator, url("page", team))
    page = click(coordinator, url("open", team), hidden(page, url("open", team)))
    page = click(coordinator, url("topic", team, "what_matters"))
    form = hidden(page, url("topic", team, "what_matters"))
    page = click(coordinator, url("topic", team, "what_matters"), {**form, "text": "Voir le printemps."})
    assert "Voir le printemps." in page.content.decode()
    page = click(coordinator, url("need", team))
    need = {"need": "Dormir", "goal": "Une nuit entière", "words": "person", "what": "Passage du soir", "who": "SSIAD"}
    page = click(coordinator, url("need", team), {**hidden(page), **need})
    page = click(coordinator, url("share", team), hidden(page, url("share", team)))
    assert "Comment la personne a donné son accord" in page.content.decode()
    agreement = {"given_on": today().isoformat(), "means": "signature"}
    page = click(coordinator, url("agree", team), {**hidden(page), **agreement})
    assert "Accord donné" in page.content.decode()
    assert clicks == 8
    page = click(physician, url("sign", team))
    page = click(physician, url("sign", team), hidden(page))
    assert clicks == 10
    assert Plan.objects.get().state == PlanState.SIGNED
    assert "Version 1, signée le" in page.content.decode()


def test_the_page_of_the_person_folds_all_versions_but_the_one_in_force(team):
    plans.long_lived(team, versions=3, actions=3, conversations=1)
    text = signed_in(team.nurse).get(reverse("people:page", args=[team.person_id])).content.decode()
    shown, folded = text.split("<summary>Versions précédentes</summary>")
    links = [url("version", team, number) for number in (3, 2, 1)]
    assert [link in shown for link in links] == [True, False, False]
    assert [link in folded for link in links] == [False, True, True]


def test_the_paper_is_handed_over_as_a_file_to_be_saved(team):
    plans.signed(team)
    answer = signed_in(team.nurse).get(url("paper", team, 1))
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="PPA-version-1.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


def test_a_signed_version_is_read_by_the_structure_that_accepted_the_person_but_not_printed(team):
    plans.signed(team)
    manager = people.actor(Role.BED_MANAGER)
    assert signed_in(manager).get(url("version", team, 1)).status_code == 404
    enter(
        OpenMembership(person_id=team.person_id, organisation_id=manager.organisation_id, basis=Basis.ACCEPTED_REFERRAL)
    )
    client = signed_in(manager)
    answer = client.get(url("version", team, 1))
    assert answer.status_code == 200
    assert "Rester chez moi, avec le chat." in answer.content.decode()
    assert url("paper", team, 1) not in answer.content.decode()
    assert client.get(url("paper", team, 1)).status_code == 404
    assert client.get(url("page", team)).status_code == 404


@pytest.mark.parametrize("role", [Role.PHYSICIAN, Role.NURSE, Role.COORDINATOR])
def test_a_professional_outside_of_the_circle_is_told_nothing(team, role):
    plans.signed(team)
    client = signed_in(people.actor(role))
    assert client.get(url("page", team)).status_code == 404
    assert client.get(url("version", team, 1)).status_code == 404
    assert client.get(url("paper", team, 1)).status_code == 404
    assert client.post(url("open", team)).status_code in (302, 404)
    assert Plan.objects.count() == 1


def test_signing_asks_for_both_factors_again_after_five_minutes(team):
    plans.agreed(team)
    client = signed_in(team.physician)
    page = client.get(url("sign", team))
    session = client.session
    session[AUTHENTICATED_AT] = (now() - timedelta(minutes=6)).timestamp()
    session.save()
    answer = client.post(url("sign", team), hidden(page))
    assert answer.status_code == 302
    assert urlsplit(answer["Location"]).path == reverse("step_up")
    assert not PlanVersion.objects.exists()


def test_a_physician_reads_the_whole_plan_on_the_page_where_she_signs(team):
    plan = plans.shared(team)
    plans.write(plan, team, "longue page " * 100 + "dernier mot", version=1)
    plans.record_agreement(plans.agreement(plans.present(plan)), by=team.coordinator)
    text = signed_in(team.physician).get(url("sign", team)).content.decode()
    for words in (
        "dernier mot",
        "Dormir sans avoir mal",
        "Passer une nuit entière",
        "SSIAD des Tilleuls (fictif), pour le",
        "Accord donné",
    ):
        assert words in text


def test_an_agreement_without_its_witness_comes_back_with_a_sentence(team):
    plan = plans.shared(team)
    data = {"version": plan.version, "given_on": today().isoformat(), "means": "adapted"}
    answer = signed_in(team.coordinator).post(url("agree", team), data)
    assert answer.status_code == 422
    assert "a été témoin de l’accord" in answer.content.decode()


def test_a_need_with_an_action_that_nobody_does_comes_back(team):
    plans.plan(team)
    data = {"need": "Dormir", "goal": "Une nuit", "words": "person", "what": "Passage du soir"}
    answer = signed_in(team.coordinator).post(url("need", team), data)
    assert answer.status_code == 422
    assert "par qui" in answer.content.decode()


def test_a_text_that_crosses_another_is_shown_beside_it_and_can_be_settled(team):
    plan = plans.plan(team)
    client = signed_in(team.coordinator)
    address = url("topic", team, "what_matters")
    early = hidden(client.get(address), address)
    plans.write(plan, team, "Le texte arrivé le premier.")
    page = client.post(address, {**early, "text": "Le texte arrivé ensuite."}, follow=True)
    text = page.content.decode()
    assert "Le texte arrivé le premier." in text
    assert "Le texte arrivé ensuite." in text
    client.post(address, {**hidden(page, address), "text": "Les deux."})
    assert "Le texte arrivé ensuite." not in client.get(url("page", team)).content.decode()
    assert PlanTopic.objects.get().texts.count() == 3


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script> {{ secret }}", "😀 עברית " * 50, "x" * 100_000],
    ids=["markup", "scripts", "long"],
)
def test_a_topic_takes_whatever_is_typed_and_shows_it_as_text(team, text):
    plans.plan(team)
    client = signed_in(team.coordinator)
    address = url("topic", team, "what_matters")
    page = client.post(address, {**hidden(client.get(address), address), "text": text}, follow=True)
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()
    assert PlanTopic.objects.get().text == text.strip()


def test_the_pace_of_a_topic_is_noted_and_shown(team):
    plans.plan(team)
    client = signed_in(team.coordinator)
    address = url("pace", team, "directives")
    data = {"pace": "with_someone", "offered_on": today().isoformat()}
    answer = client.post(address, data)
    assert answer.status_code == 422
    assert "avec qui" in answer.content.decode()
    answer = client.post(address, {**data, "with_whom": "sa fille"}, follow=True)
    assert "En présence de sa fille" in answer.content.decode()
    client.post(address, {**data, "pace": "not_now"})
    assert "préfère ne pas en parler" in client.get(url("topic", team, "directives")).content.decode()


def test_an_action_is_followed_reworded_and_joined_by_another_goal_and_action(team):
    plan = plans.written(team)
    client = signed_in(team.coordinator)
    action, goal = PlannedAction.objects.get(), Goal.objects.get()
    page = client.get(url("reword", team, action.id))
    client.post(url("reword", team, action.id), {**hidden(page), "what": "Passage du matin", "who": "SSIAD"})
    page = client.get(url("follow", team, action.id))
    client.post(url("follow", team, action.id), {**hidden(page), "status": "done", "outcome": "Nuits calmes"})
    client.post(url("goal", team, goal.need_id), {"goal": "Ne plus craindre la nuit", "words": "relative"})
    client.post(url("action", team, goal.id), {"what": "Veilleuse", "who": "Sa fille"})
    text = client.get(url("page", team)).content.decode()
    for shown in ("Passage du matin", "Nuits calmes", "Ne plus craindre la nuit", "Veilleuse"):
        assert shown in text
    assert plans.present(plan).state == PlanState.DRAFTING


def test_a_need_of_another_person_is_not_found(team):
    other = plans.team()
    plans.written(team)
    plans.written(other)
    goal = Goal.objects.get(need__plan__person_id=other.person_id)
    client = signed_in(team.coordinator)
    assert client.post(url("action", team, goal.id), {"what": "Rien", "who": "Personne"}).status_code == 404
    assert PlannedAction.objects.count() == 2


def test_a_plan_is_revised_then_closed_by_the_physician(team):
    plans.signed(team)
    coordinator, physician = signed_in(team.coordinator), signed_in(team.physician)
    page = coordinator.get(url("page", team))
    page = coordinator.post(url("revise", team), hidden(page, url("revise", team)), follow=True)
    assert "En révision" in page.content.decode()
    page = physician.get(url("close", team))
    page = physician.post(url("close", team), {**hidden(page), "reason": "moved"}, follow=True)
    assert Plan.objects.get().state == PlanState.CLOSED
    assert "Commencer un autre plan" in page.content.decode()


def test_the_person_s_page_shows_where_the_plan_stands_to_her_circle_only(team):
    plans.signed(team)
    with open_trail():
        own = [panel.title for panel in panels_of(team.person_id, actor=team.nurse)]
        labels = [chip.label for chip in banner_of(team.person_id, actor=team.nurse).chips]
        titles = [panel.title for panel in panels_of(team.person_id, actor=people.actor(Role.NURSE))]
    assert any(label.startswith("PPA signé v1 le ") for label in labels)
    assert "Plan personnalisé d’accompagnement" in own
    assert "Plan personnalisé d’accompagnement" not in titles


def test_a_plan_signed_just_after_midnight_carries_that_day_everywhere(clock):
    clock.move_to(datetime(2026, 12, 1, 23, 30, tzinfo=UTC))
    team = plans.team()
    plans.signed(team)
    with open_trail():
        labels = [chip.label for chip in banner_of(team.person_id, actor=team.nurse).chips]
    assert "PPA signé v1 le 02/12/2026" in labels
    easy = signed_in(team.physician).get(url("easy_paper", team, 1)).content
    assert "2 décembre 2026" in pages_of(easy)[-1]


def test_the_page_costs_the_same_number_of_statements_for_3_and_30_actions(team):
    plan = plans.written(team)
    plans.write(plan, team, "Lundi : l’infirmière.", code="coordination")
    goal = Goal.objects.get()

    def statements():
        with CaptureQueriesContext(connection) as asked, open_trail():
            assert plan_of(team.person_id, actor=team.nurse) is not None
        return len(asked)

    def fill(count):
        for _ in range(count):
            add_action(AddAction(goal_id=goal.id, what="Passer", who="SSIAD"), by=team.coordinator)

    fill(2)
    few = statements()
    fill(27)
    assert plans.present(plan).version > 30
    assert statements() == few
    assert few <= 12


def test_a_need_may_hold_quotes_and_markup_everywhere_it_is_shown(team):
    text = "\"><script>alert('x')</script> {{ secret }} {% now %} « 'é' »"
    plan = plans.plan(team)
    plans.need(plan, team, text)
    plans.write(plan, team, text)
    goal = Goal.objects.get()
    client = signed_in(team.coordinator)
    client.post(url("action", team, goal.id), {"what": text, "who": text})
    for address in (url("page", team), url("goal", team, goal.need_id), url("topic", team, "what_matters")):
        answer = client.get(address)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()
        assert "{{ secret }}" in answer.content.decode()
