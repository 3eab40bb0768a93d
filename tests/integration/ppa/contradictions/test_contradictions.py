"""Contradictions through their command and their pages: shown with both sources, settled by somebody, nothing lost."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.access.gate import open_trail
from accounts.access.states import Basis
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import NotFound
from accounts.organisations.models import Organisation
from ppa.contradictions.commands import reopen_contradiction, settle_contradiction
from ppa.contradictions.models import Settlement
from ppa.contradictions.queries import contradictions_of, open_count, settlements_of
from ppa.contradictions.records import ReopenContradiction
from ppa.contradictions.rules import AlreadySettled, ContradictionGone
from ppa.contradictions.states import Kind, SettlementState
from ppa.directives.commands import revoke_directive
from ppa.directives.queries import directive_page, directive_snapshot
from ppa.directives.records import RevokeDirective, ToSettle, Wish
from ppa.directives.states import RESUSCITATION, Decision, RevocationMeans, State
from ppa.emergency_sheets.states import Measure, Sedation, Stance
from ppa.plans.commands import close_plan
from ppa.plans.models import Plan
from ppa.plans.records import ClosePlan
from ppa.plans.states import ClosingReason
from tests.factories import contradictions, crises, directives, emergency_sheets, fhir, people, plans, trusted_persons
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]
WANTS = (Wish(code=RESUSCITATION, decision=Decision.PERMIT, note="Tout tenter"),)


@pytest.fixture
def round_her():
    return plans.team()


def at_odds(team):
    """Record one document that asks for resuscitation and comfort care alone."""
    return directives.directive(team.person_id, team.nurse, wishes=WANTS, comfort_only=True)


def test_a_document_at_odds_with_itself_is_valid_at_once_then_settled_and_both_passages_stay(round_her):
    directive_id = at_odds(round_her)
    assert directive_snapshot(directive_id).state == State.VALID
    [found] = contradictions.waiting(round_her.person_id, round_her.nurse)
    settlement_id = contradictions.settlement(round_her.person_id, round_her.nurse)
    assert contradictions.waiting(round_her.person_id, round_her.nurse) == []
    with open_trail():
        [kept] = settlements_of(round_her.person_id, actor=round_her.physician)
        assert directive_page(directive_id, actor=round_her.nurse).to_settle == ToSettle()
    assert (kept.id, kept.contradiction) == (settlement_id, found)
    with pytest.raises(AlreadySettled):
        settle_contradiction(contradictions.settlement_of(round_her.person_id, found.key), by=round_her.physician)


def test_the_page_of_a_document_lists_what_her_own_words_say_otherwise_and_counts_what_waits_beside(round_her):
    directive_id = directives.directive(
        round_her.person_id, round_her.nurse, wishes=WANTS, text="Je refuse la réanimation."
    )
    address = reverse("directives:page", args=[round_her.person_id, directive_id])
    told = signed_in(round_her.nurse).get(address).content.decode()
    assert "un choix du document et les mots de la personne ne vont peut-être pas ensemble" in told
    assert "entre ce document et ce qui est écrit ailleurs" not in told
    contradictions.signed_plan(round_her, "Elle ne veut pas de réanimation.")
    told = signed_in(round_her.nurse).get(address).content.decode()
    assert "Une question attend entre ce document et ce qui est écrit ailleurs." in told


def test_a_question_taken_up_again_waits_again(round_her):
    directive_id = at_odds(round_her)
    settlement_id = contradictions.settlement(round_her.person_id, round_her.nurse)
    reopen_contradiction(ReopenContradiction(settlement_id=settlement_id, version=1), by=round_her.physician)
    assert len(contradictions.waiting(round_her.person_id, round_her.nurse)) == 1
    with open_trail():
        assert directive_page(directive_id, actor=round_her.nurse).to_settle.inside
        [kept] = settlements_of(round_her.person_id, actor=round_her.nurse)
    assert kept.state == SettlementState.REOPENED


def test_two_documents_that_differ_wait_until_one_is_revoked(round_her):
    directives.directive(round_her.person_id, round_her.nurse, signed_on=date(2020, 1, 1), wishes=WANTS)
    current = directives.directive(round_her.person_id, round_her.nurse)
    [found] = contradictions.waiting(round_her.person_id, round_her.nurse)
    assert found.kind == Kind.VERSIONS
    revoke_directive(
        RevokeDirective(
            directive_id=current,
            version=directive_snapshot(current).version,
            revoked_on=date(2026, 6, 1),
            means=RevocationMeans.WRITTEN,
            received_by="Essai",
        ),
        by=round_her.nurse,
    )
    with pytest.raises(ContradictionGone):
        settle_contradiction(contradictions.settlement_of(round_her.person_id, found.key), by=round_her.nurse)


def test_the_signed_plan_is_read_beside_the_directives(round_her):
    directives.directive(round_her.person_id, round_her.nurse, shared_with_coordination=True)
    contradictions.signed_plan(round_her, "Elle demande une réanimation si elle est seule.")
    [found] = contradictions.waiting(round_her.person_id, round_her.coordinator)
    assert (found.kind, found.second.words) == (Kind.PLAN, "Elle demande une réanimation si elle est seule.")


def test_a_plan_that_is_closed_contradicts_nothing_any_more(round_her):
    directives.directive(round_her.person_id, round_her.nurse, shared_with_coordination=True)
    contradictions.signed_plan(round_her, "Elle demande une réanimation si elle est seule.")
    assert len(contradictions.waiting(round_her.person_id, round_her.nurse)) == 1
    plan = Plan.objects.get()
    record = ClosePlan(plan_id=plan.id, version=plan.version, reason=ClosingReason.WITHDRAWAL)
    close_plan(record, by=round_her.physician)
    assert contradictions.waiting(round_her.person_id, round_her.nurse) == []
    assert open_count(round_her.person_id) == 0
    system = fhir.partner(Organisation.objects.get(pk=round_her.nurse.organisation_id))
    assert system.get(f"DetectedIssue?patient={round_her.person_id}").json().get("entry", []) == []


def test_comfort_care_alone_against_a_former_document_is_settled_by_somebody_and_both_stay(round_her):
    person_id = round_her.person_id
    directives.directive(person_id, round_her.nurse, signed_on=date(2020, 1, 1), wishes=WANTS)
    directives.directive(person_id, round_her.nurse, wishes=(), comfort_only=True)
    text = signed_in(round_her.physician).get(reverse("contradictions:index", args=[person_id])).content.decode()
    assert "Tout tenter" in text
    assert "Des soins de confort uniquement." in text
    contradictions.settlement(person_id, round_her.nurse)
    assert contradictions.waiting(person_id, round_her.nurse) == []
    with open_trail():
        [kept] = settlements_of(person_id, actor=round_her.physician)
    assert "Tout tenter" in kept.contradiction.second.words


def test_nobody_reads_here_what_he_may_not_read_there(round_her):
    at_odds(round_her)
    contradictions.settlement(round_her.person_id, round_her.nurse)
    with open_trail():
        assert contradictions_of(round_her.person_id, actor=round_her.coordinator) == []
        assert settlements_of(round_her.person_id, actor=round_her.coordinator) == []
        with pytest.raises(NotFound):
            contradictions_of(round_her.person_id, actor=people.actor(Role.PHYSICIAN))


def test_the_page_shows_both_passages_and_takes_the_answer(round_her):
    directive_id = at_odds(round_her)
    person_id = round_her.person_id
    client = signed_in(round_her.physician)
    index = reverse("contradictions:index", args=[person_id])
    assert index in client.get(reverse("directives:page", args=[person_id, directive_id])).content.decode()
    assert index in client.get(reverse("people:page", args=[person_id])).content.decode()
    text = client.get(index).content.decode()
    assert "Tout tenter" in text
    assert "Des soins de confort uniquement." in text
    [found] = contradictions.waiting(person_id, round_her.nurse)
    url = reverse("contradictions:settle", args=[person_id, found.key])
    given = {"outcome": "second", "settled_with": "person", "settled_on": "2026-11-20", "note": ""}
    assert client.post(url, given).status_code == 422
    told = "Elle ne veut que du confort. " * 2000
    done = client.post(url, {**given, "note": told}, follow=True).content.decode()
    assert "Le second passage compte" in done
    assert "Elle ne veut que du confort" in done
    settlement = Settlement.objects.get()
    reopen = reverse("contradictions:reopen", args=[person_id, settlement.id])
    assert "de nouveau ouverte" in client.post(reopen, {"version": 1}, follow=True).content.decode()
    social = signed_in(directives.colleague(Role.SOCIAL_WORKER, person_id, Basis.SAME_TEAM))
    assert social.get(index).status_code == 404
    assert index not in social.get(reverse("people:page", args=[person_id])).content.decode()


def test_the_signed_emergency_sheet_is_read_beside_the_directives_and_never_waits_for_them(round_her):
    directives.directive(round_her.person_id, round_her.nurse, wishes=WANTS, shared_with_coordination=True)
    emergency_sheets.signed(round_her.person_id, round_her.physician)
    [found] = contradictions.waiting(round_her.person_id, round_her.nurse)
    assert (found.kind, found.second.source) == (Kind.SHEET, "Fiche Urgence Pallia")
    person_page = signed_in(round_her.nurse).get(reverse("people:page", args=[round_her.person_id])).content.decode()
    assert reverse("contradictions:index", args=[round_her.person_id]) in person_page
    emergency_sheets.signed(round_her.person_id, round_her.physician, measures={})
    assert contradictions.waiting(round_her.person_id, round_her.nurse) == []


def test_a_sheet_and_a_drug_are_settled_either_way_and_told_to_systems_without_a_word(round_her):
    person_id, physician = round_her.person_id, round_her.physician
    crises.prescription(crises.crisis(person_id, physician), physician, drug="Midazolam, ampoule de 5 mg")
    emergency_sheets.signed(person_id, physician, sedation=Sedation.REFUSED)
    [found] = contradictions.waiting(person_id, round_her.nurse)
    assert found.kind == Kind.SHEET_PRESCRIPTION
    client = signed_in(round_her.nurse)
    address = reverse("contradictions:settle", args=[person_id, found.key])
    assert "Le second passage compte" in client.get(address).content.decode()
    given = {"outcome": "second", "settled_with": "team", "settled_on": str(today()), "note": "Relu avec elle"}
    assert client.post(address, given).status_code == 302
    assert contradictions.waiting(person_id, physician) == []
    with open_trail():
        [kept] = settlements_of(person_id, actor=physician)
    assert "Midazolam" in kept.contradiction.second.words
    system = fhir.partner(Organisation.objects.get(pk=round_her.nurse.organisation_id))
    (shown,) = [one["resource"] for one in system.get(f"DetectedIssue?patient={person_id}").json()["entry"]]
    kinds = [one["reference"].split("/")[0] for one in shown["implicated"]]
    assert (kinds, shown["status"]) == (["DocumentReference", "MedicationRequest"], "final")
    assert "Midazolam" not in str(shown)
    found_by = system.get(f"DetectedIssue?implicated={shown['implicated'][0]['reference']}")
    assert found_by.json().get("entry"), found_by.content


def test_a_plan_that_refuses_sedation_and_a_drug_prescribed_ahead_are_read_together_by_who_reads_both(round_her):
    person_id, physician = round_her.person_id, round_her.physician
    crises.prescription(crises.crisis(person_id, physician), physician, drug="Midazolam, ampoule de 5 mg")
    contradictions.signed_plan(round_her, "Elle refuse toute sédation.")
    [found] = contradictions.waiting(person_id, round_her.nurse)
    assert (found.kind, found.first.words) == (Kind.PLAN_PRESCRIPTION, "Elle refuse toute sédation.")
    assert "Midazolam" in found.second.words
    index = reverse("contradictions:index", args=[person_id])
    text = signed_in(round_her.nurse).get(index).content.decode()
    assert "Entre le plan et une prescription anticipée" in text
    contradictions.settlement(person_id, round_her.nurse)
    with open_trail():
        assert len(settlements_of(person_id, actor=physician)) == 1
    system = fhir.partner(Organisation.objects.get(pk=round_her.nurse.organisation_id))
    (shown,) = [one["resource"] for one in system.get(f"DetectedIssue?patient={person_id}").json()["entry"]]
    assert [one["reference"].split("/")[0] for one in shown["implicated"]] == ["CarePlan", "MedicationRequest"]
    assert "sédation" not in str(shown["implicated"])


def test_directives_written_in_words_are_read_beside_a_sheet_that_nothing_kept_from_being_signed(round_her):
    person_id = round_her.person_id
    directives.directive(person_id, round_her.nurse, wishes=(), text="Je veux rester chez moi. Pas de réanimation.")
    emergency_sheets.signed(person_id, round_her.physician, measures={Measure.CPR: Stance.WANTED})
    [found] = contradictions.waiting(person_id, round_her.nurse)
    assert (found.kind, found.first.words) == (Kind.SHEET, "Pas de réanimation.")
    text = signed_in(round_her.nurse).get(reverse("contradictions:index", args=[person_id])).content.decode()
    assert "Pas de réanimation." in text
    assert "Massage cardiaque, défibrillation" in text
    contradictions.settlement(person_id, round_her.nurse)
    emergency_sheets.signed(person_id, round_her.physician, measures={Measure.CPR: Stance.WANTED})
    assert contradictions.waiting(person_id, round_her.nurse) == []
    with open_trail():
        assert contradictions_of(person_id, actor=round_her.coordinator) == []


def test_relatives_do_not_settle_while_somebody_is_designated(round_her):
    person_id = round_her.person_id
    at_odds(round_her)
    [found] = contradictions.waiting(person_id, round_her.nurse)
    trusted_persons.designation(person_id, people.relative(person_id, round_her.nurse), round_her.nurse)
    url = reverse("contradictions:settle", args=[person_id, found.key])
    given = {"outcome": "first", "settled_with": "relatives", "settled_on": str(today()), "note": "Sa fille l’a dit"}
    client = signed_in(round_her.nurse)
    refused = client.post(url, given)
    assert refused.status_code == 422
    assert "son témoignage l’emporte" in refused.content.decode()
    assert client.post(url, {**given, "settled_with": "trusted_person"}).status_code == 302
