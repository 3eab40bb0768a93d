"""What is kept beside the text of a plan: conversations, wished places, deposits, papers, days of review, what grew stale."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from accounts.access.circle import enter
from accounts.access.gate import open_trail
from accounts.access.models import Opposition
from accounts.access.records import OpenMembership
from accounts.access.states import Basis, Category
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotFound, TransitionRefused
from accounts.organisations.models import Organisation
from accounts.people.page import banner_of
from accounts.people.queries import relatives_snapshot
from pathway.desks.queries import plans_to_review
from pathway.stays.commands import open_stay
from pathway.stays.records import OpenStay
from pathway.structures.models import CareOffer
from pathway.structures.states import OfferKind
from ppa.announcements.models import PlanProposal
from ppa.announcements.records import Answer
from ppa.directives.commands import withdraw_directive
from ppa.directives.queries import directive_snapshot
from ppa.directives.records import WithdrawDirective
from ppa.emergency_sheets.states import Phase
from ppa.plans.commands import (
    add_action,
    close_plan,
    confirm_plan,
    hand_out,
    record_agreement,
    record_conversation,
    record_deposit,
    record_place,
    refuse_publication,
    revise_plan,
    set_review,
    set_topic_pace,
    share_plan,
    sign_version,
)
from ppa.plans.models import Goal, Plan, PlanEntry, PlannedAction
from ppa.plans.queries import compared, plan_of, plans_waiting, version_for, version_paper
from ppa.plans.records import (
    AddAction,
    ClosePlan,
    ConfirmPlan,
    HandOut,
    RecordConversation,
    RecordDeposit,
    RecordPlace,
    RefusePublication,
    RevisePlan,
    SetReview,
    SetTopicPace,
    SharePlan,
    SignVersion,
)
from ppa.plans.rules import (
    BeforeBirth,
    BeforeSignature,
    ComeBackTooEarly,
    ContentChanged,
    NothingSigned,
    NotInForce,
    ProposalNotAccepted,
    ReviewInPast,
    ReviewTooFar,
    TextMissing,
    ToldInFuture,
    WantedNoMore,
)
from ppa.plans.states import ClosingReason, EntryKind, Pace, Place, PlaceMoment, PlanState, ReviewReason
from ppa.trusted_persons.commands import confirm_duration
from ppa.trusted_persons.queries import designation_snapshot
from ppa.trusted_persons.records import ConfirmDuration, Signatures
from ppa.trusted_persons.states import Duration
from tests.factories import announcements, crises, directives, emergency_sheets, people, plans, trusted_persons
from tests.support.pdf_text import pages_of
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return plans.team()


def read(team):
    with open_trail():
        return plan_of(team.person_id, actor=team.coordinator)


def url(name, team, *args):
    return reverse(f"plans:{name}", args=[team.person_id, *args])


def talk(plan, **fields):
    return RecordConversation(
        plan_id=plan.id, **{"held_on": today(), "present": "Sa fille", "said": "« Pas l’hôpital. »", **fields}
    )


def wish(plan, place=Place.HOME, **fields):
    return RecordPlace(plan_id=plan.id, **{"moment": PlaceMoment.CARE, "place": place, "told_on": today(), **fields})


def deposit(plan, **fields):
    values = {"place": "Mon espace santé", "who": "Dr Soignantel", "done_on": today(), **fields}
    return RecordDeposit(plan_id=plan.id, version=plan.version, **values)


def paper(plan, holder="Sa fille"):
    return HandOut(plan_id=plan.id, version=plan.version, holder=holder, given_on=today())


def refused(team, category):
    """Keep that she refuses a category of her file to the hospital."""
    Opposition.objects.create(
        person_id=team.person_id,
        organisation_id=team.nurse.organisation_id,
        category=category,
        stated_on=today(),
        means="spoken",
    )


def signed_again(plan, team):
    """Return the plan once its next version is signed."""
    share_plan(SharePlan(plan_id=plan.id, version=plans.present(plan).version), by=team.coordinator)
    record_agreement(plans.agreement(plans.present(plan)), by=team.coordinator)
    sign_version(SignVersion(plan_id=plan.id, version=plans.present(plan).version), by=team.physician)
    return plans.present(plan)


def test_a_version_is_deposited_and_given_once_it_is_signed(team):
    plan = plans.signed(team)
    day_before = today() - timedelta(days=1)
    with pytest.raises(BeforeSignature):
        record_deposit(deposit(plan, done_on=day_before), by=team.nurse)
    with pytest.raises(BeforeSignature):
        hand_out(replace(paper(plan), given_on=day_before), by=team.nurse)


def test_a_conversation_is_kept_at_any_time_and_never_undoes_an_agreement(team):
    plan = plans.agreed(team)
    record_conversation(talk(plan, how_far="Ne veut pas parler de la sédation"), by=team.nurse)
    sign_version(SignVersion(plan_id=plan.id, version=plans.present(plan).version), by=team.physician)
    record_conversation(talk(plan, held_on=today() - timedelta(days=3)), by=team.coordinator)
    later, earlier = read(team).kept(EntryKind.CONVERSATION)
    assert (later.content["how_far"], earlier.happened_on) == (
        "Ne veut pas parler de la sédation",
        today() - timedelta(days=3),
    )
    with pytest.raises(ToldInFuture):
        record_conversation(talk(plan, held_on=today() + timedelta(days=1)), by=team.nurse)
    with pytest.raises(BeforeBirth):
        record_conversation(talk(plan, held_on=date(1900, 1, 1)), by=team.nurse)
    with pytest.raises(TextMissing):
        record_conversation(talk(plan, said=" "), by=team.nurse)
    with pytest.raises(NotFound):
        record_conversation(talk(plan), by=people.actor(Role.NURSE))


def test_what_was_kept_is_never_rewritten(team):
    record_conversation(talk(plans.plan(team)), by=team.nurse)
    with pytest.raises(DatabaseError), transaction.atomic():
        PlanEntry.objects.update(number=9)


def test_the_last_wish_counts_for_each_moment_and_is_agreed_to_with_the_plan(team):
    plan = plans.written(team)
    record_place(wish(plan, Place.HOSPITAL, told_on=today() - timedelta(days=9)), by=team.coordinator)
    record_place(wish(plan, words="Dans ma chambre"), by=team.coordinator)
    record_place(wish(plan, Place.RATHER_NOT, moment=PlaceMoment.DEATH), by=team.nurse)
    plan = signed_again(plan, team)
    with open_trail():
        places = version_for(team.person_id, 1, actor=team.nurse).content["places"]
    assert [(one["moment"], one["place"], one["words"]) for one in places] == [
        ("care", "home", "Dans ma chambre"),
        ("death", "rather_not", ""),
    ]
    text = signed_in(team.nurse).get(url("version", team, 1)).content.decode()
    assert "Dans ma chambre" in text
    assert "Elle préfère ne pas le dire" in text


def test_a_wish_told_after_the_agreement_calls_for_a_new_one(team):
    plan = plans.agreed(team)
    record_place(wish(plan), by=team.coordinator)
    with pytest.raises(ContentChanged):
        sign_version(SignVersion(plan_id=plan.id, version=plans.present(plan).version), by=team.physician)


def test_a_topic_put_off_comes_back_to_the_professional_on_its_day(team):
    plan = plans.plan(team)
    offer = SetTopicPace(
        plan_id=plan.id, code="directives", pace=Pace.NOT_NOW, offered_on=today(), come_back_on=today()
    )
    with pytest.raises(ComeBackTooEarly):
        set_topic_pace(offer, by=team.coordinator)
    set_topic_pace(replace(offer, offered_on=today() - timedelta(days=20)), by=team.coordinator)
    text = signed_in(team.coordinator).get(url("page", team)).content.decode()
    assert "Des thèmes peuvent être proposés de nouveau" in text
    set_topic_pace(replace(offer, pace=Pace.NEVER, come_back_on=None), by=team.coordinator)
    text = signed_in(team.coordinator).get(url("page", team)).content.decode()
    assert "Des thèmes peuvent être proposés de nouveau" not in text


def test_a_deposit_is_noted_with_its_place_and_who_made_it_and_nothing_is_sent(team):
    plan = plans.agreed(team)
    with pytest.raises(TransitionRefused):
        record_deposit(deposit(plan), by=team.coordinator)
    sign_version(SignVersion(plan_id=plan.id, version=plan.version), by=team.physician)
    plan = plans.present(plan)
    with pytest.raises(TextMissing) as refused:
        record_deposit(deposit(plan, who=" "), by=team.coordinator)
    assert refused.value.field == "who"
    record_deposit(deposit(plan), by=team.coordinator)
    shown = read(team)
    assert shown.state == PlanState.PUBLISHED
    (kept,) = shown.kept(EntryKind.DEPOSIT)
    assert (kept.content, kept.number) == ({"place": "Mon espace santé", "who": "Dr Soignantel"}, 1)


def test_a_refused_deposit_is_normal_and_reversible(team):
    plan = plans.signed(team)
    refusal = RefusePublication(plan_id=plan.id, version=plan.version, told_on=today(), reason="Pas sur Internet")
    refuse_publication(refusal, by=team.coordinator)
    assert read(team).state == PlanState.PUBLICATION_REFUSED
    plan = plans.present(plan)
    record_deposit(deposit(plan), by=team.coordinator)
    assert read(team).state == PlanState.PUBLISHED
    plan = plans.present(plan)
    revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    assert read(team).state == PlanState.UNDER_REVIEW


def test_a_deposit_and_a_refusal_of_what_is_in_force_are_noted_while_the_next_version_is_written(team):
    plan = plans.signed(team)
    revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    client = signed_in(team.coordinator)
    for state in (PlanState.UNDER_REVIEW, PlanState.SHARED):
        text = client.get(url("page", team)).content.decode()
        assert url("deposit", team) in text
        assert url("refuse", team) in text
        record_deposit(deposit(plans.present(plan)), by=team.coordinator)
        row = plans.present(plan)
        refuse_publication(RefusePublication(plan_id=row.id, version=row.version, told_on=today()), by=team.coordinator)
        row = plans.present(plan)
        assert row.state == state
        if state == PlanState.UNDER_REVIEW:
            share_plan(SharePlan(plan_id=row.id, version=row.version), by=team.coordinator)
    kept = [(one.kind, one.number) for one in read(team).entries]
    assert kept.count((EntryKind.DEPOSIT, 1)) == kept.count((EntryKind.REFUSAL, 1)) == 2


def test_she_may_change_her_mind_once_the_plan_was_deposited(team):
    plan = plans.signed(team)
    record_deposit(deposit(plan), by=team.coordinator)
    assert url("refuse", team) in signed_in(team.coordinator).get(url("page", team)).content.decode()
    plan = plans.present(plan)
    refuse_publication(RefusePublication(plan_id=plan.id, version=plan.version, told_on=today()), by=team.coordinator)
    shown = read(team)
    assert (shown.state, len(shown.kept(EntryKind.REFUSAL))) == (PlanState.PUBLISHED, 1)


def test_nothing_is_deposited_nor_refused_of_a_plan_that_is_closed(team):
    plan = plans.signed(team)
    left(plan, team)
    with pytest.raises(TransitionRefused):
        record_deposit(deposit(plans.present(plan)), by=team.coordinator)
    plan = plans.present(plan)
    record = RefusePublication(plan_id=plan.id, version=plan.version, told_on=today())
    with pytest.raises(TransitionRefused):
        refuse_publication(record, by=team.coordinator)
    text = signed_in(team.coordinator).get(url("page", team)).content.decode()
    assert url("deposit", team) not in text
    assert url("refuse", team) not in text


def test_who_holds_an_older_paper_is_told_apart(team):
    draft = plans.written(team)
    with pytest.raises(NothingSigned):
        hand_out(paper(draft), by=team.nurse)
    plan = signed_again(draft, team)
    hand_out(paper(plan), by=team.nurse)
    client = signed_in(team.coordinator)
    assert "Papier à remplacer" not in client.get(url("page", team)).content.decode()
    plan = plans.present(plan)
    revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    plan = signed_again(plan, team)
    assert "Papier à remplacer" in client.get(url("page", team)).content.decode()


def test_a_day_of_review_is_to_come_and_stands_on_the_desk_once_it_has_come(team):
    plan = plans.signed(team)
    with pytest.raises(ReviewInPast):
        set_review(
            SetReview(plan_id=plan.id, version=plan.version, review_on=today() - timedelta(days=1)), by=team.nurse
        )
    with pytest.raises(ReviewTooFar):
        set_review(SetReview(plan_id=plan.id, version=plan.version, review_on=date(9999, 1, 1)), by=team.nurse)
    set_review(SetReview(plan_id=plan.id, version=plan.version, review_on=today()), by=team.coordinator)
    with open_trail():
        assert [one.person_id for one in plans_to_review(actor=team.coordinator)] == [team.person_id]
        assert plans_to_review(actor=people.actor(Role.COORDINATOR, people.coordination())) == []
    assert "Plans à relire" in signed_in(team.coordinator).get("/").content.decode()
    Plan.objects.filter(pk=plan.id).update(review_on=today() + timedelta(days=1))
    with open_trail():
        assert plans_to_review(actor=team.coordinator) == []


def test_other_wishes_or_drugs_after_the_signature_mark_the_plan_to_be_looked_at(team):
    plan = plans.signed(team)
    assert read(team).stale == ()
    directives.directive(team.person_id, team.physician)
    crises.foreseen(team.person_id, team.physician)
    assert read(team).stale == (
        "Les directives anticipées ont changé",
        "Les conduites à tenir ou les médicaments prévus ont changé",
    )
    with open_trail():
        assert [one.has_changed for one in plans_to_review(actor=team.coordinator)] == [True]
        assert plans_to_review(actor=people.actor(Role.COORDINATOR, people.coordination())) == []
    assert (
        "Les directives anticipées ont changé ; Les conduites à tenir"
        in signed_in(team.coordinator).get("/").content.decode()
    )
    assert "Le plan est à relire" in signed_in(team.nurse).get(url("page", team)).content.decode()
    plan = plans.present(plan)
    revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    assert read(team).stale == ()
    with open_trail():
        assert plans_to_review(actor=team.coordinator) == []


def test_another_phase_of_the_illness_on_the_emergency_sheet_marks_the_plan(team):
    emergency_sheets.signed(team.person_id, team.physician)
    plans.signed(team)
    emergency_sheets.signed(team.person_id, team.physician, comments="Même phase")
    assert read(team).stale == ()
    emergency_sheets.signed(team.person_id, team.physician, phase=Phase.TERMINAL)
    assert read(team).stale == ("La phase de la maladie a changé",)
    with open_trail():
        (waiting,), _ = plans_waiting(actor=team.coordinator, reason=ReviewReason.PHASE)
    assert waiting.reasons == ("La phase de la maladie a changé",)
    refused(team, Category.DIRECTIVES)
    with open_trail():
        plan = plan_of(team.person_id, actor=team.nurse)
    assert plan.stale == (), "what a sheet says is told with the directives"


def test_a_plan_read_again_where_nothing_changes_is_no_longer_marked_until_something_else_does(team):
    plan = plans.signed(team)
    directives.directive(team.person_id, team.physician)
    Plan.objects.filter(pk=plan.pk).update(review_on=today())
    assert read(team).stale
    client = signed_in(team.coordinator)
    page = client.get(url("page", team))
    assert url("confirm", team) in page.content.decode()
    assert client.get(url("confirm", team)).status_code == 200
    data = {"version": plans.present(plan).version, "words": "Relu avec elle, elle maintient tout."}
    text = client.post(url("confirm", team), data, follow=True).content.decode()
    assert "Relu, rien ne change" in text
    assert "elle maintient tout" in text
    assert "Le plan est à relire" not in text
    shown = read(team)
    (kept,) = shown.kept(EntryKind.REVIEWED)
    assert (shown.stale, shown.review_on, shown.state, kept.number) == ((), None, PlanState.SIGNED, 1)
    with open_trail():
        assert plans_to_review(actor=team.coordinator) == []
        assert plans_waiting(actor=team.coordinator)[0] == []
    crises.foreseen(team.person_id, team.physician)
    assert read(team).stale == ("Les conduites à tenir ou les médicaments prévus ont changé",)
    with open_trail():
        assert [one.has_changed for one in plans_to_review(actor=team.coordinator)] == [True]
        (waiting,), _ = plans_waiting(actor=team.coordinator)
    assert waiting.reasons == ("Les conduites à tenir ou les médicaments prévus ont changé",)


def test_reading_again_may_set_the_next_day_and_keeps_the_one_that_is_to_come(team):
    plan, later = plans.signed(team), today() + timedelta(days=60)
    set_review(SetReview(plan_id=plan.id, version=plan.version, review_on=later), by=team.coordinator)
    plan = plans.present(plan)
    confirm_plan(ConfirmPlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    assert read(team).review_on == later
    plan, sooner = plans.present(plan), today() + timedelta(days=30)
    confirm_plan(ConfirmPlan(plan_id=plan.id, version=plan.version, review_on=sooner), by=team.coordinator)
    assert read(team).review_on == sooner
    plan = plans.present(plan)
    with pytest.raises(ReviewInPast):
        confirm_plan(
            ConfirmPlan(plan_id=plan.id, version=plan.version, review_on=today() - timedelta(days=1)), by=team.nurse
        )


def test_only_what_is_in_force_is_read_again_without_a_change(team):
    plan = plans.agreed(team)
    with pytest.raises(NotInForce):
        confirm_plan(ConfirmPlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    sign_version(SignVersion(plan_id=plan.id, version=plan.version), by=team.physician)
    plan = plans.present(plan)
    revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    plan = plans.present(plan)
    with pytest.raises(NotInForce):
        confirm_plan(ConfirmPlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    assert url("confirm", team) not in signed_in(team.coordinator).get(url("page", team)).content.decode()


def test_a_designation_that_lapsed_and_directives_taken_out_mark_the_plan(team, clock):
    old = Signatures(person_signed_on=date(2024, 3, 1), trusted_signed_on=date(2024, 3, 1))
    relative_id = people.relative(team.person_id, team.nurse)
    designation_id = trusted_persons.designation(team.person_id, relative_id, team.nurse, signatures=old)
    mistake = directives.directive(team.person_id, team.physician)
    clock.move_to(clock.now + timedelta(seconds=2))
    plans.signed(team)
    assert read(team).stale == ()
    asked = {"designation_id": designation_id, "version": designation_snapshot(designation_id).version}
    confirm_duration(ConfirmDuration(**asked, duration=Duration.STAY_ONLY), by=team.nurse)
    assert read(team).stale == ("La personne de confiance a changé",)
    asked = {"directive_id": mistake, "version": directive_snapshot(mistake).version}
    withdraw_directive(WithdrawDirective(**asked), by=team.physician)
    assert read(team).stale == ("La personne de confiance a changé", "Les directives anticipées ont changé")


def test_a_plan_that_something_has_changed_comes_before_those_whose_day_has_come(team):
    overdue = plans.team()
    dac = team.coordinator.organisation_id
    enter(OpenMembership(person_id=overdue.person_id, organisation_id=dac, basis=Basis.COORDINATION))
    Plan.objects.filter(pk=plans.signed(overdue).id).update(review_on=today() - timedelta(days=90))
    plans.signed(team)
    directives.directive(team.person_id, team.physician)
    with open_trail():
        due = [(one.person_id, one.has_changed) for one in plans_to_review(actor=team.coordinator)]
    assert due == [(team.person_id, True), (overdue.person_id, False)]


def test_a_stay_another_announcement_and_another_level_mark_the_plan_too(team):
    plans.signed(team)
    announcements.proposed(team.person_id, team.physician)
    offer = CareOffer.objects.create(
        organisation_id=team.physician.organisation_id, code="ssiad", kind=OfferKind.HOME_NURSING, name="SSIAD (fictif)"
    )
    open_stay(OpenStay(person_id=team.person_id, offer_id=offer.id, admitted_at=now()), by=team.physician)
    assert read(team).stale == ("Une nouvelle annonce a été faite", "La personne a été hospitalisée ou admise")


def test_two_versions_are_compared_part_by_part(team):
    plan = plans.signed(team)
    revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.coordinator)
    plans.write(plan, team, "Être près de ma sœur.", version=1)
    record_place(wish(plan), by=team.coordinator)
    signed_again(plan, team)
    with open_trail():
        found = compared(team.person_id, 1, 2, actor=team.coordinator)
        with pytest.raises(NotFound):
            compared(team.person_id, 1, 3, actor=team.coordinator)
        with pytest.raises(NotFound):
            compared(team.person_id, 1, 2, actor=people.actor(Role.PHYSICIAN))
    assert [(one.part, one.before, one.after) for one in found.changes] == [
        ("Ce qui compte pour la personne", "Rester chez moi, avec le chat.", "Être près de ma sœur."),
        ("Où la personne souhaite être soignée", "", "Chez elle"),
    ]
    text = signed_in(team.coordinator).get(url("compare", team, 1, 2)).content.decode()
    for words in ("Modifié", "Ajouté", "Rester chez moi, avec le chat.", "Être près de ma sœur."):
        assert words in text


def test_every_deed_has_its_page(team):
    plan = plans.signed(team)
    client = signed_in(team.coordinator)
    posts = {
        "conversation": {"held_on": today(), "said": "« Ça va. »"},
        "deposit": {"place": "DMP", "who": "Maël", "done_on": today()},
        "hand_out": {"holder": "Enveloppe au domicile", "given_on": today()},
        "review": {"review_on": today() + timedelta(days=90)},
        "refuse": {"told_on": today()},
    }
    for name, data in posts.items():
        assert client.get(url(name, team)).status_code == 200
        answer = client.post(url(name, team), {**data, "version": plans.present(plan).version}, follow=True)
        assert answer.status_code == 200, name
    text = client.get(url("page", team)).content.decode()
    for words in ("« Ça va. »", "DMP", "Enveloppe au domicile", "Signé et déposé", "Relecture prévue le"):
        assert words in text
    assert "« Ça va. »" in client.get(url("conversations", team)).content.decode()
    revise_plan(RevisePlan(plan_id=plan.id, version=plans.present(plan).version), by=team.coordinator)
    data = {"moment": "care", "place": "home", "told_on": today()}
    assert "Chez elle" in client.post(url("place", team), data, follow=True).content.decode()


def test_a_plan_costs_the_same_number_of_statements_whatever_it_holds(team):
    plan = plans.signed(team)
    crises.foreseen(team.person_id, team.physician)
    goal = Goal.objects.get()

    def grow(count):
        for number in range(count):
            record_conversation(talk(plan, said=f"Conversation {number}"), by=team.nurse)
            revise_plan(RevisePlan(plan_id=plan.id, version=plans.present(plan).version), by=team.coordinator)
            for _ in range(3):
                add_action(AddAction(goal_id=goal.id, what="Passer", who="SSIAD"), by=team.coordinator)
            signed_again(plan, team)

    def statements():
        with open_trail(reading=True):
            banner_of(team.person_id, actor=team.nurse)
            with CaptureQueriesContext(connection) as asked:
                assert plan_of(team.person_id, actor=team.nurse) is not None
        return len(asked)

    grow(1)
    few = statements()
    grow(4)
    assert statements() == few
    assert few <= 12


def test_a_plan_is_never_begun_ahead_of_the_answer_of_the_person(team):
    announcements.proposed(team.person_id, team.physician)
    with pytest.raises(ProposalNotAccepted):
        plans.plan(team)
    assert not Plan.objects.exists()


def left(plan, team):
    """Close a plan because she wants none any more."""
    plan = plans.present(plan)
    close_plan(ClosePlan(plan_id=plan.id, version=plan.version, reason=ClosingReason.WITHDRAWAL), by=team.physician)


def test_she_who_wanted_no_plan_any_more_is_asked_again_before_another_begins(team):
    proposal = announcements.answered(announcements.proposed(team.person_id, team.physician), team.coordinator)
    PlanProposal.objects.update(proposed_on=today() - timedelta(days=5))
    left(plans.signed(team), team)
    client = signed_in(team.coordinator)
    with pytest.raises(WantedNoMore):
        plans.plan(team)
    text = client.get(url("page", team)).content.decode()
    assert "Commencer un autre plan" not in text
    assert "La personne ne souhaitait plus de plan" in text
    proposal = announcements.answered(proposal, team.coordinator, answered_on=today() - timedelta(days=3))
    with pytest.raises(WantedNoMore):
        plans.plan(team)
    announcements.answered(proposal, team.coordinator)
    assert "Commencer un autre plan" in client.get(url("page", team)).content.decode()
    assert plans.plan(team).state == PlanState.DRAFTING


def test_a_plan_that_nobody_proposed_and_she_left_waits_for_a_proposal_and_her_answer(team):
    left(plans.plan(team), team)
    with pytest.raises(WantedNoMore):
        plans.plan(team)
    announcements.answered(announcements.proposed(team.person_id, team.physician), team.coordinator)
    assert plans.plan(team).state == PlanState.DRAFTING


def test_her_no_is_told_on_the_page_of_a_plan_that_is_under_way(team):
    proposal = announcements.answered(announcements.proposed(team.person_id, team.physician), team.coordinator)
    plans.plan(team)
    told = "Sa réponse à la proposition du plan\N{NO-BREAK SPACE}: non, merci"
    client = signed_in(team.coordinator)
    assert "Sa réponse à la proposition" not in client.get(url("page", team)).content.decode()
    announcements.answered(proposal, team.coordinator, answer=Answer.DECLINED)
    text = client.get(url("page", team)).content.decode()
    assert told in text
    assert reverse("announcements:proposal", args=[team.person_id, proposal.id]) in text


def test_the_topics_show_what_the_file_holds_already(team):
    announcements.answered(announcements.proposed(team.person_id, team.physician), team.coordinator)
    plan = plans.plan(team)
    set_review(
        SetReview(plan_id=plan.id, version=plan.version, review_on=today() + timedelta(days=9)), by=team.coordinator
    )
    client = signed_in(team.coordinator)
    text = client.get(url("topic", team, "directives")).content.decode()
    assert "Directives anticipées : aucune n’est enregistrée" in text
    assert "Personne de confiance : aucune n’est désignée" in text
    directives.directive(team.person_id, team.physician)
    relative_id = people.relative(team.person_id, team.nurse)
    trusted_persons.designation(team.person_id, relative_id, team.nurse)
    text = client.get(url("topic", team, "directives")).content.decode()
    assert "Directives anticipées : datées du" in text
    assert reverse("directives:index", args=[team.person_id]) in text
    (relative,) = relatives_snapshot(team.person_id)
    assert f"Personne de confiance : {relative.given} {relative.family}, désignée le" in text
    assert "Plan proposé le" in client.get(url("topic", team, "circumstances")).content.decode()
    assert "Relecture prévue avant le" in client.get(url("topic", team, "review")).content.decode()
    assert "Au dossier" not in client.get(url("topic", team, "what_matters")).content.decode()


@pytest.mark.parametrize("is_refused", [False, True])
def test_the_paper_keeps_what_the_file_said_of_directives_and_of_whom_she_trusts_on_the_day_it_was_signed(
    team, is_refused
):
    directives.directive(team.person_id, team.physician)
    relative_id = people.relative(team.person_id, team.nurse)
    trusted_persons.designation(team.person_id, relative_id, team.nurse)
    if is_refused:
        refused(team, Category.DIRECTIVES)
    plans.signed(team)
    (relative,) = relatives_snapshot(team.person_id)
    with open_trail():
        told = " ".join("\n".join(pages_of(version_paper(team.person_id, 1, actor=team.physician)[1])).split())
    assert "Directives anticipées : datées du" in told
    assert (f"Personne de confiance : {relative.given} {relative.family}" in told) is not is_refused


def test_the_same_plan_reads_as_a_ppcs_with_what_was_not_reached(team):
    plan = plans.written(team)
    late = Goal.objects.get()
    add_action(AddAction(goal_id=late.id, what="Lit médicalisé", who="CPAM", due_on=today()), by=team.coordinator)
    client = signed_in(team.coordinator)
    text = client.get(url("ppcs", team)).content.decode()
    for words in (
        "Rester chez moi, avec le chat.",
        "Dormir sans avoir mal",
        "Lit médicalisé",
        "Aucun objectif n’est en",
    ):
        assert words in text
    action = PlannedAction.objects.get(goal=late, due_on=today())
    PlannedAction.objects.filter(pk=action.pk).update(due_on=today() - timedelta(days=1))
    text = client.get(url("ppcs", team)).content.decode()
    assert "Aucun objectif n’est en" not in text
    assert signed_in(people.actor(Role.NURSE)).get(url("ppcs", team)).status_code == 404
    assert plan.state == PlanState.DRAFTING


@pytest.mark.parametrize("basis", [Basis.BREAK_GLASS, Basis.ADDRESSED_REFERRAL, Basis.KNOWN])
def test_who_does_not_care_for_her_is_not_said_round_her_in_the_ppcs(team, basis):
    plans.written(team)
    elsewhere = people.organisation("Structure Canariloin (fictive)")
    enter(
        OpenMembership(
            person_id=team.person_id,
            organisation_id=elsewhere.id,
            basis=basis,
            source_id=uuid4(),
            ends_at=now() + timedelta(hours=4),
        )
    )
    text = signed_in(team.coordinator).get(url("ppcs", team)).content.decode()
    assert Organisation.objects.get(pk=team.nurse.organisation_id).name in text
    assert elsewhere.name not in text


def test_a_structure_stands_once_in_the_ppcs_whatever_brought_it_there(team):
    plans.written(team)
    hospital = Organisation.objects.get(pk=team.nurse.organisation_id)
    enter(
        OpenMembership(
            person_id=team.person_id, organisation_id=hospital.id, basis=Basis.SAME_TEAM, source_id=uuid4()
        )
    )  # fmt: skip
    text = signed_in(team.coordinator).get(url("ppcs", team)).content.decode()
    assert text.count(f'<th scope="row">{escape(hospital.name)}') == 1
