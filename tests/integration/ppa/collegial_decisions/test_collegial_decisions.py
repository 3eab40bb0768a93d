"""Collegial decisions through their commands and pages: the search, the opinions, the decision, who may."""

import pytest
from django.db import connection
from django.urls import reverse

from accounts.access.gate import open_trail
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, TransitionRefused
from accounts.people.states import RelativeRole
from ppa.collegial_decisions.commands import cancel_decision, decide, end_decision, open_decision
from ppa.collegial_decisions.models import CollegialDecision
from ppa.collegial_decisions.queries import decision_for, decisions_of
from ppa.collegial_decisions.records import CancelDecision, EndDecision
from ppa.collegial_decisions.rules import (
    GuardianUnheard,
    NoDirectives,
    OpeningUntold,
    OpinionMissing,
    SecondOpinionMissing,
    SedationRefused,
    TrustedPersonFirst,
)
from ppa.collegial_decisions.states import AskedBy, DecisionState, Ground, Informed, Kind, Result, Step
from ppa.directives.records import Wish
from ppa.directives.states import DEEP_SEDATION, Decision
from tests.factories import collegial_decisions, directives, people, plans, trusted_persons
from tests.factories.collegial_decisions import deciding, heard, opening, searched, told, version_of
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_her():
    return plans.team()


def read(decision_id, by):
    with open_trail():
        return decision_for(decision_id, actor=by)


def test_directives_that_are_not_applied_leave_a_whole_record(round_her):
    physician, person_id = round_her.physician, round_her.person_id
    with pytest.raises(NoDirectives):
        open_decision(opening(person_id, kind=Kind.NON_APPLICATION, ground=Ground.INAPPROPRIATE), by=physician)
    directive_id = directives.directive(person_id, round_her.nurse)
    record = opening(person_id, kind=Kind.NON_APPLICATION, ground=Ground.INAPPROPRIATE)
    decision_id = open_decision(record, by=physician).id
    with pytest.raises(OpeningUntold):
        decide(deciding(decision_id), by=physician)
    told(decision_id, round_her.nurse)
    with pytest.raises(OpinionMissing):
        decide(deciding(decision_id), by=physician)
    heard(decision_id, round_her.nurse)
    relative_id = people.relative(person_id, round_her.nurse)
    trusted_persons.designation(person_id, relative_id, round_her.nurse)
    with pytest.raises(TrustedPersonFirst):
        decide(deciding(decision_id), by=physician)
    decide(deciding(decision_id, informed=Informed.TRUSTED_PERSON), by=physician)
    taken = read(decision_id, round_her.nurse)
    assert (taken.state, taken.directive_id, taken.kind) == (DecisionState.DECIDED, directive_id, Kind.NON_APPLICATION)
    assert taken.decided.by == physician.display_name
    end_decision(EndDecision(decision_id=decision_id, version=taken.version, ended_on=today()), by=physician)
    assert read(decision_id, physician).state == DecisionState.ENDED
    with pytest.raises(TransitionRefused):
        heard(decision_id, physician)


def test_the_search_is_kept_in_order_and_noted_again_at_need(round_her):
    decision_id = open_decision(opening(round_her.person_id), by=round_her.physician).id
    searched(decision_id, round_her.nurse, Step.OWN_FILE, Result.IMPOSSIBLE)
    searched(decision_id, round_her.nurse, Step.HEALTH_RECORD)
    searched(decision_id, round_her.physician, Step.OWN_FILE, Result.FOUND)
    kept = {one.step: one.result for one in read(decision_id, round_her.nurse).searches}
    assert kept == {Step.OWN_FILE: Result.FOUND, Step.HEALTH_RECORD: Result.NOTHING}
    with pytest.raises(StaleVersion):
        cancel_decision(CancelDecision(decision_id=decision_id, version=1), by=round_her.physician)
    cancel_decision(CancelDecision(decision_id=decision_id, version=4), by=round_her.physician)
    assert read(decision_id, round_her.physician).state == DecisionState.CANCELLED


def test_directives_that_refuse_a_deep_sedation_stop_it_where_she_cannot_speak(round_her):
    wishes = (Wish(code=DEEP_SEDATION, decision=Decision.DENY),)
    directives.directive(round_her.person_id, round_her.nurse, wishes=wishes)
    record = opening(round_her.person_id, kind=Kind.DEEP_SEDATION, ground=Ground.CANNOT_EXPRESS)
    with pytest.raises(SedationRefused):
        open_decision(record, by=round_her.physician)
    asked = opening(round_her.person_id, kind=Kind.DEEP_SEDATION, ground=Ground.REFRACTORY, requested_on=today())
    assert open_decision(asked, by=round_her.physician).version == 1


def test_a_nurse_prepares_and_a_physician_decides_and_nobody_else_reads(round_her):
    decision_id = collegial_decisions.decision(round_her.person_id, round_her.nurse, taken=False)
    with pytest.raises(NotAllowed):
        decide(deciding(decision_id), by=round_her.nurse)
    decide(deciding(decision_id), by=round_her.physician)
    with open_trail():
        for other in (round_her.coordinator, people.actor(Role.PHYSICIAN)):
            with pytest.raises((NotAllowed, NotFound)):
                decisions_of(round_her.person_id, actor=other)


