"""Writing plans: the order of things, what is refused, what is kept when two people write at once."""

from dataclasses import replace
from datetime import date, timedelta

import pikepdf
import pytest
from django.db import DatabaseError, transaction

from accounts.access.gate import open_trail
from accounts.documents.queries import document_content
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, StepUpNeeded, TransitionRefused
from accounts.outbox.models import StoredEvent
from accounts.people.commands import mark_deceased
from accounts.people.records import MarkDeceased
from ppa.plans.commands import (
    add_need,
    close_plan,
    follow_action,
    open_plan,
    record_agreement,
    revise_plan,
    set_topic_pace,
    share_plan,
    sign_version,
    update_action,
    write_topic,
)
from ppa.plans.models import PlannedAction, PlanVersion
from ppa.plans.papers import easy_version
from ppa.plans.queries import plan_of, version_for, version_paper, versions_snapshot
from ppa.plans.records import (
    AddNeed,
    ClosePlan,
    FollowAction,
    OpenPlan,
    RevisePlan,
    SetTopicPace,
    SharePlan,
    SignVersion,
    UpdateAction,
    WriteTopic,
)
from ppa.plans.rules import (
    AgreementBeforeSharing,
    AgreementInFuture,
    AgreementMissing,
    BeforeBirth,
    ContentChanged,
    PersonHasDied,
    PlanAlreadyOpen,
    PlanIsEmpty,
    TextsToReconcile,
    WitnessMissing,
)
from ppa.plans.states import ActionStatus, AgreementMeans, ClosingReason, Pace, PlanState
from tests.factories import people, plans
from tests.support.pdf_text import pages_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return plans.team()


def read(team):
    with open_trail():
        return plan_of(team.person_id, actor=team.coordinator)


def test_a_plan_is_written_shared_agreed_to_and_signed(team):
    plan = plans.signed(team)
    assert plan.state == PlanState.SIGNED
    with open_trail():
        version = version_for(team.person_id, 1, actor=team.nurse)
    assert version.content["topics"][0]["text"] == "Rester chez moi, avec le chat."
    assert version.digest == version.agreement.digest
    assert version.signer_id == team.physician.professional_id
    assert document_content(version.document.id).startswith(b"%PDF-")
    types = set(StoredEvent.objects.values_list("type", flat=True))
    assert {"plan.opened", "plan.changed", "plan.shared", "plan.agreed", "plan.signed", "document.kept"} <= types


def test_a_person_has_one_plan_at_a_time(team):
    plans.plan(team)
    with pytest.raises(PlanAlreadyOpen):
        plans.plan(team)


def test_a_closed_plan_leaves_room_for_another(team):
    plan = plans.signed(team)
    close = ClosePlan(plan_id=plan.id, version=plan.version, reason=ClosingReason.RECOVERY)
    with pytest.raises(NotAllowed):
        close_plan(close, by=team.coordinator)
    close_plan(close, by=team.physician)
    assert plans.plan(team).id != plan.id


def test_nobody_outside_of_the_circle_opens_or_reads_a_plan(team):
    stranger = people.actor(team.physician.role)
    with pytest.raises(NotFound):
        open_plan(OpenPlan(person_id=team.person_id), by=stranger)
    plans.signed(team)
    with open_trail():
        with pytest.raises(NotFound):
            plan_of(team.person_id, actor=stranger)
        with pytest.raises(NotFound):
            version_for(team.person_id, 1, actor=stranger)


def test_the_domain_of_a_topic_decides_who_writes_it(team):
    plan = plans.plan(team)
    medical = WriteTopic(plan_id=plan.id, code="crises", text="En cas d’étouffement…", version=0)
    with pytest.raises(NotAllowed):
        write_topic(medical, by=team.coordinator)
    write_topic(medical, by=team.physician)
    with pytest.raises(NotFound):
        write_topic(replace(medical, code="unknown"), by=team.physician)


