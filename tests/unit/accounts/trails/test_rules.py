"""In which words a row is told, and which visits are unusual."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from accounts.access.rules import MATRIX
from accounts.audit.records import Outcome
from accounts.kernel.actor import Role
from accounts.trails.records import Trace, Visit
from accounts.trails.rules import (
    REASON_LABELS,
    SUBJECTS,
    Reason,
    is_night,
    quality_of,
    reasons_of,
    what_of,
)
from fhir_bridge.repository.catalogue import CATALOGUE, READ_ELSEWHERE

DAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 10, tzinfo=UTC)


def trace(action, **fields):
    values = {
        "chain": "c", "number": 1, "at": AT, "actor_id": None, "professional_id": None, "organisation_id": None,
        "role": Role.NURSE, "channel": "web", "session": "", "action": action, "object_type": "", "object_id": None,
        "person_id": None, "outcome": Outcome.ALLOWED, "rule": "CIRCLE+NOOPP", "correlation_id": uuid4(), "ip": "",
        "purpose": "", "query": "", "is_emergency": False, **fields,
    }  # fmt: skip
    return Trace(**values)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (trace("ppa.read_validated"), "plan personnalisé d’accompagnement : consultation"),
        (trace("ppa.print_export_pdf"), "plan personnalisé d’accompagnement : impression ou téléchargement"),
        (trace("advance_directive.download_file"), "directives anticipées : impression ou téléchargement"),
        (trace("trusted_person.designate"), "personne de confiance : saisie ou modification"),
        (trace("fhir.read", object_type="Encounter"), "séjour : consultation"),
        (trace("fhir.search-type", object_type="Patient"), "identité et coordonnées : consultation"),
        (trace("fhir.create", object_type="Patient"), "identité et coordonnées : saisie ou modification"),
        (trace("fhir.read", object_type="Task"), "suivi d’une demande ou d’une action : consultation"),
        (trace("something.new"), "dossier : saisie ou modification"),
    ],
)
def test_a_row_is_told_in_plain_words(row, said):
    assert what_of(row) == said


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (trace("x.read", is_emergency=True), "accès en urgence (bris de glace)"),
        (trace("x.read", rule="REFRECV"), "structure à qui une demande est adressée"),
        (trace("x.read", rule="CIRCLE|ORG+NOOPP"), "membre du cercle de soins ou de l’équipe"),
        (trace("x.read", rule="ORG"), "structure qui suit le dossier"),
        (trace("x.read", role=Role.SYSTEM), "traitement automatique du service"),
    ],
)
def test_the_quality_follows_from_the_rule_that_decided(row, said):
    assert quality_of(row) == said


def test_every_object_of_a_file_has_its_words():
    about_persons = {
        str(permission).partition(".")[0]
        for (_, permission), condition in MATRIX.items()
        if any({"CIRCLE", "VISIBLE"} & group for group in condition)
    }
    assert about_persons - set(SUBJECTS) <= {"fhir_operation"}


def test_every_resource_of_a_file_has_its_words():
    of_nobody = {"Practitioner", "PractitionerRole", "Organization", "HealthcareService", "Location", "Questionnaire"}
    assert {*CATALOGUE, *READ_ELSEWHERE} - set(SUBJECTS) == of_nobody


USUAL = Visit(
    professional_id=uuid4(), person_id=uuid4(), role=Role.NURSE, day=DAY, first=AT, last=AT, rows=3, first_row=1,
    last_row=3, worked_on=DAY,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({}, ()),
        ({"worked_on": None}, (Reason.NO_RELATION,)),
        ({"worked_on": DAY - timedelta(days=91)}, (Reason.NO_RELATION,)),
        ({"worked_on": DAY + timedelta(days=5)}, ()),
        ({"worked_on": DAY - timedelta(days=40), "left_on": DAY - timedelta(days=40)}, (Reason.AFTER_STAY,)),
        ({"left_on": DAY - timedelta(days=40)}, ()),
        ({"left_on": DAY - timedelta(days=30), "worked_on": DAY - timedelta(days=30)}, ()),
        ({"died_on": DAY - timedelta(days=31)}, (Reason.AFTER_DEATH,)),
        ({"died_on": DAY - timedelta(days=3)}, ()),
        ({"same_name": True}, (Reason.SAME_NAME,)),
        ({"is_staff": True}, (Reason.STAFF,)),
        ({"persons_that_day": 41}, (Reason.MANY,)),
        ({"persons_that_day": 40}, ()),
        ({"by_night": True}, ()),
        ({"by_night": True, "role": Role.SOCIAL_WORKER}, (Reason.NIGHT,)),
        ({"worked_on": None, "same_name": True}, (Reason.NO_RELATION, Reason.SAME_NAME)),
        ({"worked_on": None, "is_emergency": True}, ()),
    ],
)
def test_a_visit_is_unusual_for_a_reason(change, reasons):
    assert reasons_of(replace(USUAL, **change)) == reasons


def test_every_reason_has_its_words():
    assert set(REASON_LABELS) == set(Reason)


@pytest.mark.parametrize(("hour", "night"), [(20, False), (21, True), (4, True), (5, False)])
def test_the_night_is_that_of_paris(hour, night):
    assert is_night(datetime(2026, 11, 20, hour, tzinfo=UTC)) is night
