"""Pages of the trusted person: one visit per view and role, forms that come back with their sentences."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.access.gate import open_trail
from accounts.access.states import Basis
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.people.models import Relative, RelativeRoleRow
from accounts.people.page import banner_of, panels_of
from accounts.people.states import RelativeRole
from ppa.trusted_persons.commands import propose_trusted_person
from ppa.trusted_persons.models import Designation
from ppa.trusted_persons.queries import designation_snapshot
from ppa.trusted_persons.records import ProposeTrustedPerson, Signatures
from ppa.trusted_persons.states import State
from tests.factories import directives, people, trusted_persons
from tests.support.pdf_text import pages_of
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


def filled(relative, **fields):
    return {
        "relative": str(relative),
        "person_signed_on": "2026-04-01",
        "trusted_signed_on": "2026-04-03",
        "scope": "all",
        "knows_wishes": "on",
        **fields,
    }


def test_a_relative_is_chosen_and_designated_with_the_signed_paper(nurse, person_id, relative_id):
    client = signed_in(nurse)
    url = reverse("trusted_persons:designate", args=[person_id])
    assert "Capucine MERLANDOISE" in client.get(url).content.decode()
    paper = SimpleUploadedFile("signe.pdf", directives.PDF)
    answer = client.post(url, filled(relative_id, file=paper), follow=True)
    assert "La personne de confiance est désignée." in answer.content.decode()
    designation = Designation.objects.get()
    assert designation.state == State.ACTIVE
    download = client.get(reverse("documents:download", args=[designation.document_id]))
    assert download.getvalue() == directives.PDF


def test_an_older_paper_is_kept_and_the_pages_say_which_one_counts(nurse, person_id, relative_id):
    trusted_persons.designation(person_id, people.relative(person_id, nurse, given="Anatole"), nurse)
    older = {"person_signed_on": "2019-03-01", "trusted_signed_on": "2019-03-01", "duration": "lasting"}
    url = reverse("trusted_persons:designate", args=[person_id])
    shown = signed_in(nurse).post(url, filled(relative_id, **older), follow=True).content.decode()
    assert "Ce document est gardé dans l’historique : une désignation signée plus tard l’emporte." in shown
    assert "personne de confiance est désignée" not in shown
    assert "Remplacée" in shown
    waiting = trusted_persons.designation(person_id, relative_id, nurse, signatures=Signatures(), awaits_signature=True)
    given = {"version": designation_snapshot(waiting).version, **older}
    answer = signed_in(nurse).post(reverse("trusted_persons:sign", args=[person_id, waiting]), given, follow=True)
    assert "une désignation signée plus tard l’emporte" in answer.content.decode()
    assert "personne de confiance est désignée" not in answer.content.decode()


def test_somebody_new_is_recorded_in_the_same_form(nurse, person_id):
    client = signed_in(nurse)
    url = reverse("trusted_persons:designate", args=[person_id])
    new = {"family": "MERLANDOISE", "given": "Anatole", "relation": "FRND", "birth_date": "1970-01-01"}
    incomplete = client.post(url, filled("new"))
    assert "Indiquez le nom, le prénom et le lien" in incomplete.content.decode()
    client.post(url, filled("new", **new))
    assert Designation.objects.get().relative == Relative.objects.get()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"trusted_signed_on": ""}, "La désignation ne compte qu’avec les deux signatures"),
        ({"trusted_signed_on": "2026-03-01"}, "signe le même jour que la personne, ou après elle"),
        ({"is_protected": "on"}, "indiquez l’autorisation du juge"),
    ],
)
def test_a_refused_form_comes_back_with_its_sentence_and_nothing_is_kept(
    nurse, person_id, relative_id, fields, sentence
):
    answer = signed_in(nurse).post(
        reverse("trusted_persons:designate", args=[person_id]), filled(relative_id, **fields)
    )
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Designation.objects.exists()


def test_not_now_then_a_choice_then_the_second_signature_then_the_end(nurse, person_id, relative_id):
    client = signed_in(nurse)
    client.post(reverse("trusted_persons:propose", args=[person_id]), {"proposed_on": "2026-03-01"})
    designation_id = Designation.objects.get().id

    def go(name, **given):
        version = designation_snapshot(designation_id).version
        url = reverse(f"trusted_persons:{name}", args=[person_id, designation_id])
        return client.post(url, {"version": version, **given}, follow=True).content.decode()

    assert "En reparler le" in go("answer", answered_on="2026-03-02", come_back_on="2026-12-01")
    assert "La proposition est reprise" in go("propose_again")
    waiting = filled(relative_id, trusted_signed_on="", awaits_signature="on")
    client.post(reverse("trusted_persons:designate", args=[person_id]), waiting)
    assert designation_snapshot(designation_id).state == State.DESIGNATED_UNSIGNED
    assert "La désignation ne compte qu’avec les deux signatures" in go("sign")
    assert "les deux signatures sont notées" in go("sign", trusted_signed_on="2026-05-01").lower()
    go("end", action="suspend", ended_on="2026-06-01", means="judge", received_by="Essai")
    assert designation_snapshot(designation_id).state == State.SUSPENDED
    assert "cette date" in go("resume", resumed_on="2099-01-01").lower()
    go("resume", resumed_on="2026-07-01")
    assert designation_snapshot(designation_id).state == State.ACTIVE
    assert "reçue par Essai" in go("end", action="revoke", ended_on="2026-08-01", means="spoken", received_by="Essai")


@pytest.mark.parametrize(
    ("role", "basis", "status"),
    [
        (Role.PHYSICIAN, Basis.SAME_TEAM, 200),
        (Role.COORDINATOR, Basis.COORDINATION, 200),
        (Role.BED_MANAGER, Basis.ACCEPTED_REFERRAL, 200),
        (Role.BED_MANAGER, Basis.ADDRESSED_REFERRAL, 403),
        (Role.SOCIAL_WORKER, Basis.SAME_TEAM, 404),
        (Role.PHYSICIAN, None, 404),
    ],
)
def test_who_sees_the_pages(nurse, person_id, relative_id, role, basis, status):
    designation_id = trusted_persons.designation(person_id, relative_id, nurse)
    reader = directives.colleague(role, person_id, basis) if basis else people.actor(role)
    client = signed_in(reader)
    answer = client.get(reverse("trusted_persons:page", args=[person_id, designation_id]))
    assert answer.status_code == status
    assert ("MERLANDOISE" in answer.content.decode()) == (status == 200)
    assert client.get(reverse("trusted_persons:index", args=[person_id])).status_code == status


def test_who_may_not_end_it_finds_no_form(nurse, person_id, relative_id):
    designation_id = trusted_persons.designation(person_id, relative_id, nurse)
    url = reverse("trusted_persons:end", args=[person_id, designation_id])
    assert signed_in(nurse).get(url).status_code == 200
    assert signed_in(people.actor(Role.NURSE)).get(url).status_code == 404
    elsewhere = reverse("trusted_persons:page", args=[people.person(nurse), designation_id])
    assert signed_in(nurse).get(elsewhere).status_code == 404


def test_the_chip_names_her_and_the_panel_tells_what_is_under_way(nurse, person_id, relative_id):
    with open_trail():
        assert "Pas de personne de confiance connue" in [chip.label for chip in banner_of(person_id, actor=nurse).chips]
        trusted_persons.designation(
            person_id,
            relative_id,
            nurse,
            signatures=Signatures(person_signed_on=date(2026, 4, 1)),
            awaits_signature=True,
        )
        panel = next(one for one in panels_of(person_id, actor=nurse) if one.title == "Personne de confiance")
        assert [line["state_label"] for line in panel.context["lines"]] == ["En attente de signature"]
        other = people.person(nurse)
        trusted_persons.designation(other, people.relative(other, nurse), nurse)
        assert "Personne de confiance : Capucine M." in [chip.label for chip in banner_of(other, actor=nurse).chips]


def test_two_witnesses_attest_the_choice_of_who_cannot_write(nurse, person_id, relative_id):
    client = signed_in(nurse)
    url = reverse("trusted_persons:designate", args=[person_id])
    assert "La personne ne peut pas écrire" in client.get(url).content.decode()
    one = {"witness_1_name": "Essai Voisine", "witness_1_capacity": "voisine"}
    assert "deux témoins" in client.post(url, filled(relative_id, **one)).content.decode()
    two = {**one, "witness_2_name": "Essai CANARITEMOIN", "witness_2_capacity": "aide-soignant"}
    assert "l’attestation des deux témoins" in client.post(url, filled(relative_id, **two)).content.decode()
    assert not Designation.objects.exists()
    kept = client.post(url, filled(relative_id, **two, awaits_signature="on", trusted_signed_on=""), follow=True)
    assert "CANARITEMOIN" in kept.content.decode()
    designation = designation_snapshot(Designation.objects.get().id)
    assert designation.state == State.DESIGNATED_UNSIGNED
    sign = reverse("trusted_persons:sign", args=[person_id, designation.id])
    later = {"version": designation.version, "trusted_signed_on": "2026-04-03"}
    assert "l’attestation des deux témoins" in client.post(sign, later).content.decode()
    client.post(sign, {**later, "file": SimpleUploadedFile("atteste.pdf", directives.PDF)})
    signed = designation_snapshot(designation.id)
    assert signed.state == State.ACTIVE
    assert [one.name for one in signed.witnesses] == ["Essai Voisine", "Essai CANARITEMOIN"]


def test_the_form_of_a_revocation_and_the_guide_are_handed_over(nurse, person_id, relative_id):
    designation_id = trusted_persons.designation(person_id, relative_id, nurse)
    page = signed_in(nurse).get(reverse("trusted_persons:page", args=[person_id, designation_id])).content.decode()
    for name in ("trusted_persons:revocation_paper", "acceptances:guide"):
        url = reverse(name, args=[person_id, designation_id])
        assert url in page
        assert signed_in(nurse).get(url).content.startswith(b"%PDF-")
        assert signed_in(people.actor(Role.NURSE)).get(url).status_code == 404
    Designation.objects.update(state=State.REVOKED)
    ended = reverse("trusted_persons:revocation_paper", args=[person_id, designation_id])
    assert signed_in(nurse).get(ended).status_code == 404


def test_the_form_to_sign_is_handed_over(nurse, person_id, relative_id):
    designation_id = trusted_persons.designation(
        person_id, relative_id, nurse, signatures=Signatures(), awaits_signature=True
    )
    answer = signed_in(nurse).get(reverse("trusted_persons:paper", args=[person_id, designation_id]))
    assert answer.content.startswith(b"%PDF-")
    proposed = propose_trusted_person(
        ProposeTrustedPerson(person_id=people.person(nurse), proposed_on=today()), by=nurse
    )
    other = designation_snapshot(proposed.id)
    assert signed_in(nurse).get(reverse("trusted_persons:paper", args=[other.person_id, other.id])).status_code == 404


def test_the_limits_that_she_sets_are_kept_whole_on_screen_and_paper(nurse, person_id, relative_id):
    limits = "Pas les questions d’argent.\n" + "Seulement ma santé. " * 4000 + "CANARIFIN"
    client = signed_in(nurse)
    client.post(reverse("trusted_persons:designate", args=[person_id]), filled(relative_id, limits=limits))
    designation = Designation.objects.get()
    shown = client.get(reverse("trusted_persons:page", args=[person_id, designation.id])).content.decode()
    assert "Pas les questions d’argent.<br>" in shown
    assert "CANARIFIN" in shown
    printed = client.get(reverse("trusted_persons:paper", args=[person_id, designation.id]))
    pages = pages_of(b"".join(printed))
    assert len(pages) > 3
    assert "CANARIFIN" in "".join(pages)


def test_the_box_of_the_protection_is_ticked_for_who_has_a_legal_representative(nurse, person_id, relative_id):
    address = reverse("trusted_persons:designate", args=[person_id])
    client = signed_in(nurse)
    assert not client.get(address).context["form"]["is_protected"].value()
    people.relative(
        person_id, nurse, given="Éloi", family="TUTEURVAUX", roles=frozenset({RelativeRole.LEGAL_REPRESENTATIVE})
    )
    shown = client.get(address)
    assert shown.context["form"].groups()[-1]["is_open"] is True
    assert "un représentant légal est noté dans l’entourage : Éloi TUTEURVAUX" in shown.content.decode()
    refused = client.post(address, filled(relative_id, is_protected="on"))
    assert refused.status_code == 422
    assert client.post(address, filled(relative_id)).status_code == 302, "who is only assisted needs no leave"


def test_the_protection_is_put_right_with_the_signatures(nurse, person_id, relative_id):
    waiting = trusted_persons.designation(person_id, relative_id, nurse, signatures=Signatures(), awaits_signature=True)
    people.relative(person_id, nurse, roles=frozenset({RelativeRole.LEGAL_REPRESENTATIVE}))
    client = signed_in(nurse)
    address = reverse("trusted_persons:sign", args=[person_id, waiting])
    assert client.get(address).context["form"]["is_protected"].value() is True
    days = {"person_signed_on": "2026-04-01", "trusted_signed_on": "2026-04-03", "is_protected": "on"}
    given = {"version": designation_snapshot(waiting).version, **days}
    assert client.post(address, given).status_code == 422
    leave = {"authority": "Conseil de famille", "authorised_on": "2026-03-01"}
    assert client.post(address, {**given, **leave}).status_code == 302
    signed = designation_snapshot(waiting)
    assert (signed.state, signed.is_protected, signed.leave.authority) == (State.ACTIVE, True, "Conseil de famille")


@pytest.mark.parametrize(("represented_since", "status"), [("2026-01-01", 422), ("2026-05-01", 302)])
def test_leave_given_after_her_signature_counts_only_where_the_measure_came_later(
    nurse, person_id, relative_id, represented_since, status
):
    guard = frozenset({RelativeRole.LEGAL_REPRESENTATIVE})
    guardian = people.relative(person_id, nurse, given="Éloi", family="TUTEURVAUX", roles=guard)
    RelativeRoleRow.objects.filter(relative_id=guardian).update(starts_on=represented_since)
    leave = {"is_protected": "on", "authority": "Juge", "authorised_on": "2026-06-01"}
    answer = signed_in(nurse).post(reverse("trusted_persons:designate", args=[person_id]), filled(relative_id, **leave))
    assert answer.status_code == status


def test_a_mistake_is_taken_out_on_the_page_that_tells_who_when_and_why(nurse, person_id, relative_id):
    designation_id = trusted_persons.designation(person_id, relative_id, nurse)
    client = signed_in(nurse)
    page = reverse("trusted_persons:page", args=[person_id, designation_id])
    assert "Retirer, saisie par erreur" in client.get(page).content.decode()
    given = {"version": designation_snapshot(designation_id).version, "why": ""}
    address = reverse("trusted_persons:withdraw", args=[person_id, designation_id])
    assert client.post(address, given).status_code == 422
    too_long = client.post(address, {**given, "why": "x" * 100_001})
    assert (too_long.status_code, "100" in too_long.content.decode()) == (422, True)
    assert designation_snapshot(designation_id).state == State.ACTIVE
    shown = client.post(address, {**given, "why": "Le papier de sa voisine"}, follow=True).content.decode()
    assert "L’erreur est notée." in shown
    assert "Le papier de sa voisine" in shown
    assert f"par <bdi>{designation_snapshot(designation_id).mistake.by}</bdi>" in shown
    assert "Retirer, saisie par erreur" not in shown
    assert "Saisie par erreur" in client.get(reverse("trusted_persons:index", args=[person_id])).content.decode()
    with open_trail():
        chips = banner_of(person_id, actor=nurse).chips
    assert "Pas de personne de confiance connue" in [one.label for one in chips]
    printed = client.get(reverse("trusted_persons:paper", args=[person_id, designation_id]))
    assert "enregistrée par erreur" in " ".join("".join(pages_of(b"".join(printed))).split())
