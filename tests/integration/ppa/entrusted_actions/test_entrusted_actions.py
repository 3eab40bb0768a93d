"""An action of a plan in the hands of another structure: it sees the minimum set, answers, and the plan follows."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.access.circle import enter
from accounts.access.commands import (
    add_organisation,
    declare_treating,
    end_membership,
    record_opposition,
    withdraw_sharing_consent,
)
from accounts.access.gate import open_trail
from accounts.access.models import CircleMembership
from accounts.access.records import (
    AddOrganisation,
    DeclareTreating,
    EndMembership,
    OpenMembership,
    RecordOpposition,
    WithdrawSharingConsent,
)
from accounts.access.states import Basis, Category, ConsentMeans
from accounts.access.unit import ANY_VERSION
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, TransitionRefused
from accounts.people.queries import person_for
from accounts.people.records import CorrectDeath
from accounts.people.states import DeathMistake
from fhir_bridge.projection.refresh import differences
from pathway.stays.commands import correct_death, record_death
from pathway.stays.records import RecordDeath
from ppa.entrusted_actions.commands import answer_entrusted, entrust_action, withdraw_entrusted
from ppa.entrusted_actions.models import EntrustedAction
from ppa.entrusted_actions.queries import come_back_to, entrusted_for, waiting_for
from ppa.entrusted_actions.reading import structures_told
from ppa.entrusted_actions.records import AnswerEntrusted, WithdrawEntrusted
from ppa.entrusted_actions.rules import AlreadyEntrusted, PlanOver, StructureNotAgreed
from ppa.entrusted_actions.states import EntrustedMove, EntrustedState
from ppa.entrusted_actions.tasks import take_back_in_time
from ppa.plans.commands import close_plan, follow_action
from ppa.plans.models import PlannedAction
from ppa.plans.queries import version_for
from ppa.plans.records import ClosePlan, FollowAction
from ppa.plans.states import ActionStatus, ClosingReason
from tests.factories import entrusted_actions, fhir, people
from tests.factories.entrusted_actions import WORDS, input_for
from tests.support.kept import once
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]


entrusted_once = once(entrusted_actions.given)


@pytest.fixture
def given():
    return entrusted_once()


def answer(given, move, note="", *, by=None, version=1):
    record = AnswerEntrusted(entrusted_id=given.entrusted_id, version=version, answer=move, note=note)
    return answer_entrusted(record, by=by or given.manager)


def state_of(given):
    return EntrustedAction.objects.get(pk=given.entrusted_id).state


def in_the_plan(given):
    action = PlannedAction.objects.get(pk=given.action_id)
    return action.status, action.outcome


def ends_agreement(given):
    record = WithdrawSharingConsent(consent_id=given.consent_id, withdrawn_on=today(), means=ConsentMeans.SPOKEN)
    withdraw_sharing_consent(record, by=given.team.physician)


def refuses(given, organisation_id=None, **fields):
    record = RecordOpposition(
        person_id=given.team.person_id,
        stated_on=today(),
        means=ConsentMeans.SPOKEN,
        organisation_id=organisation_id,
        **fields,
    )
    record_opposition(record, by=given.team.physician)


def cares(given, structure, **fields):
    return enter(
        OpenMembership(
            person_id=given.team.person_id, organisation_id=structure.id, basis=Basis.SAME_TEAM, source_id=uuid4(),
            **fields,
        )
    )  # fmt: skip


def told(given):
    return set(structures_told(given.team.person_id))


def test_it_stands_on_the_desk_of_the_structure_with_the_minimum_set_only(given):
    with open_trail():
        assert [one.shown.what for one in waiting_for(given.manager)] == [WORDS]
        for shut in (
            lambda: person_for(given.team.person_id, actor=given.manager),
            lambda: version_for(given.team.person_id, 1, actor=given.manager),
        ):
            with pytest.raises((NotFound, NotAllowed)):
                shut()
    browser = signed_in(given.manager)
    assert WORDS in browser.get("/").content.decode()
    shown = browser.get(f"/actions-confiees/{given.entrusted_id}/").content.decode()
    assert WORDS in shown
    assert "Données minimales" in shown
    assert "Rester chez moi" not in shown
    assert browser.get(f"/personnes/{given.team.person_id}/plan/").status_code == 404


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.PHYSICIAN, Role.NURSE, Role.SOCIAL_WORKER, Role.BED_MANAGER])
def test_whoever_works_there_answers_and_nobody_elsewhere(given, role):
    stranger = people.actor(role, people.organisation())
    with open_trail():
        assert waiting_for(stranger) == []
        with pytest.raises(NotFound):
            entrusted_for(given.entrusted_id, actor=stranger)
    with pytest.raises(NotFound):
        answer(given, EntrustedMove.TAKE, by=stranger)
    answer(given, EntrustedMove.TAKE, by=people.actor(role, given.structure))
    assert state_of(given) == EntrustedState.TAKEN


def test_the_circle_reads_it_and_does_not_answer_in_its_place(given):
    with open_trail():
        assert entrusted_for(given.entrusted_id, actor=given.team.nurse).organisation == given.structure.name
    with pytest.raises(NotAllowed):
        answer(given, EntrustedMove.FINISH, by=given.team.nurse)


@pytest.mark.parametrize(
    ("move", "note", "status", "said"),
    [
        (EntrustedMove.TAKE, "", ActionStatus.DOING, ""),
        (EntrustedMove.FINISH, "Elle a dormi", ActionStatus.DONE, " – Elle a dormi"),
        (EntrustedMove.DECLINE, "Plus de place", ActionStatus.PLANNED, " : pas possible – Plus de place"),
    ],
)
def test_the_plan_follows_the_answer(given, move, note, status, said):
    answer(given, move, note)
    assert in_the_plan(given) == (status, given.structure.name + said)
    assert list(differences()) == []


def test_what_could_not_be_done_comes_back_until_somebody_else_has_it(given):
    answer(given, EntrustedMove.DECLINE, "Plus de place")
    with open_trail():
        assert waiting_for(given.manager) == []
        assert [one.shown.note for one in come_back_to(given.team.coordinator)] == ["Plus de place"]
    assert "Actions à confier autrement" in signed_in(given.team.coordinator).get("/").content.decode()
    other = people.organisation()
    people.consented(given.team.person_id, other, by=given.team.physician)
    entrust_action(input_for(given.action_id, other), by=given.team.coordinator)
    with open_trail():
        assert come_back_to(given.team.coordinator) == []


def follows(given, status, outcome=""):
    version = PlannedAction.objects.get(pk=given.action_id).version
    record = FollowAction(action_id=given.action_id, version=version, status=status, outcome=outcome)
    follow_action(record, by=given.team.nurse)


def come_back(given):
    with open_trail():
        return [one.shown.id for one in come_back_to(given.team.coordinator)]


def test_what_was_written_by_hand_is_kept_when_the_structure_answers(given):
    follows(given, ActionStatus.PLANNED, "Vu avec sa fille")
    answer(given, EntrustedMove.TAKE)
    assert in_the_plan(given) == (ActionStatus.DOING, "Vu avec sa fille")
    answer(given, EntrustedMove.FINISH, "Elle a dormi", version=2)
    assert in_the_plan(given) == (ActionStatus.DONE, f"Vu avec sa fille\n{given.structure.name} – Elle a dormi")


def test_what_was_said_when_taking_it_is_kept_when_it_is_finished_without_a_word(given):
    answer(given, EntrustedMove.TAKE, "Dès lundi")
    answer(given, EntrustedMove.FINISH, version=2)
    assert EntrustedAction.objects.get(pk=given.entrusted_id).note == "Dès lundi"
    assert in_the_plan(given) == (ActionStatus.DONE, f"{given.structure.name} – Dès lundi")


def test_what_was_taken_and_is_taken_back_waits_again_in_the_plan(given):
    answer(given, EntrustedMove.TAKE)
    withdraw_entrusted(WithdrawEntrusted(entrusted_id=given.entrusted_id, version=2), by=given.team.coordinator)
    assert in_the_plan(given) == (ActionStatus.PLANNED, f"{given.structure.name} : action reprise")
    assert come_back(given) == [], "who takes it back knows"
    assert list(differences()) == []


def test_what_an_old_fault_left_under_way_is_put_back(given, capsys):
    answer(given, EntrustedMove.TAKE, "Dès lundi")
    withdraw_entrusted(WithdrawEntrusted(entrusted_id=given.entrusted_id, version=2), by=given.team.coordinator)
    by_hand = entrusted_actions.given()
    answer(by_hand, EntrustedMove.TAKE)
    withdraw_entrusted(WithdrawEntrusted(entrusted_id=by_hand.entrusted_id, version=2), by=by_hand.team.coordinator)
    follows(by_hand, ActionStatus.DOING, "Sa fille s’en charge")
    call_command("put_back_actions", "--check")
    said = f"{given.structure.name} – Dès lundi"
    PlannedAction.objects.filter(pk=given.action_id).update(status=ActionStatus.DOING)
    row = PlannedAction.objects.get(pk=given.action_id)
    row.outcome = said
    row.save()
    capsys.readouterr()
    with pytest.raises(CommandError):
        call_command("put_back_actions", "--check")
    assert capsys.readouterr().out.split() == [str(given.entrusted_id)]
    assert in_the_plan(given) == (ActionStatus.DOING, said)
    call_command("put_back_actions")
    assert in_the_plan(given) == (ActionStatus.PLANNED, f"{said}\n{given.structure.name} : action reprise")
    assert in_the_plan(by_hand) == (ActionStatus.DOING, "Sa fille s’en charge")
    call_command("put_back_actions", "--check")
    assert list(differences()) == []


def test_what_nobody_answered_leaves_the_plan_as_the_team_wrote_it(given):
    follows(given, ActionStatus.DOING, "Sa fille s’en charge")
    withdraw_entrusted(WithdrawEntrusted(entrusted_id=given.entrusted_id, version=1), by=given.team.coordinator)
    assert in_the_plan(given) == (ActionStatus.DOING, "Sa fille s’en charge")


def test_who_had_given_it_is_told_what_came_back_by_itself(given):
    answer(given, EntrustedMove.TAKE)
    ends_agreement(given)
    assert in_the_plan(given) == (ActionStatus.PLANNED, f"{given.structure.name} : action reprise")
    assert come_back(given) == [given.entrusted_id]


def test_what_the_team_does_itself_is_no_longer_to_be_given(given):
    answer(given, EntrustedMove.DECLINE, "Plus de place")
    assert come_back(given) == [given.entrusted_id]
    follows(given, ActionStatus.DOING)
    assert come_back(given) == []


def test_what_is_late_without_an_answer_reaches_who_gave_it(clock):
    given = entrusted_actions.given(due_on=today())
    assert come_back(given) == []
    clock.forward(days=1)
    assert come_back(given) == [given.entrusted_id]
    answer(given, EntrustedMove.TAKE)
    assert come_back(given) == []


def test_an_action_of_a_plan_that_is_closed_is_not_given(given):
    withdraw_entrusted(WithdrawEntrusted(entrusted_id=given.entrusted_id, version=1), by=given.team.coordinator)
    record = ClosePlan(plan_id=given.plan.id, version=ANY_VERSION, reason=ClosingReason.RECOVERY)
    follow = f"/personnes/{given.team.person_id}/plan/actions/{given.action_id}/suivi/"
    coordinator = signed_in(given.team.coordinator)
    assert "Confier à une structure" in coordinator.get(follow).content.decode()
    close_plan(record, by=given.team.physician)
    assert "Confier à une structure" not in coordinator.get(follow).content.decode()
    with pytest.raises(PlanOver):
        entrust_action(input_for(given.action_id, given.structure), by=given.team.coordinator)


def test_an_answer_is_given_once_on_what_was_read(given):
    with pytest.raises(StaleVersion):
        answer(given, EntrustedMove.TAKE, version=7)
    answer(given, EntrustedMove.FINISH)
    with pytest.raises(TransitionRefused):
        answer(given, EntrustedMove.DECLINE, "Trop tard", version=2)


def test_one_structure_at_a_time(given):
    with pytest.raises(AlreadyEntrusted):
        entrust_action(input_for(given.action_id, given.structure), by=given.team.coordinator)


def test_a_structure_that_she_did_not_agree_to_is_not_told(given):
    withdraw_entrusted(WithdrawEntrusted(entrusted_id=given.entrusted_id, version=1), by=given.team.coordinator)
    unknown, partly = people.organisation(), people.organisation()
    people.consented(given.team.person_id, partly, by=given.team.physician, categories={Category.DIRECTIVES})
    for structure in (unknown, partly):
        with pytest.raises(StructureNotAgreed):
            entrust_action(input_for(given.action_id, structure), by=given.team.coordinator)


def test_a_unit_of_the_hospital_that_cares_for_her_may_be_given_one(given):
    withdraw_entrusted(WithdrawEntrusted(entrusted_id=given.entrusted_id, version=1), by=given.team.coordinator)
    unit = people.organisation("Oncologie (fictif)", part_of_id=given.team.physician.organisation_id)
    entrust_action(input_for(given.action_id, unit), by=given.team.coordinator)
    with open_trail():
        assert [one.shown.what for one in waiting_for(people.actor(Role.BED_MANAGER, unit))] == [WORDS]


def test_nobody_outside_of_the_circle_gives_an_action(given):
    with pytest.raises(NotFound):
        entrust_action(input_for(given.action_id, given.structure), by=people.actor(Role.COORDINATOR))
    with pytest.raises(NotFound):
        entrust_action(input_for(uuid4(), given.structure), by=given.team.coordinator)


def test_what_is_taken_back_is_seen_no_more(given):
    withdraw_entrusted(WithdrawEntrusted(entrusted_id=given.entrusted_id, version=1), by=given.team.coordinator)
    with open_trail():
        assert waiting_for(given.manager) == []
        with pytest.raises(NotFound):
            entrusted_for(given.entrusted_id, actor=given.manager)
    assert in_the_plan(given)[0] == ActionStatus.PLANNED


@pytest.mark.parametrize("status", [ActionStatus.DONE, ActionStatus.DROPPED])
def test_what_the_plan_says_is_over_is_taken_back(given, status):
    follow_action(FollowAction(action_id=given.action_id, version=1, status=status), by=given.team.nurse)
    assert state_of(given) == EntrustedState.WITHDRAWN
    assert in_the_plan(given)[0] == status


def test_an_agreement_taken_back_takes_the_action_back(given):
    ends_agreement(given)
    assert state_of(given) == EntrustedState.WITHDRAWN


def test_a_refusal_of_the_person_closes_it_at_once(given):
    refuses(given, given.structure.id)
    with open_trail():
        assert waiting_for(given.manager) == []
        with pytest.raises(NotFound):
            entrusted_for(given.entrusted_id, actor=given.manager)


def test_who_is_taken_out_of_the_circle_loses_it_though_the_agreement_stands(given):
    added = AddOrganisation(
        person_id=given.team.person_id, organisation_id=given.structure.id, consent_id=given.consent_id
    )  # fmt: skip
    opened = add_organisation(added, by=given.team.coordinator)
    assert given.structure.id in told(given)
    end_membership(EndMembership(membership_id=opened.id), by=given.team.physician)
    assert state_of(given) == EntrustedState.WITHDRAWN
    assert given.structure.id not in told(given)
    add_organisation(added, by=given.team.coordinator)
    assert given.structure.id in told(given)


def moved_to(given, structure):
    withdraw_entrusted(WithdrawEntrusted(entrusted_id=given.entrusted_id, version=1), by=given.team.coordinator)
    moved = entrust_action(input_for(given.action_id, structure), by=given.team.coordinator)
    return replace(given, entrusted_id=moved.id, structure=structure)


def test_a_team_that_is_taken_out_of_the_circle_loses_it_and_its_units_too(given):
    service = people.organisation()
    unit = people.organisation("Équipe du soir (fictive)", part_of_id=service.id)
    membership = cares(given, service)
    moved = moved_to(given, unit)
    end_membership(EndMembership(membership_id=membership.id), by=given.team.physician)
    assert state_of(moved) == EntrustedState.WITHDRAWN
    assert not {service.id, unit.id} & told(given)


def test_a_unit_loses_it_with_the_agreement_of_its_house_which_has_discharged_her(given):
    house = people.organisation()
    unit = people.organisation("Équipe mobile (fictive)", part_of_id=house.id)
    cares(given, house, ends_at=now() + timedelta(days=30))
    consent_id = people.consented(given.team.person_id, house, by=given.team.physician)
    moved = moved_to(given, unit)
    ends_agreement(replace(moved, consent_id=consent_id))
    assert state_of(moved) == EntrustedState.WITHDRAWN


def test_it_ends_on_the_day_on_which_the_structure_leaves_the_circle(given, clock):
    house = people.organisation()
    cares(given, house, ends_at=now() + timedelta(days=30))
    moved = moved_to(given, house)
    assert take_back_in_time() == 0
    clock.forward(days=31)
    assert take_back_in_time() == 1
    assert state_of(moved) == EntrustedState.WITHDRAWN


def test_the_structure_of_who_declares_that_he_treats_her_is_not_told(given):
    colleague = people.actor(Role.PHYSICIAN)
    enter(OpenMembership(person_id=given.team.person_id, organisation_id=colleague.organisation_id, basis=Basis.KNOWN))
    declare_treating(
        DeclareTreating(person_id=given.team.person_id, reason="Je la suis à domicile depuis un an"), by=colleague
    )
    assert CircleMembership.objects.filter(professional_id=colleague.professional_id, basis=Basis.TREATING).exists()
    assert colleague.organisation_id not in told(given)


def test_a_team_that_begins_another_day_is_not_told_yet(given):
    house = people.organisation()
    cares(given, house, starts_at=now() + timedelta(days=2))
    assert house.id not in told(given)


def test_what_is_refused_to_a_structure_comes_back_and_goes_to_another(given):
    refuses(given, given.structure.id)
    assert state_of(given) == EntrustedState.WITHDRAWN
    assert given.structure.id not in told(given)
    with pytest.raises(StructureNotAgreed):
        entrust_action(input_for(given.action_id, given.structure), by=given.team.coordinator)
    other = people.organisation()
    people.consented(given.team.person_id, other, by=given.team.physician)
    entrust_action(input_for(given.action_id, other), by=given.team.coordinator)


@pytest.mark.parametrize(("category", "closes"), [(Category.PLAN, True), (Category.DIRECTIVES, False)])
def test_a_refusal_to_everybody_leaves_the_house_that_heard_it(given, category, closes):
    heard_at = given.team.physician.organisation_id
    unit = people.organisation("Oncologie (fictif)", part_of_id=heard_at)
    refuses(given, categories=frozenset({category}))
    assert (state_of(given) == EntrustedState.WITHDRAWN) is closes
    assert (given.structure.id not in told(given)) is closes
    assert {heard_at, unit.id} <= told(given)


def test_a_refusal_to_a_house_is_one_to_its_units(given):
    house = people.organisation()
    unit = people.organisation("Équipe mobile (fictive)", part_of_id=house.id)
    cares(given, house)
    moved = moved_to(given, unit)
    refuses(given, house.id)
    assert state_of(moved) == EntrustedState.WITHDRAWN


def test_a_structure_that_goes_on_caring_keeps_it_when_its_agreement_ends(given):
    cares(given, given.structure)
    ends_agreement(given)
    assert state_of(given) == EntrustedState.GIVEN


@pytest.mark.parametrize(("category", "keeps"), [(Category.PLAN, True), (Category.DIRECTIVES, False)])
def test_another_agreement_keeps_it_when_it_covers_the_plan(given, category, keeps):
    people.consented(given.team.person_id, given.structure, by=given.team.physician, categories=frozenset({category}))
    ends_agreement(given)
    assert (state_of(given) == EntrustedState.GIVEN) is keeps


def test_whom_to_tell_is_read_in_as_many_questions_whatever_the_circle(given, django_assert_num_queries):
    with CaptureQueriesContext(connection) as few:
        told(given)
    for _ in range(3):
        cares(given, people.organisation())
        people.consented(given.team.person_id, people.organisation(), by=given.team.physician)
    with django_assert_num_queries(len(few)):
        told(given)


def test_a_death_takes_it_back(given):
    record_death(RecordDeath(person_id=given.team.person_id, died_on=today()), by=given.team.physician)
    assert state_of(given) == EntrustedState.WITHDRAWN


@pytest.mark.parametrize("move", [None, EntrustedMove.TAKE])
def test_a_death_noted_by_mistake_gives_it_back(given, move):
    if move:
        answer(given, move)
    before, said = state_of(given), in_the_plan(given)
    record_death(RecordDeath(person_id=given.team.person_id, died_on=today()), by=given.team.physician)
    correct_death(
        CorrectDeath(person_id=given.team.person_id, reason=DeathMistake.WRONG_RECORD), by=given.team.physician
    )  # fmt: skip
    assert (state_of(given), in_the_plan(given)) == (before, said)
    with open_trail():
        assert [one.shown.what for one in waiting_for(given.manager)] == [WORDS]
    assert list(differences()) == []
    back = WithdrawEntrusted(entrusted_id=given.entrusted_id, version=ANY_VERSION)
    withdraw_entrusted(back, by=given.team.coordinator)
    assert come_back(given) == [], "this time somebody took it back"


def test_a_death_noted_by_mistake_gives_nothing_to_who_may_no_longer_be_told(given):
    answer(given, EntrustedMove.TAKE)
    record_death(RecordDeath(person_id=given.team.person_id, died_on=today()), by=given.team.physician)
    ends_agreement(given)
    correct_death(
        CorrectDeath(person_id=given.team.person_id, reason=DeathMistake.WRONG_RECORD), by=given.team.physician
    )  # fmt: skip
    assert state_of(given) == EntrustedState.WITHDRAWN
    assert in_the_plan(given)[0] == ActionStatus.PLANNED
    assert come_back(given) == [given.entrusted_id]


def test_its_screens(given):
    person = given.team.person_id
    coordinator, manager = signed_in(given.team.coordinator), signed_in(given.manager)
    offered = f"/actions-confiees/confier/{person}/{given.action_id}/"
    follow = f"/personnes/{person}/plan/actions/{given.action_id}/suivi/"
    assert offered in coordinator.get(follow).content.decode()
    assert "Actions confiées" in coordinator.get(f"/personnes/{person}/").content.decode()
    page = f"/actions-confiees/{given.entrusted_id}/"
    taken_back = coordinator.post(f"{page}reprendre/", {"version": 1})
    assert taken_back.status_code == 302
    posted = {"organisation": str(given.structure.id), "what": "<script>👵 مرحبا", "message": "x" * 50_000}
    shown = coordinator.get(offered).content.decode()
    assert given.structure.name in shown
    assert "À choisir" in shown
    assert coordinator.post(offered, {**posted, "organisation": ""}).status_code != 302
    again = coordinator.post(offered, posted)
    assert again.status_code == 302
    shown = manager.get(again["Location"]).content.decode()
    assert "&lt;script&gt;👵 مرحبا" in shown
    assert "<script>👵" not in shown
    refused = manager.post(again["Location"], {"version": 1, "answer": "decline", "note": ""})
    assert "pourquoi ce n’est pas possible" in refused.content.decode()
    assert manager.post(again["Location"], {"version": 1, "answer": "take", "note": ""}).status_code == 302
    assert "Prise en charge" in manager.get("/actions-confiees/").content.decode()


def test_a_structure_of_the_circle_answers_on_its_page_and_takes_nothing_back_from_itself(given):
    cares(given, given.structure)
    page = signed_in(people.actor(Role.NURSE, given.structure)).get(f"/actions-confiees/{given.entrusted_id}/")
    assert "Votre réponse" in page.content.decode()
    assert "Reprendre l’action" not in page.content.decode()
    page = signed_in(given.team.coordinator).get(f"/actions-confiees/{given.entrusted_id}/")
    assert "Reprendre l’action" in page.content.decode()


def test_the_structure_s_system_reads_a_task(given):
    person = given.team.person_id
    theirs, ours = fhir.partner(given.structure), fhir.partner(people.organisation())
    task = theirs.get(f"Task/{given.entrusted_id}").json()
    assert (task["status"], task["description"]) == ("requested", WORDS)
    assert task["owner"]["reference"] == f"Organization/{given.structure.id}"
    found = theirs.get(f"Task?patient={person}&code=entrusted-action&status=requested").json()
    assert [one["resource"]["id"] for one in found["entry"]] == [str(given.entrusted_id)]
    assert ours.get(f"Task/{given.entrusted_id}").status_code == 404
    answer(given, EntrustedMove.FINISH, "Elle a dormi")
    done = theirs.get(f"Task/{given.entrusted_id}").json()
    assert (done["status"], done["output"][0]["valueString"]) == ("completed", "Elle a dormi")
    assert list(differences()) == []
