"""Models of plan are data: which one a plan begins with, and a new file that changes screen, paper and exchange without code."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import NotFound
from accounts.organisations.models import Organisation
from accounts.people.states import IdentityStatus
from ppa.plans import outline as outline_module
from ppa.plans.commands import open_plan, record_agreement, revise_plan, share_plan, sign_version
from ppa.plans.models import Plan, PlanVersion
from ppa.plans.outline import domains, outline, outline_for, outlines
from ppa.plans.queries import plan_snapshot_of
from ppa.plans.records import OpenPlan, RevisePlan, SharePlan, SignVersion
from ppa.plans.rules import OutlineNotOffered, social_part
from tests.factories import fhir, people, plans
from tests.support.pdf_text import pages_of
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]
CHILD = "enfant-2026-1"
LINE = "garden\tsocial\tLe jardin et les saisons\tCe qui pousse.\tQu’est-ce qui pousse chez vous ?\tdaily\n"


def years_ago(years):
    return date(today().year - years, 1, 1)


@pytest.fixture
def team():
    return plans.team()


def born(day):
    """Return a team round somebody born that day."""
    traits = replace(people.registration().traits, birth_date=day)
    return plans.team(traits=traits, status=IdentityStatus.PROVISIONAL, ins=None)


@pytest.fixture
def another_model(tmp_path, monkeypatch):
    """Put a folder of outlines with one more model, offered to adults before ours, where the outlines are read."""
    folder = tmp_path / "outlines"
    shutil.copytree(Path(str(outline_module.FOLDER)), folder)
    kept = (folder / "2026-1.tsv").read_text("utf-8").splitlines(keepends=True)
    (folder / "has-2027.tsv").write_text("".join([kept[0], LINE, *kept[1:]]), "utf-8")
    index = (folder / "index.tsv").read_text("utf-8").replace("vous\tyes", "vous\tno")
    (folder / "index.tsv").write_text(f"{index}has-2027\tModèle 2027\t18\t\tvous\tyes\n", "utf-8")
    monkeypatch.setattr(outline_module, "FOLDER", folder)
    _forget()
    yield
    monkeypatch.undo()
    _forget()


def _forget():
    for read in (outline_module.outlines, outline_module.outline, outline_module.domains):
        read.cache_clear()


@pytest.mark.parametrize(
    ("born_on", "version"), [(years_ago(9), CHILD), (years_ago(17), CHILD), (years_ago(19), "2026-1"), (years_ago(80), "2026-1")]
)  # fmt: skip
def test_a_plan_begins_with_the_model_of_the_person_s_age_and_keeps_it(born_on, version):
    team = born(born_on)
    row = plans.plan(team)
    assert row.outline == version


def test_another_model_is_chosen_by_hand_on_the_page(team):
    page = signed_in(team.coordinator)
    address = reverse("plans:page", args=[team.person_id])
    shown = page.get(address).content.decode()
    assert "Enfant ou adolescent" in shown
    page.post(reverse("plans:open", args=[team.person_id]), {"outline": CHILD, "form_token": _token(shown)})
    assert Plan.objects.get().outline == CHILD
    shown = page.get(address).content.decode()
    assert "L’école, les amis et les jeux" in shown
    assert "modèle «\N{NO-BREAK SPACE}Enfant ou adolescent\N{NO-BREAK SPACE}»" in shown


def _token(shown):
    return shown.partition('name="form_token" value="')[2].partition('"')[0]


def test_a_model_that_is_not_offered_is_refused(team, another_model):
    for version in ("2026-1", "unknown"):
        with pytest.raises(OutlineNotOffered):
            open_plan(OpenPlan(person_id=team.person_id, outline=version), by=team.coordinator)


def test_a_topic_of_another_model_is_not_written(team):
    row = plans.plan(team)
    with pytest.raises(NotFound):
        plans.write(row, team, "À l’école", code="school")


def test_the_school_of_a_child_is_a_social_topic():
    team = born(years_ago(9))
    row = plans.plan(team)
    plans.write(row, team, "Garder sa classe.", code="school")
    shown = social_part(plan_snapshot_of(row))
    assert {"school", "carers"} <= {one.topic.code for one in shown.topics}


def test_a_code_has_one_domain_in_every_model_and_each_age_has_one_model():
    assert set(domains()) == {each.code for one in outlines() for each in outline(one.version)}
    for age in range(121):
        assert outline_for(age).is_offered
    for one in outlines():
        topics = outline(one.version)
        assert len({each.code for each in topics}) == len(topics)
        assert all(each.title and each.prompt and each.easy and each.picture for each in topics)
        assert all("'" not in each.title + each.prompt + each.easy for each in topics)


def test_a_new_file_changes_the_screen_the_paper_and_the_exchange_without_code(team, another_model):
    row = plans.plan(team)
    assert row.outline == "has-2027"
    plans.write(row, team, "Des courges.", code="garden")
    shown = signed_in(team.coordinator).get(reverse("plans:page", args=[team.person_id])).content.decode()
    assert "Le jardin et les saisons" in shown
    _sign(row, team)
    version = PlanVersion.objects.get()
    client = signed_in(team.coordinator)
    assert "Le jardin et les saisons" in _text(client.get(reverse("plans:paper", args=[team.person_id, 1])))
    easy = _text(client.get(reverse("plans:easy_paper", args=[team.person_id, 1])))
    assert "Qu’est-ce qui pousse chez vous" in easy
    partner = fhir.partner(Organisation.objects.get(pk=team.nurse.organisation_id))
    notes = partner.get(f"CarePlan/{version.id}").json()["note"]
    assert {"text": "Le jardin et les saisons : Des courges."} in notes


def test_a_plan_keeps_its_model_when_it_is_revised_after_a_new_one_came(team, request):
    row = plans.signed(team)
    request.getfixturevalue("another_model")
    revise_plan(RevisePlan(plan_id=row.id, version=row.version), by=team.physician)
    assert plans.present(row).outline == "2026-1"
    plans.write(row, team, "Toujours là.", code="review")
    assert row.topics.get(code="review").text == "Toujours là."


def test_the_papers_of_a_plan_are_handed_to_the_circle_only(team):
    plans.signed(team)
    papers = [reverse(f"plans:{name}", args=[team.person_id, 1]) for name in ("easy_paper", "ppcs_paper")]
    stranger = signed_in(people.actor(Role.NURSE, people.organisation()))
    for paper in papers:
        shown = signed_in(team.nurse).get(paper)
        assert shown.headers["Content-Type"] == "application/pdf"
        assert "Rester chez moi, avec le chat." in _text(shown)
        assert stranger.get(paper).status_code == 404
    assert signed_in(team.nurse).get(reverse("plans:ppcs_paper", args=[team.person_id, 2])).status_code == 404


def test_what_is_being_written_is_printed_easily_until_it_is_signed(team):
    row = plans.shared(team)
    address = reverse("plans:easy", args=[team.person_id])
    nurse = signed_in(team.nurse)
    assert address in nurse.get(reverse("plans:page", args=[team.person_id])).content.decode()
    shown = _text(nurse.get(address))
    assert "pas encore signée" in shown
    assert "Vous n’avez pas encore dit oui à ce plan." in shown
    record_agreement(plans.agreement(row), by=team.coordinator)
    assert "Vous avez dit oui à ce plan" in _text(nurse.get(address))
    sign_version(SignVersion(plan_id=row.id, version=plans.present(row).version), by=team.physician)
    assert nurse.get(address).status_code == 404
    assert address not in nurse.get(reverse("plans:page", args=[team.person_id])).content.decode()
    assert signed_in(people.actor(Role.NURSE, people.organisation())).get(address).status_code == 404


def _sign(row, team):
    share_plan(SharePlan(plan_id=row.id, version=plans.present(row).version), by=team.coordinator)
    record_agreement(plans.agreement(plans.present(row)), by=team.coordinator)
    sign_version(SignVersion(plan_id=row.id, version=plans.present(row).version), by=team.physician)


def _text(response):
    return "".join(pages_of(response.content)).replace("\n", "")
