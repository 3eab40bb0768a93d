"""« Voir comme… »: what it says is what the gate decides, and it holds nobody's data."""

import pytest

from accounts.access.gate import is_permitted
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.access.rules import MATRIX
from accounts.kernel.actor import Role
from accounts.staff.seeing import STANDINGS, menu_of, rights_of, screens_of
from accounts.staff.words import ACTS, OBJECTS
from tests.factories import people, whole_story
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


def said(role: Role, standing: str, permission: Permission) -> str:
    subject, _, act = permission.partition(".")
    for shown in rights_of(role, standing):
        if shown["label"] == OBJECTS[subject]:
            return next((one["open"] for one in shown["acts"] if one["act"] == ACTS[act]), "absent")
    return "absent"


def test_it_says_what_the_gate_decides_of_a_real_person():
    nurse, stranger = people.actor(Role.NURSE), people.actor(Role.NURSE)
    person = people.person(nurse)
    facts = Facts(type="person", id=person, person_id=person, organisation_id=nurse.organisation_id)
    permissions = [
        one for role, one in MATRIX if role == Role.NURSE and one.startswith(("ppa.", "relative.", "patient_"))
    ]
    assert len(permissions) > 10
    for permission in permissions:
        inside = is_permitted(nurse, permission, facts)
        assert said(Role.NURSE, "inconnue", permission) != "yes" or is_permitted(stranger, permission, facts)
        if said(Role.NURSE, "cercle", permission) == "yes":
            assert inside, permission
    assert said(Role.NURSE, "cercle", Permission.PPA_READ_VALIDATED) == "yes"
    assert said(Role.NURSE, "inconnue", Permission.PPA_READ_VALIDATED) == "no"
    assert said(Role.NURSE, "opposition", Permission.PPA_READ_VALIDATED) == "no"
    assert said(Role.RIGHTS_MANAGER, "cercle", Permission.PPA_READ_VALIDATED) == "absent"


def test_what_an_act_gathers_itself_is_told_apart():
    assert said(Role.RIGHTS_MANAGER, "cercle", Permission.USER_ACCOUNT_RESET_MFA) == "asked"
    assert said(Role.PHYSICIAN, "cercle", Permission.PPA_UPDATE_DRAFT_MEDICAL_SECTION) == "asked"


def test_an_administrator_of_rights_sees_no_care():
    assert menu_of(Role.RIGHTS_MANAGER)[:1] == ["Accueil"]
    assert "Dossiers suivis" not in menu_of(Role.RIGHTS_MANAGER)
    opened = {one["route"] for one in screens_of(Role.RIGHTS_MANAGER) if one["open"]}
    assert "/comptes/" in opened
    assert not any(route.startswith(("/personnes/", "/dossiers/", "/demandes/")) for route in opened)


@pytest.mark.once
def test_the_page_holds_nobody_s_data():
    story = whole_story.told()
    client = signed_in(people.actor(Role.RIGHTS_MANAGER, story.physician and people.organisation()))
    for role in (Role.PHYSICIAN, Role.COORDINATOR, Role.EMERGENCY_DISPATCHER):
        for standing in STANDINGS:
            page = client.get("/comptes/voir-comme/", {"fonction": role, "lien": standing}).content.decode()
            assert "Menu de cette fonction" in page
            assert not [one for one in story.everything if one.casefold() in page.casefold()]
    assert client.get("/comptes/voir-comme/", {"fonction": "x", "lien": "<script>"}).status_code == 200


@pytest.mark.parametrize("role", [Role.NURSE, Role.PHYSICIAN, Role.TECHNICAL_ADMIN])
def test_other_functions_have_no_such_page(role):
    assert signed_in(people.actor(role)).get("/comptes/voir-comme/").status_code == 403
