"""A person goes back on her agreement before the signature: her yes stays recorded, and counts no more."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.access.gate import open_trail
from accounts.audit.models import AuditRow
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, TransitionRefused
from accounts.kernel.models import Transition
from ppa.plans.commands import (
    abandon_revision,
    close_plan,
    record_agreement,
    revise_plan,
    share_plan,
    sign_version,
    take_agreement_back,
)
from ppa.plans.models import PlanAgreement, PlanEntry, PlanVersion
from ppa.plans.queries import plan_of, plans_to_sign, versions_snapshot
from ppa.plans.records import AbandonRevision, ClosePlan, RevisePlan, SharePlan, SignVersion, TakeAgreementBack
from ppa.plans.rules import (
    AgreedVersionSigned,
    AgreementBeforeTakenBack,
    AgreementMissing,
    TakenBackBeforeGiven,
    TextMissing,
    ToldInFuture,
)
from ppa.plans.states import ClosingReason, EntryKind, PlanState
from tests.factories import people, plans
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db

SAID = "« Finalement non, je voudrais y réfléchir. »"


@pytest.fixture
def team():
    return plans.team()


def take_back(plan, by, **fields):
    plan = plans.present(plan)
    values = {"version": plan.version, "told_on": today(), "said": SAID, **fields}
    return take_agreement_back(TakeAgreementBack(plan_id=plan.id, **values), by=by)


def sign(plan, team):
    plan = plans.present(plan)
    return sign_version(SignVersion(plan_id=plan.id, version=plan.version), by=team.physician)


def agree(plan, team, **fields):
    record_agreement(plans.agreement(plans.present(plan), **fields), by=team.nurse)


def next_agreed(plan, team):
    """Return a signed plan whose next version was read with the person, who agreed to it."""
    revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    plans.write(plan, team, "Aller à l’hôpital.", version=1)
    share_plan(SharePlan(plan_id=plan.id, version=plans.present(plan).version), by=team.coordinator)
    agree(plan, team)
    return plans.present(plan)


def read(team):
    with open_trail():
        return plan_of(team.person_id, actor=team.coordinator)


def to_sign(team):
    with open_trail():
        return [one.plan_id for one in plans_to_sign(actor=team.physician)]


def url(name, team):
    return reverse(f"plans:{name}", args=[team.person_id])


def test_what_she_goes_back_on_waits_for_no_signature_any_more(team):
    plan = plans.agreed(team)
    assert to_sign(team) == [plan.id]
    take_back(plan, team.nurse)
    shown = read(team)
    assert (shown.state, shown.agreement, shown.agreement_is_current) == (PlanState.SHARED, None, False)
    assert to_sign(team) == []
    with pytest.raises(AgreementMissing):
        sign(plan, team)
    assert not PlanVersion.objects.exists()


def test_nothing_is_erased_and_her_words_are_kept_with_who_noted_them(team):
    plan = plans.agreed(team)
    given = PlanAgreement.objects.get()
    take_back(plan, team.nurse)
    assert PlanAgreement.objects.get() == given
    (kept,) = read(team).kept(EntryKind.TAKEN_BACK)
    assert (kept.happened_on, kept.number, kept.content["said"]) == (today(), 1, SAID)
    assert kept.content["agreement"] == str(given.id)
    assert PlanEntry.objects.get(kind=EntryKind.TAKEN_BACK).author_id == team.nurse.professional_id
    moved = Transition.objects.get(aggregate_id=plan.id, deed="take_agreement_back")
    assert (moved.source, moved.target) == ("agreed", "shared")
    assert AuditRow.objects.filter(object_id=plan.id, action="ppa.record_agreement").count() == 2


def test_she_may_agree_again_and_what_she_agreed_to_is_signed(team):
    plan = plans.agreed(team)
    take_back(plan, team.coordinator)
    plans.write(plan, team, "Chez ma sœur.", version=1)
    agree(plan, team)
    assert read(team).agreement is not None
    sign(plan, team)
    (version,) = versions_snapshot(plan.id)
    assert version.content["topics"][0]["text"] == "Chez ma sœur."


def test_an_older_agreement_never_comes_back_to_life(team):
    plan = plans.agreed(team)
    plans.write(plan, team, "Chez ma sœur.", version=1)
    agree(plan, team)
    take_back(plan, team.coordinator)
    assert PlanAgreement.objects.count() == 2
    assert read(team).agreement is None


def test_a_new_agreement_is_not_older_than_the_day_when_she_went_back_on_hers(team):
    plan = plans.shared(team)
    agree(plan, team, given_on=today() - timedelta(days=5))
    take_back(plan, team.nurse, told_on=today() - timedelta(days=2))
    with pytest.raises(AgreementBeforeTakenBack) as refused:
        agree(plan, team, given_on=today() - timedelta(days=3))
    assert refused.value.field == "given_on"
    agree(plan, team, given_on=today() - timedelta(days=2))
    assert read(team).state == PlanState.AGREED


@pytest.mark.parametrize(
    ("fields", "refusal", "field"),
    [
        ({"told_on": today() + timedelta(days=1)}, ToldInFuture, "told_on"),
        ({"told_on": today() - timedelta(days=1)}, TakenBackBeforeGiven, "told_on"),
        ({"told_on": date(1900, 1, 1)}, TakenBackBeforeGiven, "told_on"),
        ({"said": " \n"}, TextMissing, "said"),
    ],
)
def test_it_has_its_day_since_the_agreement_and_her_words(team, fields, refusal, field):
    plan = plans.agreed(team)
    with pytest.raises(refusal) as refused:
        take_back(plan, team.nurse, **fields)
    assert refused.value.field == field
    assert read(team).state == PlanState.AGREED


def test_before_an_agreement_there_is_nothing_to_go_back_on(team):
    plan = plans.shared(team)
    with pytest.raises(TransitionRefused):
        take_back(plan, team.nurse)


def test_once_it_is_signed_the_next_version_is_the_way(team):
    plan = plans.signed(team)
    with pytest.raises(AgreedVersionSigned) as refused:
        take_back(plan, team.nurse)
    assert "commencez une révision avec elle" in refused.value.message
    assert read(team).state == PlanState.SIGNED


def test_a_page_that_is_no_longer_the_present_one_changes_nothing(team):
    plan = plans.agreed(team)
    with pytest.raises(StaleVersion):
        take_back(plan, team.nurse, version=plan.version - 1)


def test_nobody_outside_of_her_circle_records_it(team):
    plan = plans.agreed(team)
    stranger = people.actor(Role.NURSE, people.organisation())
    with pytest.raises((NotAllowed, NotFound)):
        take_back(plan, stranger)
    assert read(team).state == PlanState.AGREED


def test_the_version_in_force_stays_and_its_revision_may_be_abandoned(team):
    plan = plans.signed(team)
    before = versions_snapshot(plan.id)
    plan = next_agreed(plan, team)
    assert to_sign(team) == [plan.id]
    take_back(plan, team.nurse)
    assert to_sign(team) == []
    assert versions_snapshot(plan.id) == before
    plan = plans.present(plan)
    abandon_revision(AbandonRevision(plan_id=plan.id, version=plan.version, words=SAID), by=team.coordinator)
    shown = read(team)
    assert (shown.state, shown.number) == (PlanState.SIGNED, 1)
    assert shown.agreement is not None
    plan = plans.present(plan)
    revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    assert read(team).agreement is None


def test_a_plan_that_is_closed_after_it_shows_no_agreement(team):
    plan = plans.agreed(team)
    take_back(plan, team.nurse)
    plan = plans.present(plan)
    close_plan(ClosePlan(plan_id=plan.id, version=plan.version, reason=ClosingReason.WITHDRAWAL), by=team.physician)
    assert read(team).agreement is None


def test_the_screens_ask_quietly_and_tell_what_she_said(team):
    plan = plans.agreed(team)
    client = signed_in(team.coordinator)
    page = client.get(url("page", team)).content.decode()
    assert url("take_agreement_back", team) in page
    form = client.get(url("take_agreement_back", team)).content.decode()
    assert "C’est son droit, à tout moment." in form
    assert "Accord donné le" in form
    data = {"version": plan.version, "told_on": today().isoformat(), "said": SAID}
    page = client.post(url("take_agreement_back", team), data, follow=True).content.decode()
    for words in ("La personne est revenue sur son accord le", SAID, "Recueillir l’accord"):
        assert words in page
    for gone in (url("take_agreement_back", team), "Accord donné le"):
        assert gone not in page
    assert SAID in client.get(url("conversations", team)).content.decode()
    agree(plan, team)
    page = client.get(url("page", team)).content.decode()
    assert "La personne est revenue sur son accord le" not in page
    assert "Accord donné le" in page
    assert SAID in client.get(url("conversations", team)).content.decode()


def test_a_form_without_her_words_comes_back_with_a_sentence(team):
    plan = plans.agreed(team)
    data = {"version": plan.version, "told_on": (today() - timedelta(days=3)).isoformat(), "said": SAID}
    answer = signed_in(team.coordinator).post(url("take_agreement_back", team), data)
    assert answer.status_code == 422
    assert "Ce jour précède celui où la personne a donné son accord." in answer.content.decode()


def test_only_those_who_may_record_her_agreement_see_the_way(team):
    plans.agreed(team)
    for actor in (team.physician, team.nurse, team.coordinator):
        page = signed_in(actor).get(url("page", team)).content.decode()
        answer = signed_in(actor).get(url("take_agreement_back", team))
        assert (url("take_agreement_back", team) in page) == (answer.status_code == 200)