def test_two_texts_that_cross_are_both_kept_until_somebody_brings_them_together(team):
    plan = plans.plan(team)
    plans.write(plan, team, "Le premier texte.")
    crossing = WriteTopic(plan_id=plan.id, code="what_matters", text="Le second texte.", version=0)
    write_topic(crossing, by=team.nurse)
    shown = next(topic for topic in read(team).topics if topic.topic.code == "what_matters")
    assert (shown.text, [other.text for other in shown.others]) == ("Le premier texte.", ["Le second texte."])
    present = plans.present(plan)
    with pytest.raises(TextsToReconcile):
        share_plan(SharePlan(plan_id=plan.id, version=present.version), by=team.coordinator)
    plans.write(plan, team, "Les deux ensemble.", version=shown.version)
    shown = next(topic for topic in read(team).topics if topic.topic.code == "what_matters")
    assert (shown.text, shown.others) == ("Les deux ensemble.", ())


def test_each_offer_of_a_topic_is_kept_and_the_last_one_counts(team):
    plan = plans.plan(team)
    offer = SetTopicPace(plan_id=plan.id, code="directives", pace=Pace.NOT_NOW, offered_on=today() - timedelta(days=9))
    set_topic_pace(offer, by=team.coordinator)
    set_topic_pace(
        replace(offer, pace=Pace.WITH_SOMEONE, with_whom="sa fille", offered_on=today()), by=team.coordinator
    )
    shown = next(topic for topic in read(team).topics if topic.topic.code == "directives")
    assert shown.pace == Pace.WITH_SOMEONE
    assert [each.label for each in shown.offers] == ["Pas maintenant", "En présence de sa fille"]


def test_an_empty_plan_is_not_shared(team):
    plan = plans.plan(team)
    with pytest.raises(PlanIsEmpty):
        share_plan(SharePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"given_on": today() + timedelta(days=2)}, AgreementInFuture),
        ({"given_on": date(1900, 1, 1)}, BeforeBirth),
        ({"means": AgreementMeans.SPOKEN_WITH_WITNESS}, WitnessMissing),
        ({"means": AgreementMeans.ADAPTED, "witness": "  "}, WitnessMissing),
    ],
)
def test_an_agreement_needs_a_past_day_and_a_witness_unless_signed(team, fields, refusal):
    plan = plans.shared(team)
    with pytest.raises(refusal):
        record_agreement(plans.agreement(plan, **fields), by=team.coordinator)


def test_an_agreement_comes_after_sharing(team):
    plan = plans.written(team)
    with pytest.raises(AgreementBeforeSharing):
        record_agreement(plans.agreement(plan), by=team.coordinator)


def test_a_signature_comes_after_the_agreement_by_a_physician_who_confirmed_his_identity(team):
    plan = plans.shared(team)
    sign = SignVersion(plan_id=plan.id, version=plan.version)
    with pytest.raises(AgreementMissing):
        sign_version(sign, by=team.physician)
    record_agreement(plans.agreement(plan), by=team.nurse)
    sign = SignVersion(plan_id=plan.id, version=plans.present(plan).version)
    with pytest.raises(NotAllowed):
        sign_version(sign, by=team.nurse)
    with pytest.raises(StepUpNeeded):
        sign_version(sign, by=replace(team.physician, authenticated_at=now() - timedelta(minutes=6)))
    sign_version(sign, by=team.physician)
    assert PlanVersion.objects.count() == 1


def test_a_change_after_the_agreement_calls_for_a_new_one(team):
    plan = plans.agreed(team)
    plans.write(plan, team, "Finalement, près de ma sœur.", version=1)
    with pytest.raises(ContentChanged):
        sign_version(SignVersion(plan_id=plan.id, version=plans.present(plan).version), by=team.physician)
    assert not PlanVersion.objects.exists()
    assert read(team).agreement_is_current is False
    record_agreement(plans.agreement(plans.present(plan)), by=team.coordinator)
    sign_version(SignVersion(plan_id=plan.id, version=plans.present(plan).version), by=team.physician)
    assert PlanVersion.objects.get().content["topics"][0]["text"] == "Finalement, près de ma sœur."


