"""A copy of the file, a rectification beside what was written, an answer to a wish to erase."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

import pytest

from accounts.access.models import CircleMembership
from accounts.audit.models import AuditRow
from accounts.documents.models import Document
from accounts.documents.tasks import scan_waiting
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound, StepUpNeeded
from accounts.organisations.models import Organisation
from accounts.outbox.drain import drain
from accounts.rights.commands import add_addendum, approve_export, hand_over, request_access
from accounts.rights.models import AccessExport, Addendum, ErasureAnswer
from accounts.rights.records import AddAddendum, RequestAccess, StepExport
from accounts.rights.rules import AddendumEmpty, NothingToRectify
from accounts.rights.tasks import expire_exports
from fhir_bridge.export import tasks as clerk
from fhir_bridge.export.archive import archive_of
from fhir_bridge.export.tasks import build_exports
from fhir_bridge.projection.refresh import differences
from tests.factories import directives, fhir, people, whole_story
from tests.support import scanner
from tests.support.scanner import EICAR
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir, pytest.mark.usefixtures("story")]
PAPER = directives.scan()
INFECTED = directives.scan(directives.PDF + b"\n%" + EICAR)


@pytest.fixture
def dac(story):
    return Organisation.objects.get(
        pk=CircleMembership.objects.get(person_id=story.person_id, basis="coordination").organisation_id
    )


@pytest.fixture
def coordinator(dac):
    return people.actor(Role.COORDINATOR, dac)


@pytest.fixture
def officer(dac):
    return people.actor(Role.PRIVACY_OFFICER, dac)


def asked(story, coordinator, paper=PAPER):
    record = RequestAccess(person_id=story.person_id, asked_on=today(), paper=paper)
    return AccessExport.objects.get(pk=request_access(record, by=coordinator).id)


def ready(story, coordinator, officer, paper=PAPER):
    export = asked(story, coordinator, paper)
    approve_export(StepExport(export_id=export.id, version=export.version), by=officer)
    assert build_exports() == 1
    export.refresh_from_db()
    return export


def address(story, rest=""):
    return f"/droits/{story.person_id}/{rest}"


def archive(response):
    return zipfile.ZipFile(io.BytesIO(b"".join(response)))


def test_the_copy_holds_her_papers_her_data_and_who_opened_her_file(story, coordinator, officer):
    export = ready(story, coordinator, officer)
    response = signed_in(coordinator).get(address(story, f"copie/{export.id}/"))
    assert response["Cache-Control"] == "no-store, private"
    held = archive(response)
    bundle = json.loads(held.read("donnees/dossier-fhir.json"))
    types = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert {"Patient", "CarePlan", "Consent", "ServiceRequest", "Communication", "Condition"} <= types
    everything = json.dumps(bundle, ensure_ascii=False)
    assert whole_story.WISH in everything
    assert story.ins in everything
    rows = json.loads(held.read("donnees/enregistrements.json"))
    assert {
        "accounts.SharingConsent",
        "accounts.Transition",
        "pathway.Opinion",
        "ppa.PlanEntry",
        "ppa.PlanVersion",
    } <= set(rows)
    assert [row["question"] for row in rows["pathway.Opinion"]] == [whole_story.WISH]
    assert "b'" not in json.dumps(rows), "something is still sealed"
    names = held.namelist()
    assert any(name.startswith("documents/") and "directives" in name for name in names)
    assert any("plan" in name and name.endswith(".pdf") for name in names)
    openings = held.read("acces/acces-au-dossier.pdf")
    assert openings.startswith(b"%PDF-")
    page = held.read("LISEZ-MOI.html").decode()
    assert "Qui a ouvert votre dossier" in page
    assert all(name in page for name in names if name.startswith("documents/"))


def test_two_persons_order_it_and_none_of_them_alone(story, coordinator, officer, dac):
    export = asked(story, coordinator)
    step = StepExport(export_id=export.id, version=export.version)
    with pytest.raises((NotAllowed, NotFound)):
        approve_export(step, by=coordinator)
    with pytest.raises(NotAllowed):
        approve_export(step, by=replace(officer, id=coordinator.id))
    with pytest.raises(StepUpNeeded):
        approve_export(step, by=replace(officer, authenticated_at=None))
    with pytest.raises(NotFound):
        approve_export(step, by=people.actor(Role.PRIVACY_OFFICER))
    assert build_exports() == 0


def test_the_officer_reads_no_name_and_the_copy_is_handed_over_by_a_name(story, coordinator, officer):
    client = signed_in(coordinator)
    from django.core.files.uploadedfile import SimpleUploadedFile

    paper = SimpleUploadedFile("demande.pdf", PAPER.content)
    sent = client.post(address(story, "copie/"), {"asked_on": today().isoformat(), "paper": paper})
    assert sent.status_code == 302, sent.content
    waiting = signed_in(officer).get("/droits/copies/").content.decode()
    assert coordinator.display_name in waiting
    assert story.birth_name not in waiting
    export = AccessExport.objects.latest("created_at")
    signed_in(officer).post(f"/droits/copies/{export.id}/autoriser/", {"version": export.version})
    build_exports()
    export.refresh_from_db()
    client.post(address(story, f"copie/{export.id}/remise/"), {"version": export.version})
    shown = client.get(address(story)).content.decode()
    assert f"remise par {coordinator.display_name}" in shown


def test_each_download_is_in_the_audit_and_none_passes_another_door(story, coordinator, officer):
    export = ready(story, coordinator, officer)
    before = AuditRow.objects.filter(action="rgpd_request.hand_over").count()
    client = signed_in(coordinator)
    b"".join(client.get(address(story, f"copie/{export.id}/")))
    assert AuditRow.objects.filter(action="rgpd_request.hand_over", object_id=export.id).count() == before + 1
    assert client.get(f"/documents/{export.document_id}/").status_code in (403, 404)
    assert signed_in(story.physician).get(f"/documents/{export.document_id}/").status_code in (403, 404)
    assert signed_in(officer).get(address(story, f"copie/{export.id}/")).status_code in (403, 404)


def test_after_seven_days_the_copy_is_gone(story, coordinator, officer, clock):
    export = ready(story, coordinator, officer)
    clock.forward(days=6)
    assert expire_exports() == 0
    clock.forward(days=1, hours=1)
    fresh = replace(coordinator, authenticated_at=now())
    assert signed_in(fresh).get(address(story, f"copie/{export.id}/")).status_code == 410
    assert expire_exports() == 1
    export.refresh_from_db()
    assert (export.state, export.document) == ("expired", None)
    assert not Document.objects.filter(kind="export").exists()


def found_out(settings):
    with scanner.running() as running:
        settings.CLAMD_URL = running.url
        scan_waiting()
    settings.CLAMD_URL = ""
    while drain():
        pass


def test_a_copy_that_holds_a_file_set_aside_since_is_erased_and_made_again_without_it(
    story, coordinator, officer, settings, django_capture_on_commit_callbacks
):
    export = ready(story, coordinator, officer, INFECTED)
    former, client = export.document_id, signed_in(coordinator)
    at = address(story, f"copie/{export.id}/")
    held = archive(client.get(at))
    assert any(EICAR in held.read(name) for name in held.namelist())
    with django_capture_on_commit_callbacks(execute=True):
        found_out(settings)
    assert client.get(at).status_code == 410
    assert "En préparation" in client.get(address(story)).content.decode()
    assert list(Path(settings.MEDIA_ROOT).rglob(f"{former.hex}*")) == []
    assert build_exports() == 1
    held = archive(client.get(at))
    assert all(EICAR not in held.read(name) for name in held.namelist())
    assert "ce fichier n’est pas joint" in held.read("LISEZ-MOI.html").decode()


def test_a_copy_handed_over_that_holds_such_a_file_is_erased_and_that_it_was_handed_over_stays_noted(
    story, coordinator, officer, settings
):
    export = ready(story, coordinator, officer, INFECTED)
    hand_over(StepExport(export_id=export.id, version=export.version), by=coordinator)
    found_out(settings)
    export.refresh_from_db()
    assert (export.state, export.document) == ("expired", None)
    assert build_exports() == 0
    assert f"remise par {coordinator.display_name}" in signed_in(coordinator).get(address(story)).content.decode()


def test_a_copy_is_not_kept_when_a_file_is_set_aside_while_it_is_made(
    story, coordinator, officer, settings, monkeypatch
):
    export = asked(story, coordinator, INFECTED)
    approve_export(StepExport(export_id=export.id, version=export.version), by=officer)

    def made_meanwhile(person_id):
        content = archive_of(person_id)
        found_out(settings)
        return content

    with monkeypatch.context() as patched:
        patched.setattr(clerk, "archive_of", made_meanwhile)
        assert build_exports() == 0
    assert not Document.objects.filter(kind="export").exists()
    assert build_exports() == 1
    held = archive(signed_in(coordinator).get(address(story, f"copie/{export.id}/")))
    assert all(EICAR not in held.read(name) for name in held.namelist())


def test_the_copies_of_other_persons_stay(story, coordinator, officer, settings):
    export = ready(story, coordinator, officer)
    nurse = people.actor(Role.NURSE)
    directives.directive(people.person(nurse), nurse, file=INFECTED)
    found_out(settings)
    export.refresh_from_db()
    assert (export.state, export.document is not None) == ("ready", True)


def test_another_organisation_asks_no_copy(story):
    stranger = people.actor(Role.COORDINATOR, people.coordination(departement="39"))
    with pytest.raises(NotFound):
        request_access(RequestAccess(person_id=story.person_id, asked_on=today(), paper=PAPER), by=stranger)


TARGETS = {
    "announcement": ("announcement_id", "annonces/{}/"),
    "directive": ("directive_id", "directives/{}/"),
    "designation": ("designation_id", "confiance/{}/"),
    "assessment": ("assessment_id", "evaluations/{}/"),
    "anticipated_crisis": ("crisis_id", "conduites/{}/"),
    "collegial_decision": ("decision_id", "decisions/{}/"),
    "stay": ("stay_id", "/sejours/{}/"),
}


@pytest.mark.parametrize("kind", sorted(TARGETS))
def test_a_rectification_stands_beside_the_original_on_screen_and_in_fhir(story, kind):
    key, path = TARGETS[kind]
    client = signed_in(story.physician)
    page = urljoin(f"/personnes/{story.person_id}/", path.format(story.ids[key]))
    before = client.get(page)
    assert before.status_code == 200, page
    rectify = address(story, f"rectifier/{kind}/{story.ids[key]}/")
    assert client.get(rectify).status_code == 200
    said = {"text": "Je n’ai jamais dit cela CANARIRECTIFIE", "reason": "Malentendu"}
    assert client.post(rectify, said).status_code == 302
    shown = client.get(page).content.decode()
    assert "CANARIRECTIFIE" in shown
    assert story.physician.display_name in shown
    assert "Malentendu" in shown
    partner = fhir.partner(Organisation.objects.get(pk=story.physician.organisation_id))
    found = partner.get(f"Communication?patient=Patient/{story.person_id}&category=rectification").json()
    (entry,) = found["entry"]
    assert entry["resource"]["payload"][0]["contentString"] == said["text"]
    assert entry["resource"]["about"][0]["reference"].endswith(str(story.ids[key]))
    assert f"Communication/{entry['resource']['id']}" not in set(differences())


def test_the_plan_and_the_identity_are_rectified_too(story):
    from ppa.plans.models import Plan

    plan = Plan.objects.get()
    text = {"text": "Autrement", "reason": "Elle le dit"}
    for kind, target in (("plan", plan.id), ("person", story.person_id)):
        assert signed_in(story.physician).post(address(story, f"rectifier/{kind}/{target}/"), text).status_code == 302
    assert "Autrement" in signed_in(story.physician).get(f"/personnes/{story.person_id}/plan/").content.decode()
    assert "Autrement" in signed_in(story.physician).get(address(story)).content.decode()
    row = Addendum.objects.order_by("id").first()
    with pytest.raises(TypeError):
        row.save()


def test_a_rectification_names_something_of_hers_and_says_why(story):
    other = people.person(story.physician)
    record = {"target_type": "announcement", "target_id": story.ids["announcement_id"], "text": "a", "reason": "b"}
    with pytest.raises(NothingToRectify):
        add_addendum(AddAddendum(person_id=other, **record), by=story.physician)
    with pytest.raises(AddendumEmpty):
        add_addendum(AddAddendum(person_id=story.person_id, **{**record, "reason": " "}), by=story.physician)
    with pytest.raises(NotFound):
        add_addendum(AddAddendum(person_id=story.person_id, **record), by=people.actor(Role.PHYSICIAN))


def test_who_may_not_read_the_original_reads_no_rectification(story, dac):
    """A record system that reads plans and no directives: the rectification of a directive is not there for it."""
    record = {"target_type": "directive", "target_id": story.ids["directive_id"], "text": "Non", "reason": "b"}
    add_addendum(AddAddendum(person_id=story.person_id, **record), by=story.physician)
    asked_structure = fhir.partner(story.asked.structures[0].organisation)
    answer = asked_structure.get(f"Communication?patient=Patient/{story.person_id}").json()
    assert not answer.get("entry")


def test_a_wish_to_erase_is_refused_with_the_reason_of_the_law(story, coordinator):
    client = signed_in(coordinator)
    assert client.post(address(story, "effacement/"), {"asked_on": today().isoformat()}).status_code == 302
    answer = ErasureAnswer.objects.get()
    assert answer.kept_until.year == today().year + 20
    shown = client.get(address(story)).content.decode()
    assert "R. 1112-7" in shown
    assert "La loi impose de conserver" in shown
