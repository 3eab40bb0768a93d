"""The pages of the circle of care: what each member does there, and what he reads."""

import re

import pytest

from accounts.access.circle import enter
from accounts.access.models import CircleMembership, Opposition, SharingConsent, TreatingClaim
from accounts.access.records import OpenMembership
from accounts.access.states import Basis
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.organisations.models import Organisation
from tests.factories import people
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse():
    return people.actor(Role.NURSE)


@pytest.fixture
def person_id(nurse):
    return people.person(nurse)


def address(person_id, rest=""):
    return f"/personnes/{person_id}/cercle/{rest}"


def read(actor, path):
    response = signed_in(actor).get(path)
    assert response.status_code == 200, response.content
    return response.content.decode()


def agreed(nurse, person_id, organisation, **fields):
    form = {
        "organisations": [str(organisation.id)], "categories": ["plan"], "given_on": today().isoformat(),
        "means": "spoken", "enters": "on", **fields,
    }  # fmt: skip
    return signed_in(nurse).post(address(person_id, "accord/"), form)


def test_a_nurse_reads_the_notice_and_lets_a_structure_in(nurse, person_id):
    outside = people.organisation("Maison Soleil (fictive)")
    assert "changer d’avis à tout moment" in read(nurse, address(person_id, "accord/"))
    assert agreed(nurse, person_id, outside).status_code == 302
    shown = read(nurse, address(person_id))
    assert shown.count("Maison Soleil") == 3, "its line of the circle, its way out, the agreement"
    assert "Annonce et plan personnalisé" in shown
    assert nurse.display_name in shown
    consent = SharingConsent.objects.get()
    signed_in(nurse).post(
        address(person_id, "accord/retirer/"),
        {"consent_id": str(consent.id), "withdrawn_on": today().isoformat(), "means": "written"},
    )
    assert "retiré le" in read(nurse, address(person_id))
    assert not CircleMembership.objects.filter(organisation=outside, ends_at=None).exists()


def ways_out(nurse, person_id, organisation):
    shown = read(nurse, address(person_id))
    return re.findall(
        rf'scope="row">{re.escape(organisation.name)}.*?name="membership_id" value="([0-9a-f-]+)"', shown, re.DOTALL
    )


def test_a_structure_leaves_with_all_the_data_that_its_line_shows(nurse, person_id):
    outside = people.organisation("Maison Soleil (fictive)")
    agreed(nurse, person_id, outside, categories=["plan", "directives", "requests"])
    (shown,) = ways_out(nurse, person_id, outside)
    signed_in(nurse).post(address(person_id, "sortie/"), {"membership_id": shown})
    assert not CircleMembership.objects.filter(organisation=outside, ends_at=None).exists()
    assert ways_out(nurse, person_id, outside) == []


def test_each_agreement_has_its_line_and_its_way_out(nurse, person_id):
    outside = people.organisation("Maison Soleil (fictive)")
    agreed(nurse, person_id, outside, categories=["plan"])
    agreed(nurse, person_id, outside, categories=["social", "requests"])
    first, second = ways_out(nurse, person_id, outside)
    signed_in(nurse).post(address(person_id, "sortie/"), {"membership_id": first})
    assert ways_out(nurse, person_id, outside) == [second]
    left = CircleMembership.objects.filter(organisation=outside, ends_at=None)
    assert {row.category for row in left} == {"identity", "plan"}


def test_an_agreement_for_later_opens_nothing_yet(nurse, person_id):
    outside = people.organisation()
    assert agreed(nurse, person_id, outside, enters="").status_code == 302
    assert SharingConsent.objects.exists()
    assert not CircleMembership.objects.filter(organisation=outside).exists()


def test_an_agreement_without_a_structure_is_refused_with_words(nurse, person_id):
    form = {"categories": ["plan"], "given_on": today().isoformat(), "means": "spoken"}
    assert signed_in(nurse).post(address(person_id, "accord/"), form).status_code == 422