def test_following_an_action_neither_undoes_the_agreement_nor_needs_a_draft(team):
    plan = plans.agreed(team)
    action = PlannedAction.objects.get()
    follow_action(FollowAction(action_id=action.id, version=1, status=ActionStatus.DOING), by=team.nurse)
    sign_version(SignVersion(plan_id=plan.id, version=plans.present(plan).version), by=team.physician)
    done = FollowAction(action_id=action.id, version=2, status=ActionStatus.DONE, outcome="Nuits calmes.")
    follow_action(done, by=team.nurse)
    with pytest.raises(StaleVersion):
        follow_action(done, by=team.nurse)
    rewrite = UpdateAction(action_id=action.id, version=3, what="Autre chose", who="Quelqu’un")
    with pytest.raises(NotAllowed):
        update_action(rewrite, by=team.coordinator)


def test_a_signed_plan_is_revised_into_a_next_version_and_the_first_one_stays(team):
    plan = plans.signed(team)
    with pytest.raises(NotAllowed):
        add_need(AddNeed(plan_id=plan.id, text="Un besoin nouveau"), by=team.coordinator)
    revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    plans.write(plan, team, "Être près de ma sœur.", version=1)
    plan = plans.present(plan)
    share_plan(SharePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    record_agreement(plans.agreement(plans.present(plan)), by=team.coordinator)
    sign_version(SignVersion(plan_id=plan.id, version=plans.present(plan).version), by=team.physician)
    first, second = versions_snapshot(plan.id)
    assert [first.number, second.number] == [1, 2]
    assert first.content["topics"][0]["text"] == "Rester chez moi, avec le chat."
    assert second.replaces == first.id
    assert first.replaced_at == second.signed_at


def test_a_plan_that_is_not_signed_is_not_revised(team):
    plan = plans.shared(team)
    with pytest.raises(TransitionRefused):
        revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)


def test_the_database_refuses_to_change_a_signed_version(team):
    plans.signed(team)
    with pytest.raises(DatabaseError), transaction.atomic():
        PlanVersion.objects.update(number=9)


def test_nothing_is_planned_for_a_person_who_died(team):
    plan = plans.agreed(team)
    mark_deceased(MarkDeceased(person_id=team.person_id, died_on=today()), by=team.physician)
    with pytest.raises(PersonHasDied):
        plans.write(plan, team, "Trop tard", version=1)
    with pytest.raises(PersonHasDied):
        sign_version(SignVersion(plan_id=plan.id, version=plan.version), by=team.physician)


def test_the_paper_declares_pdf_a_and_its_tags(team, tmp_path):
    plans.signed(team)
    file = tmp_path / "plan.pdf"
    file.write_bytes(document_content(PlanVersion.objects.get().document_id))
    with pikepdf.open(file) as pdf:
        assert pdf.Root.MarkInfo.Marked
        with pdf.open_metadata() as described:
            assert (described["pdfaid:part"], described["pdfaid:conformance"]) == ("3", "A")
            assert described["pdfuaid:part"] == "1"


def test_a_need_as_long_as_somebody_types_is_signed_and_on_paper_whole(team):
    plan = plans.written(team)
    plans.need(plan, team, "mot " * 9_000 + "CANARIFIN")
    plan = plans.present(plan)
    share_plan(SharePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    record_agreement(plans.agreement(plans.present(plan)), by=team.coordinator)
    sign_version(SignVersion(plan_id=plan.id, version=plans.present(plan).version), by=team.physician)
    with open_trail():
        _, whole = version_paper(team.person_id, 1, actor=team.nurse)
        easy = easy_version(team.person_id, 1, actor=team.nurse)
    for paper in (whole, easy):
        assert "CANARIFIN" in "".join(pages_of(paper))