def test_nothing_of_it_lies_in_clear(round_her):
    collegial_decisions.decision(round_her.person_id, round_her.physician, taken=False)
    table = CollegialDecision._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 (our own table)
        stored = repr(cursor.fetchall())
    assert "CANARICONFIDENCE" not in stored
    assert "limitation" not in stored


def test_the_pages_lead_from_the_opening_to_the_end(round_her):
    person_id = round_her.person_id
    client = signed_in(round_her.physician)
    index = reverse("collegial_decisions:index", args=[person_id])
    assert index in client.get(reverse("people:page", args=[person_id])).content.decode()
    new = reverse("collegial_decisions:new", args=[person_id, "deep_sedation"])
    assert new in client.get(index).content.decode()
    assert client.get(reverse("collegial_decisions:new", args=[person_id, "autre"])).status_code == 404
    given = {"ground": "refractory", "about": "Douleur réfractaire"}
    assert "le jour de sa demande" in client.post(new, given).content.decode()
    client.post(new, {**given, "requested_on": "2026-11-01"})
    decision_id = CollegialDecision.objects.get().id

    def post(to, **fields):
        url = reverse(f"collegial_decisions:{to}", args=[person_id, decision_id])
        return client.post(url, {"version": version_of(decision_id), **fields}, follow=True).content.decode()

    search = {"step": "trusted_person", "result": "found", "searched_on": "2026-11-02"}
    assert "notez d’abord les étapes" in post("search", **search)
    assert "Dossier lu" in post("search", **{**search, "step": "own_file"}, note="Dossier lu")
    opinion = {"name": "Dr Essai Avis", "opinion": "Favorable", "given_on": "2026-11-02"}
    assert "lien hiérarchique" in post("opinion", **opinion)
    assert "Dr Essai Avis" in post("opinion", **opinion, is_independent="on", asks_second="on")
    second = {**opinion, "name": "Dr Essai", "is_independent": "on"}
    assert "A‑t‑il déjà donné un avis" in post("opinion", **second)
    assert "onze chiffres" in post("opinion", **second, heard_before="no", rpps="1")
    assert "RPPS 10100000001" in post("opinion", **second, heard_before="no", rpps="10100000001")
    assert "Indiquez qui a été informé" in post("tell", told="family", told_on="2026-11-02")
    assert "À défaut, la famille" in post("tell", told="family", name="Essai Fille", told_on="2026-11-02")
    decision = {
        "motives": "Souffrance réfractaire", "team": "Équipe", "decided_on": "2026-11-03", "starts_on": "2026-11-03",
        "informed": "family", "informed_name": "Essai Fille", "informed_on": "2026-11-03",
    }  # fmt: skip
    assert "Indiquez-les, avec le lieu" in post("take", **decision)
    sedation = {"place": "Domicile", "has_pain_relief": "on", "stops_life_support": "on"}
    shown = post("take", **decision, **sedation)
    assert "Souffrance réfractaire" in shown
    assert "Domicile, avec traitement de la douleur" in shown
    assert "La fin est notée" in post("end", ended_on="2026-11-04", note="Décès")
    coordinator = signed_in(round_her.coordinator)
    assert coordinator.get(index).status_code == 404
    assert index not in coordinator.get(reverse("people:page", args=[person_id])).content.decode()


def test_the_trusted_person_asks_for_the_procedure_and_the_guardian_is_heard(round_her):
    person_id, physician = round_her.person_id, round_her.physician
    people.relative(person_id, round_her.nurse, roles=frozenset({RelativeRole.LEGAL_REPRESENTATIVE}))
    client = signed_in(physician)
    new = reverse("collegial_decisions:new", args=[person_id, "limitation"])
    client.post(new, {"ground": "obstinacy", "about": "La ventilation", "asked_by": "trusted_person"})
    decision_id = CollegialDecision.objects.get().id
    assert read(decision_id, physician).asked_by == AskedBy.TRUSTED_PERSON
    searched(decision_id, physician, Step.OWN_FILE, Result.FOUND)
    told(decision_id, physician)
    heard(decision_id, physician, asks_second=True)
    with pytest.raises(SecondOpinionMissing):
        decide(deciding(decision_id), by=physician)
    heard(decision_id, physician, name="Dr Essai Second", is_another=True)
    with pytest.raises(GuardianUnheard):
        decide(deciding(decision_id), by=physician)
    decide(deciding(decision_id, guardian_opinion="Sa tutrice CANARITUTRICE est d’accord"), by=physician)
    shown = client.get(reverse("collegial_decisions:page", args=[person_id, decision_id])).content.decode()
    for words in ("La personne de confiance", "Second avis demandé", "CANARITUTRICE"):
        assert words in shown


def test_a_procedure_is_given_up_from_its_page(round_her):
    decision_id = collegial_decisions.decision(round_her.person_id, round_her.physician, taken=False)
    url = reverse("collegial_decisions:cancel", args=[round_her.person_id, decision_id])
    said = signed_in(round_her.nurse).post(url, {"version": version_of(decision_id)}, follow=True)
    assert "abandonnée" in said.content.decode()