def test_a_representative_is_named(nurse, person_id):
    relative_id = people.relative(person_id, nurse)
    agreed(nurse, person_id, people.organisation(), representative=str(relative_id))
    assert "par Capucine MERLANDOISE" in read(nurse, address(person_id))


def test_a_refusal_of_emergency_access_is_kept_shown_and_lifted(nurse, person_id):
    form = {"categories": ["emergency"], "stated_on": today().isoformat(), "means": "spoken"}
    assert signed_in(nurse).post(address(person_id, "refus/"), form)["Location"] == address(person_id)
    assert "Accès en urgence, sans son accord" in read(nurse, address(person_id))
    lifted = {"opposition_id": str(Opposition.objects.get().id), "lifted_on": today().isoformat(), "means": "spoken"}
    signed_in(nurse).post(address(person_id, "refus/lever/"), lifted)
    assert "levé le" in read(nurse, address(person_id))


def test_one_who_closed_the_file_to_himself_is_brought_home(nurse, person_id):
    form = {
        "organisation": str(nurse.organisation_id), "categories": ["all"], "stated_on": today().isoformat(),
        "means": "spoken",
    }  # fmt: skip
    assert signed_in(nurse).post(address(person_id, "refus/"), form)["Location"] == "/"
    assert signed_in(nurse).get(address(person_id)).status_code == 404


def test_a_declared_relation_is_told_to_the_coordinator_who_answers(nurse, person_id):
    dac = people.coordination()
    enter(OpenMembership(person_id=person_id, organisation_id=dac.id, basis=Basis.COORDINATION))
    coordinator, physician = people.actor(Role.COORDINATOR, dac), people.actor(Role.PHYSICIAN)
    enter(OpenMembership(person_id=person_id, organisation_id=physician.organisation_id, basis=Basis.KNOWN))
    assert "Je prends soin de cette personne" in read(physician, address(person_id))
    reason = {"reason": "Médecin traitant choisi par la personne en 2019."}
    assert signed_in(physician).post(address(person_id, "relation/"), reason).status_code == 302
    assert physician.display_name in read(coordinator, "/")
    assert "Médecin traitant choisi" in read(coordinator, address(person_id))
    assert "un autre membre du cercle la relira" in read(physician, address(person_id))
    claim = TreatingClaim.objects.get()
    answer = {"claim_id": str(claim.id), "version": claim.version, "confirmed": "no"}
    assert signed_in(coordinator).post(address(person_id, "relation/relire/"), answer).status_code == 302
    assert signed_in(physician).get(address(person_id, "accord/")).status_code == 403
    assert "à relire" not in read(coordinator, address(person_id))


def test_a_social_worker_reads_who_stands_round_and_not_what_was_agreed(nurse, person_id):
    worker = people.actor(Role.SOCIAL_WORKER, Organisation.objects.get(pk=nurse.organisation_id))
    shown = read(worker, address(person_id))
    assert "Équipe de soins" in shown
    assert "Accords de la personne" not in shown


@pytest.mark.parametrize(
    ("role", "basis"), [(Role.SOCIAL_WORKER, Basis.KNOWN), (Role.BED_MANAGER, Basis.ACCEPTED_REFERRAL)]
)
def test_a_function_with_its_row_reads_the_circle(person_id, role, basis):
    reader = people.actor(role)
    assert signed_in(reader).get(address(person_id)).status_code == 404
    enter(OpenMembership(person_id=person_id, organisation_id=reader.organisation_id, basis=basis))
    assert "Équipe de soins" in read(reader, address(person_id))


@pytest.mark.parametrize("way", ["accord/retirer/", "refus/lever/"])
def test_a_withdrawal_asks_the_gate_before_it_says_what_is_wrong(person_id, way):
    wrong = {"consent_id": str(person_id), "opposition_id": str(person_id), "means": "by pigeon"}
    assert signed_in(people.actor(Role.NURSE)).post(address(person_id, way), wrong).status_code == 404
    known = people.actor(Role.NURSE)
    enter(OpenMembership(person_id=person_id, organisation_id=known.organisation_id, basis=Basis.KNOWN))
    assert signed_in(known).post(address(person_id, way), wrong).status_code == 403
