"""Contradictions, collegial procedures, scales and the latest directives, as the system of the circle reads them."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from fhir.resources.R4B.detectedissue import DetectedIssue
from fhir.resources.R4B.procedure import Procedure
from fhir.resources.R4B.questionnaire import Questionnaire

from accounts.kernel.clock import today
from accounts.organisations.models import Organisation
from fhir_bridge.mappers.questionnaire import to_resource
from fhir_bridge.projection.refresh import differences
from fhir_bridge.r4.validation import validate
from ppa.assessments.scale import scales
from ppa.collegial_decisions.commands import cancel_decision, decide, end_decision, open_decision
from ppa.collegial_decisions.records import CancelDecision, EndDecision
from ppa.collegial_decisions.states import Ground, Kind
from ppa.contradictions.commands import reopen_contradiction
from ppa.contradictions.models import Settlement
from ppa.contradictions.records import ReopenContradiction
from ppa.directives.commands import revoke_directive, withdraw_directive
from ppa.directives.queries import directive_snapshot
from ppa.directives.records import RevokeDirective, Wish, WithdrawDirective
from ppa.directives.states import RESUSCITATION, Decision, RevocationMeans
from tests.factories import assessments, collegial_decisions, contradictions, directives, fhir, people
from tests.factories.plans import team

pytestmark = pytest.mark.django_db
DOCUMENT = "urn:ietf:rfc:3986"


@pytest.fixture
def round_her():
    return team()


@pytest.fixture
def reader(round_her):
    return fhir.partner(Organisation.objects.get(pk=round_her.nurse.organisation_id))


def contradicted(person_id, by):
    """Return the id of a document that asks for resuscitation and for comfort care only."""
    wants = (Wish(code=RESUSCITATION, decision=Decision.PERMIT),)
    return directives.directive(person_id, by, wishes=wants, comfort_only=True)


def issues(reader, person_id):
    answer = reader.get(f"DetectedIssue?patient={person_id}")
    assert answer.status_code == 200, answer.content
    return [entry["resource"] for entry in answer.json().get("entry", [])]


def test_a_contradiction_is_told_with_its_documents_until_it_is_settled_and_again_when_taken_up(round_her, reader):
    person_id, physician = round_her.person_id, round_her.physician
    document = contradicted(person_id, physician)
    (shown,) = issues(reader, person_id)
    DetectedIssue.model_validate(shown)
    assert shown["status"] == "preliminary"
    assert shown["implicated"] == [{"reference": f"Consent/{document}"}]
    contradictions.settlement(person_id, physician)
    (settled,) = issues(reader, person_id)
    assert (settled["id"], settled["status"]) == (shown["id"], "final")
    assert settled["mitigation"][0]["date"]
    row = Settlement.objects.get()
    reopen_contradiction(ReopenContradiction(settlement_id=row.id, version=row.version), by=physician)
    (again,) = issues(reader, person_id)
    assert again["status"] == "preliminary"
    assert "mitigation" not in again
    assert list(differences()) == []


def test_a_contradiction_tells_nothing_of_what_the_documents_say(round_her, reader):
    contradicted(round_her.person_id, round_her.physician)
    contradictions.settlement(round_her.person_id, round_her.physician)
    answer = reader.get(f"DetectedIssue?patient={round_her.person_id}").content.decode()
    for words in ("CANARICONFIDENCE", RESUSCITATION, "éanimation", "onfort"):
        assert words not in answer


def test_a_contradiction_goes_with_the_document_that_was_a_mistake(round_her, reader):
    document = contradicted(round_her.person_id, round_her.physician)
    version = directive_snapshot(document).version
    withdraw_directive(WithdrawDirective(directive_id=document, version=version), by=round_her.physician)
    assert issues(reader, round_her.person_id) == []
    assert list(differences()) == []


def test_a_collegial_procedure_is_read_from_its_opening_to_the_end_of_its_decision(round_her, reader):
    person_id, physician = round_her.person_id, round_her.physician
    decision_id = collegial_decisions.decision(person_id, physician)
    shown = reader.get(f"Procedure/{decision_id}").json()
    Procedure.model_validate(shown)
    assert (shown["status"], shown["outcome"]["text"]) == ("completed", "Décidée")
    assert shown["code"]["coding"][0]["code"] == "limitation"
    functions = [one["function"]["text"] for one in shown["performer"]]
    assert functions == ["Médecin qui décide", "Médecin consultant", "Équipe de soins, concertation"]
    version = collegial_decisions.version_of(decision_id)
    ended = EndDecision(decision_id=decision_id, version=version, ended_on=today())
    end_decision(ended, by=physician)
    assert reader.get(f"Procedure/{decision_id}").json()["outcome"]["text"] == "Terminée"
    found = reader.get(f"Procedure?patient={person_id}&status=completed&code=limitation").json()
    assert [entry["resource"]["id"] for entry in found["entry"]] == [str(decision_id)]
    assert list(differences()) == []


def test_a_deep_sedation_tells_where_with_what_who_took_part_and_the_days_on_which_it_was_asked_and_told(
    round_her, reader
):
    person_id, physician = round_her.person_id, round_her.physician
    asked_on, day = today() - timedelta(days=2), f"{today():%d/%m/%Y}"
    opening = collegial_decisions.opening(
        person_id, kind=Kind.DEEP_SEDATION, ground=Ground.REFRACTORY, requested_on=asked_on
    )
    decision_id = open_decision(opening, by=physician).id
    collegial_decisions.told(decision_id, physician)
    collegial_decisions.heard(decision_id, physician, rpps="80000000019", asks_second=True)
    collegial_decisions.heard(decision_id, physician, name="Pr Autre Avis", rpps="80000000027")
    record = collegial_decisions.deciding(
        decision_id, team="Essai, infirmière\n\nEssai, aide-soignant", place="Au domicile", has_pain_relief=True,
        stops_life_support=True,
    )  # fmt: skip
    decide(record, by=physician)
    shown = reader.get(f"Procedure/{decision_id}").json()
    Procedure.model_validate(shown)
    told = [(one["function"]["text"], one["actor"].get("display")) for one in shown["performer"][1:]]
    assert told == [
        ("Médecin consultant", "Dr Essai Consultant"),
        ("Médecin consultant, second avis", "Pr Autre Avis"),
        ("Équipe de soins, concertation", "Essai, infirmière"),
        ("Équipe de soins, concertation", "Essai, aide-soignant"),
    ]
    assert [one["actor"]["identifier"]["value"] for one in shown["performer"][1:3]] == ["80000000019", "80000000027"]
    notes = {one["text"] for one in shown["note"]}
    assert notes >= {
        f"Demande de la personne : le {asked_on:%d/%m/%Y}",
        f"Un second avis a été demandé le {day}",
        f"Informé : À défaut, la famille, le {day}",
        "Lieu de la sédation : Au domicile",
        "Traitement de la douleur associé : oui",
        "Arrêt des traitements de maintien en vie : oui",
    }
    assert list(differences()) == []


def test_an_emergency_noted_the_day_after_is_read_with_the_day_it_was_decided(round_her, reader):
    person_id, physician = round_her.person_id, round_her.physician
    directives.directive(person_id, round_her.nurse)
    urgent = collegial_decisions.opening(person_id, kind=Kind.NON_APPLICATION, ground=Ground.EMERGENCY)
    decision_id = open_decision(urgent, by=physician).id
    night = today() - timedelta(days=1)
    decide(collegial_decisions.deciding(decision_id, decided_on=night, starts_on=night), by=physician)
    shown = reader.get(f"Procedure/{decision_id}").json()
    Procedure.model_validate(shown)
    assert (shown["status"], shown["performedPeriod"]) == ("completed", {"start": f"{night}", "end": f"{night}"})
    version = collegial_decisions.version_of(decision_id)
    ended = EndDecision(decision_id=decision_id, version=version, ended_on=today(), note="Situation évaluée.")
    end_decision(ended, by=physician)
    shown = reader.get(f"Procedure/{decision_id}").json()
    assert f"A pris fin le {today():%d/%m/%Y} : Situation évaluée." in [one["text"] for one in shown["note"]]
    call_command("rebuild_fhir", "--check")


def test_a_procedure_that_was_given_up_is_stopped_without_an_outcome(round_her, reader):
    decision_id = collegial_decisions.decision(round_her.person_id, round_her.physician, taken=False)
    assert reader.get(f"Procedure/{decision_id}").json()["status"] == "in-progress"
    version = collegial_decisions.version_of(decision_id)
    cancel_decision(CancelDecision(decision_id=decision_id, version=version), by=round_her.physician)
    shown = reader.get(f"Procedure/{decision_id}").json()
    assert shown["status"] == "stopped"
    assert "outcome" not in shown


def test_another_team_s_system_reads_none_of_it(round_her, reader):
    decision_id = collegial_decisions.decision(round_her.person_id, round_her.physician)
    contradicted(round_her.person_id, round_her.physician)
    (issue,) = issues(reader, round_her.person_id)
    stranger = fhir.partner(people.organisation())
    assert stranger.get(f"Procedure/{decision_id}").status_code == 404
    assert stranger.get(f"DetectedIssue/{issue['id']}").status_code == 404
    assert issues(stranger, round_her.person_id) == []


def test_the_answers_to_a_scale_name_a_questionnaire_that_is_found_by_its_url(round_her, reader):
    assessment_id = assessments.assessment(round_her.person_id, round_her.nurse)
    answers = reader.get(f"QuestionnaireResponse/{assessment_id}").json()
    url, _, version = answers["questionnaire"].partition("|")
    found = reader.get(f"Questionnaire?url={url}&version={version}").json()
    assert found["total"] == 1
    questionnaire = found["entry"][0]["resource"]
    Questionnaire.model_validate(questionnaire)
    assert {item["linkId"] for item in answers["item"]} <= {item["linkId"] for item in questionnaire["item"]}
    assert reader.get(f"Questionnaire/{questionnaire['id']}").json() == questionnaire
    assert reader.search("Questionnaire", status="active").json()["total"] == len(scales()) + 1


@pytest.mark.parametrize("query", ["url=nothing&weather=fine", "_sort=title", "title:exact=ESAS", "_count=x"])
def test_what_a_search_of_scales_does_not_offer_is_refused_by_name(reader, query):
    assert reader.get(f"Questionnaire?{query}").status_code == 400


def test_the_pages_of_scales_hold_each_of_them_once(reader):
    shown, address = [], "Questionnaire?_count=4"
    while address:
        answer = reader.get(address).json()
        shown += [entry["resource"]["id"] for entry in answer["entry"]]
        address = next((one["url"].partition("/fhir/")[2] for one in answer["link"] if one["relation"] == "next"), "")
    assert len(shown) == len(set(shown)) == len(scales()) + 1  # and the questions of an admission
    assert "entry" not in reader.get("Questionnaire?_count=0").json()


def test_an_unknown_scale_is_not_found(reader):
    assert reader.get("Questionnaire/weather").status_code == 404
    assert reader.get("Questionnaire?url=weather").json()["total"] == 0


@pytest.mark.parametrize("scale", scales(), ids=lambda one: one.code)
def test_every_scale_is_a_valid_questionnaire(scale):
    made = to_resource(scale, is_present=True)
    validate(made)
    assert len(made["item"]) == len(scale.items)


def latest(reader, person_id):
    """Ask in one call which directives are the latest, with their file."""
    query = f"patient={person_id}&status=active&identifier={DOCUMENT}|&_include=Consent:source-reference"
    answer = reader.get(f"Consent?{query}")
    assert answer.status_code == 200, answer.content
    entries = answer.json().get("entry", [])
    return [one["resource"] for one in entries if one["search"]["mode"] == "match"], entries


def test_which_directives_are_the_latest_is_one_call(round_her, reader):
    person_id, nurse = round_her.person_id, round_her.nurse
    former = directives.directive(person_id, nurse, signed_on=date(2020, 1, 1))
    current = directives.directive(person_id, nurse)
    (found,), entries = latest(reader, person_id)
    assert (found["id"], found["dateTime"]) == (str(current), directive_snapshot(current).signed_on.isoformat())
    (file,) = [one["resource"] for one in entries if one["search"]["mode"] == "include"]
    assert file["content"][0]["attachment"]["hash"]
    mine = reader.get(f"Consent?patient={person_id}&identifier={DOCUMENT}|urn:uuid:{former}").json()
    assert [one["resource"]["status"] for one in mine["entry"]] == ["inactive"]
    version = directive_snapshot(current).version
    withdraw_directive(WithdrawDirective(directive_id=current, version=version), by=nurse)
    assert [one["id"] for one in latest(reader, person_id)[0]] == [str(former)]


def became(reader, person_id, directive_id):
    """Ask in one call what became of a document: its status and the day it was taken back; `None` when it is unknown."""
    answer = reader.get(f"Consent?patient={person_id}&identifier={DOCUMENT}|urn:uuid:{directive_id}")
    assert answer.status_code == 200, answer.content
    entries = answer.json().get("entry", [])
    return [(one["resource"]["status"], one["resource"]["provision"].get("period")) for one in entries] or None


def test_replaced_taken_back_and_unknown_are_three_answers_and_a_stranger_learns_none(round_her, reader):
    person_id, nurse = round_her.person_id, round_her.nurse
    former = directives.directive(person_id, nurse, signed_on=date(2020, 1, 1))
    current = directives.directive(person_id, nurse)
    assert became(reader, person_id, former) == [("inactive", None)]
    assert became(reader, person_id, current) == [("active", None)]
    assert became(reader, person_id, uuid4()) is None
    record = RevokeDirective(
        directive_id=current, version=directive_snapshot(current).version, revoked_on=date(2026, 6, 1),
        means=RevocationMeans.WRITTEN, received_by="Essai",
    )  # fmt: skip
    revoke_directive(record, by=nurse)
    assert became(reader, person_id, current) == [("inactive", {"end": "2026-06-01"})]
    assert became(reader, person_id, former) == [("inactive", None)]
    assert latest(reader, person_id)[0] == []
    stranger = fhir.partner(people.organisation())
    assert became(stranger, person_id, former) is None
    assert latest(stranger, person_id)[0] == []
    assert list(differences()) == []


def test_a_holder_of_a_former_file_learns_in_one_call_what_replaced_it(round_her, reader):
    person_id, nurse = round_her.person_id, round_her.nurse
    files = [
        directive_snapshot(one).document_id
        for one in (
            directives.directive(person_id, nurse, signed_on=date(2020, 1, 1)),
            directives.directive(person_id, nurse),
        )
    ]
    answer = reader.get(f"DocumentReference?_id={files[0]}&_revinclude=DocumentReference:relatesto").json()
    shown = {one["resource"]["id"]: one["resource"]["status"] for one in answer["entry"]}
    assert shown == {str(files[0]): "superseded", str(files[1]): "current"}
