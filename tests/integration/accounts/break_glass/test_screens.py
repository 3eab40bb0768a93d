"""The screens of the emergency: one field, an opening, the essential; the queue; the notice."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest

from accounts.access.circle import enter
from accounts.access.gate import open_trail
from accounts.access.models import CircleMembership
from accounts.access.records import OpenMembership
from accounts.access.states import Basis
from accounts.audit.models import AuditRow
from accounts.break_glass.models import BreakGlass, EmergencyAccessNotice
from accounts.break_glass.queries import letter_for
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.models import Transition
from accounts.organisations.models import Membership
from accounts.people.models import Person
from fhir_bridge.repository.models import Resource
from tests.factories import directives, emergencies, fhir, people, referrals, whole_story
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir, pytest.mark.usefixtures("story")]


@pytest.fixture
def dispatcher():
    return emergencies.dispatcher()


def text(response):
    return response.content.decode()


def opened(client, dispatcher, person_id):
    way = f"/urgence/ouvrir/{emergencies.finding(person_id, dispatcher)}/"
    filled = {"identity_confirmed": "on", "reason": "regulated_call", "explanation": emergencies.EXPLANATION}
    return client.post(way, filled)


def test_the_desk_of_a_dispatcher_is_one_field(dispatcher):
    home = text(signed_in(dispatcher).get("/"))
    assert 'name="q"' in home
    assert 'action="/urgence/"' in home


def test_from_a_phone_number_to_the_essential(story, dispatcher):
    client = signed_in(dispatcher)
    results = text(client.post("/urgence/", {"q": "03 80 77 13 31"}))
    assert story.birth_name in results
    assert not any(one in results for one in ("Canaripré", "CANARICONFIDENCE", whole_story.RELATIVE, "39 98 13 32"))
    way = results.split('href="/urgence/ouvrir/')[1].split('"')[0]
    assert story.birth_name in text(client.get(f"/urgence/ouvrir/{way}"))
    shown = client.get(opened(client, dispatcher, story.person_id)["Location"])
    assert shown.status_code == 200
    for one in (story.birth_name, "CANARICONFIDENCE", whole_story.RELATIVE, "06 39 98 13 32", "03 80 77 13 31"):
        assert one in text(shown), one
    assert not any(one in text(shown) for one in ("Canaripic", whole_story.CALL, referrals.SECRET))


def test_every_page_it_leads_to_opens_and_shows_no_more(story, dispatcher):
    client = signed_in(dispatcher)
    opened(client, dispatcher, story.person_id)
    ids, person = story.ids, f"/personnes/{story.person_id}/"
    for address in (
        person, f"{person}directives/", f"{person}directives/{ids['directive_id']}/", f"{person}confiance/",
        f"{person}plan/versions/1/", f"{person}plan/versions/1/pdf/", f"/documents/{ids['document_id']}/",
    ):  # fmt: skip
        answer = client.get(address)
        assert answer.status_code == 200, address
        body = b"".join(answer) if answer.streaming else answer.content
        assert not any(one.encode() in body for one in ("Canaripic", whole_story.CALL, referrals.SECRET)), address


def test_no_door_writes_under_a_break_glass(story):
    doctor = people.actor(Role.PHYSICIAN, emergencies.service())
    client = signed_in(doctor)
    opened(client, doctor, story.person_id)
    before = Transition.objects.count()
    person = f"/personnes/{story.person_id}/"
    contact = {"version": Person.objects.get(pk=story.person_id).version, "phone": "0380000000", "city": "Dijon"}
    assert "Votre fonction ne permet pas" in text(client.post(f"{person}coordonnees/", contact))
    for address in (
        "proches/nouveau/",
        "cercle/accord/",
        "directives/nouvelles/",
        "annonces/nouvelle/",
        "cercle/refus/",
    ):
        assert client.post(person + address, {}).status_code in (403, 404, 422), address
    assert Transition.objects.count() == before


def test_older_versions_and_closed_directives_stay_closed(story, dispatcher):
    directives.directive(story.person_id, story.physician, signed_on=today())  # takes the place of the first
    client = signed_in(dispatcher)
    opened(client, dispatcher, story.person_id)
    old = client.get(f"/personnes/{story.person_id}/directives/{story.ids['directive_id']}/")
    assert "CANARICONFIDENCE" not in text(old)


def test_no_system_reads_through_somebodys_break_glass(story, dispatcher):
    place = Membership.objects.get(professional_id=dispatcher.professional_id).organisation
    emergencies.opened(story.person_id, dispatcher)
    system = fhir.partner(place)
    for row in Resource.objects.filter(person_id=story.person_id).order_by("pk"):
        assert system.get(f"{row.rtype}/{row.fid}").status_code == 404


def test_a_system_that_stood_on_break_glass_would_read_nothing(story):
    """Even a row that no command writes, for a whole organisation, gives a system nothing."""
    place = emergencies.service()
    enter(OpenMembership(person_id=story.person_id, organisation_id=place.id, basis=Basis.BREAK_GLASS))
    system = fhir.partner(place)
    for row in Resource.objects.filter(person_id=story.person_id).order_by("pk"):
        assert system.get(f"{row.rtype}/{row.fid}").status_code == 404


def test_stale_factors_are_asked_again_before_the_form(story, dispatcher, clock):
    client = signed_in(dispatcher)
    clock.forward(minutes=4)
    way = f"/urgence/ouvrir/{emergencies.finding(story.person_id, dispatcher)}/"
    answer = client.get(way)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/compte/confirmer/")


def test_after_its_end_the_page_says_what_to_do(story, dispatcher):
    client = signed_in(dispatcher)
    shown = opened(client, dispatcher, story.person_id)["Location"]
    assert client.post(f"{shown}terminer/").status_code == 302
    answer = client.get(shown)
    assert answer.status_code == 403
    assert "recherchez de nouveau" in text(answer)


def test_what_is_no_whole_identity_is_told(dispatcher):
    answer = signed_in(dispatcher).post("/urgence/", {"q": "Dupont"})
    assert answer.status_code == 422
    assert "numéro de téléphone entier" in text(answer)


def test_the_referent_reviews_from_his_desk(story, dispatcher, clock):
    place = Membership.objects.get(professional_id=dispatcher.professional_id).organisation
    officer = people.actor(Role.PRIVACY_OFFICER, place)
    client = signed_in(dispatcher)
    shown = opened(client, dispatcher, story.person_id)["Location"]
    client.post(f"{shown}terminer/")
    access = BreakGlass.objects.get(account_id=dispatcher.id)
    BreakGlass.objects.filter(pk=access.pk).update(
        opened_at=now() - timedelta(days=8), ends_at=now() - timedelta(days=7, hours=20)
    )
    desk = signed_in(officer)
    home = text(desk.get("/"))
    assert access.reference in home
    assert "En retard" in home
    page = text(desk.get(f"/urgence/revue/{access.id}/"))
    assert emergencies.EXPLANATION in page
    assert not any(one in page + home for one in story.everything)
    answer = desk.post(
        f"/urgence/revue/{access.id}/",
        {"verdict": "justified", "comment": "Appel au journal", "version": access.version},
    )
    assert answer.status_code == 302
    assert access.reference not in text(desk.get("/"))


def test_the_team_that_follows_her_tells_her_from_its_desk(story):
    notice = EmergencyAccessNotice.objects.get(pk=story.ids["notice_id"])
    coordinator = Membership.objects.filter(organisation=notice.organisation, role=Role.COORDINATOR).get()
    actor = people.actor(Role.COORDINATOR, coordinator.organisation)
    client = signed_in(actor)
    assert story.birth_name in text(client.get("/"))
    page = text(client.get(f"/urgence/prevenir/{notice.id}/"))
    assert "03 80 77 13 31" in page
    told = {"told_on": today().isoformat(), "means": "phone", "version": 1}
    assert client.post(f"/urgence/prevenir/{notice.id}/", told).status_code == 302
    assert EmergencyAccessNotice.objects.get(pk=notice.pk).told_on == today()


def test_the_letter_says_who_opened_her_file_when_why_and_what(story):
    notice = EmergencyAccessNotice.objects.get(pk=story.ids["notice_id"])
    coordinator = people.actor(Role.COORDINATOR, notice.organisation)
    opener = BreakGlass.objects.get(pk=story.ids["access_id"])
    service = people.actor(Role.EMERGENCY_DISPATCHER, opener.organisation)
    dispatcher = signed_in(replace(service, id=opener.account_id, professional_id=opener.professional_id))
    assert dispatcher.get(f"/urgence/acces/{opener.id}/").status_code == 200
    address = f"/urgence/prevenir/{notice.id}/courrier/"
    assert address in signed_in(coordinator).get(f"/urgence/prevenir/{notice.id}/").content.decode()
    paper = signed_in(coordinator).get(address)
    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
    with pikepdf.open(BytesIO(paper.content)) as pdf:
        assert (pdf.Root.MarkInfo.Marked, len(pdf.pages)) == (True, 1)
        assert str(pdf.docinfo.get("/Title")) == "Votre dossier a été ouvert en urgence"
    with open_trail():
        letter = letter_for(notice.id, actor=coordinator)
    assert "Identité et coordonnées" in letter.consulted
    assert opener.professional.display_name in letter.notice.by_whom
    assert (letter.sender, letter.street) == (notice.organisation.name, "7 impasse Canaripré")
    assert signed_in(people.actor(Role.COORDINATOR)).get(address).status_code == 404
    assert dispatcher.get(address).status_code == 404


def test_the_circle_sees_that_her_file_was_opened(story):
    page = text(signed_in(story.physician).get(f"/personnes/{story.person_id}/"))
    assert "Accès d’urgence au dossier" in page
    assert CircleMembership.objects.filter(basis=Basis.BREAK_GLASS, person_id=story.person_id).exists()
    assert AuditRow.objects.filter(action="break_glass.open", person_id=story.person_id).exists()
