"""Who may see which part of the trail, and what each page shows."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pikepdf
import pytest

from accounts.access.gate import open_trail
from accounts.audit.models import AuditRow
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import NotAllowed, NotFound
from accounts.organisations.models import Professional
from accounts.trails.commands import hand_access_list, review_access
from accounts.trails.models import AccessReview
from accounts.trails.queries import access_list, handed_list, own_traces, unusual_candidates
from accounts.trails.records import AskedBy, HandAccessList, ReviewAccess
from accounts.trails.rules import AskedInFuture, CommentMissing, OwnAccess, Reason, reasons_of
from tests.factories import emergencies, fhir, people
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]
CANARY = "CANARIVAUX"


@pytest.fixture
def hospital():
    return people.organisation()


@pytest.fixture
def nurse(hospital):
    return people.actor(Role.NURSE, hospital)


@pytest.fixture
def person_id(nurse):
    return people.person(nurse)


def asked(person_id, **fields):
    return HandAccessList(person_id=person_id, **{"asked_by": AskedBy.PERSON, "asked_on": today(), **fields})


def ready(person_id, client):
    answer = client.post(f"/personnes/{person_id}/acces/", {"asked_by": "person", "asked_on": today().isoformat()})
    assert answer.status_code == 302
    return answer["Location"]


def test_the_person_is_handed_who_opened_her_file_as_page_and_paper(hospital, nurse, person_id):
    colleague = people.actor(Role.PHYSICIAN, hospital)
    signed_in(colleague).get(f"/personnes/{person_id}/")
    fhir.partner(hospital).get(f"Patient/{person_id}")
    emergencies_of = emergencies.dispatcher()
    access_id = emergencies.opened(person_id, emergencies_of)
    signed_in(emergencies_of).get(f"/urgence/acces/{access_id}/")
    client = signed_in(nurse)
    assert "Remettre la liste" in client.get(f"/personnes/{person_id}/").content.decode()
    where = ready(person_id, client)
    page = client.get(where).content.decode()
    assert colleague.display_name in page
    assert "Logiciel de la structure" in page
    assert "Accès en urgence" in page
    assert hospital.name in page
    paper = client.get(f"{where}pdf/")
    assert paper["Content-Type"] == "application/pdf"
    with pikepdf.open(BytesIO(paper.content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert "ouvert votre dossier" in str(pdf.docinfo.get("/Title") or pdf.open_metadata().get("dc:title"))
    own = AuditRow.objects.filter(action="access_log.hand_to_person", person_id=person_id, purpose="PATRQT")
    assert own.count() >= 3


def test_the_list_holds_neither_refusals_nor_what_came_after_it(nurse, person_id):
    stranger = people.actor(Role.NURSE)
    signed_in(stranger).get(f"/personnes/{person_id}/")
    assert AuditRow.objects.filter(person_id=person_id, outcome="denied").exists()
    handed = hand_access_list(asked(person_id), by=nurse).id
    before = len(access_list(person_id).lines)
    signed_in(people.actor(Role.PHYSICIAN, nurse_place(nurse))).get(f"/personnes/{person_id}/")
    with open_trail():
        shown = handed_list(handed, actor=nurse)
    assert stranger.display_name not in {line.who for line in shown.lines}
    assert len(access_list(person_id).lines) > before >= len(shown.lines)


def nurse_place(nurse):
    from accounts.organisations.models import Organisation

    return Organisation.objects.get(pk=nurse.organisation_id)


def test_only_the_circle_hands_the_list(nurse, person_id):
    handed = hand_access_list(asked(person_id), by=nurse).id
    stranger = people.actor(Role.NURSE)
    with pytest.raises(NotFound):
        hand_access_list(asked(person_id), by=stranger)
    with pytest.raises(NotFound), open_trail():
        handed_list(handed, actor=stranger)
    assert signed_in(stranger).get(f"/personnes/{person_id}/acces/{handed}/").status_code == 404
    assert signed_in(nurse).get(f"/personnes/{uuid4()}/acces/{handed}/").status_code == 404
    with pytest.raises(NotAllowed):
        hand_access_list(asked(person_id), by=people.actor(Role.BED_MANAGER, nurse_place(nurse)))


def test_a_list_is_not_asked_for_tomorrow(nurse, person_id):
    with pytest.raises(AskedInFuture):
        hand_access_list(asked(person_id, asked_on=today() + timedelta(days=1)), by=nurse)


def test_a_professional_reads_his_own_accesses_and_nobody_else_s(hospital, nurse, person_id):
    client = signed_in(nurse)
    client.get(f"/personnes/{person_id}/")
    page = client.get("/journal/mes-acces/").content.decode()
    assert "Identité et coordonnées : consultation" in page
    assert f"/personnes/{person_id}/" in page
    other = signed_in(people.actor(Role.PHYSICIAN, hospital)).get("/journal/mes-acces/").content.decode()
    assert f"/personnes/{person_id}/" not in other


def test_a_refusal_tells_its_own_actor_neither_of_whom_nor_why(person_id):
    stranger = people.actor(Role.NURSE)
    signed_in(stranger).get(f"/personnes/{person_id}/")
    with open_trail():
        refused = [one for one in own_traces(stranger) if one.outcome == "denied"]
    assert refused
    assert {(one.person_id, one.rule) for one in refused} == {(None, "not-found")}


def test_the_privacy_officer_reads_his_organisation_without_identities(hospital, nurse, person_id):
    signed_in(nurse).get(f"/personnes/{person_id}/")
    officer = signed_in(people.actor(Role.PRIVACY_OFFICER, hospital))
    page = officer.get("/journal/structure/").content.decode()
    assert nurse.display_name in page
    assert not any(name in page for name in people.CANARY_NAMES)
    assert "ligne 1<" in officer.get(f"/journal/structure/?jour={today().isoformat()}").content.decode()
    assert "Aucun accès" in officer.get("/journal/structure/?jour=2020-01-01").content.decode()
    elsewhere = signed_in(people.actor(Role.PRIVACY_OFFICER)).get("/journal/structure/").content.decode()
    assert nurse.display_name not in elsewhere
    assert signed_in(nurse).get("/journal/structure/").status_code == 403


def test_an_unusual_visit_is_shown_with_its_reason_and_reviewed_by_another(hospital, nurse):
    person_id = people.person(nurse)
    Professional.objects.filter(pk=nurse.professional_id).update(family=_birth_name(person_id))
    signed_in(nurse).get(f"/personnes/{person_id}/")
    officer = people.actor(Role.PRIVACY_OFFICER, hospital)
    client = signed_in(officer)
    page = client.get("/journal/relecture/").content.decode()
    assert "Même nom de famille que le professionnel" in page
    said = {"professional_id": nurse.professional_id, "person_id": person_id, "day": today().isoformat()}
    refused = client.post("/journal/relecture/", {**said, "is_justified": "oui", "comment": "   "})
    assert refused.status_code == 422
    done = client.post("/journal/relecture/", {**said, "is_justified": "oui", "comment": "Homonyme"}, follow=True)
    assert "Accès expliqué" in done.content.decode()
    assert AccessReview.objects.get().comment == "Homonyme"
    assert AuditRow.objects.filter(action="access_log.review", outcome="allowed").exists()
    assert signed_in(nurse).get("/journal/relecture/").status_code == 403


def _birth_name(person_id):
    from accounts.people.models import Person

    return Person.objects.get(pk=person_id).birth_name


def test_nobody_reviews_his_own_visits_and_a_review_says_something(hospital):
    officer = people.actor(Role.PRIVACY_OFFICER, hospital)
    record = ReviewAccess(
        professional_id=officer.professional_id, person_id=uuid4(), day=today(), is_justified=True, comment="x"
    )
    with pytest.raises(OwnAccess):
        review_access(record, by=officer)
    with pytest.raises(CommentMissing):
        review_access(
            ReviewAccess(professional_id=uuid4(), person_id=uuid4(), day=today(), is_justified=True, comment=" "),
            by=officer,
        )


def test_the_facts_of_a_visit_are_read_from_what_the_organisation_did(hospital, nurse, clock):
    person_id = people.person(nurse)
    officer = people.actor(Role.PRIVACY_OFFICER, hospital)
    clock.forward(days=100)
    signed_in(nurse).get(f"/personnes/{person_id}/")
    with open_trail():
        visits = [one for one in unusual_candidates(officer) if one.person_id == person_id]
    assert [reasons_of(one) for one in visits] == [(Reason.NO_RELATION,)]


def test_the_pages_cost_the_same_for_one_and_five(hospital, nurse, django_assert_max_num_queries):
    officer, client = signed_in(people.actor(Role.PRIVACY_OFFICER, hospital)), signed_in(nurse)
    costs = []
    officer.get("/journal/relecture/")
    for number in (1, 4):
        for _ in range(number):
            client.get(f"/personnes/{people.person(nurse)}/")
        for path, who in (
            ("/journal/relecture/", officer),
            ("/journal/structure/", officer),
            ("/journal/mes-acces/", client),
        ):
            with django_assert_max_num_queries(60) as captured:
                assert who.get(path).status_code == 200
            costs.append((path, len(captured)))
    assert costs[:3] == costs[3:]
