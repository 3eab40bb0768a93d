"""What the antivirus says of a file: refused when it comes, put out of reach when it is found out later, never in the way of care."""

import io
import zipfile
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.access.gate import open_trail
from accounts.access.models import IdempotencyKey
from accounts.access.states import Basis
from accounts.audit.models import AuditRow
from accounts.documents import clamd, tasks
from accounts.documents.commands import withhold_document
from accounts.documents.events import DocumentWithheld
from accounts.documents.models import Document
from accounts.documents.queries import document_content, document_snapshot
from accounts.documents.records import DocumentKind, Scan, WithholdDocument
from accounts.documents.rules import FileInfected, FileWithheld
from accounts.documents.store import check_files, contents
from accounts.documents.tasks import scan_waiting
from accounts.kernel.actor import Role, system_actor
from accounts.kernel.clock import today
from accounts.organisations.models import Organisation, Professional
from accounts.outbox.drain import drain
from accounts.outbox.models import StoredEvent
from accounts.rights.commands import request_access
from accounts.rights.queries import papers_of
from accounts.rights.records import RequestAccess
from accounts.staff.words import CONDITIONS
from fhir_bridge.export.archive import archive_of
from pathway.celery import app
from ppa.directives.commands import record_directive, revoke_directive
from ppa.directives.models import Directive
from ppa.directives.panels import directives_in_an_emergency
from ppa.directives.queries import directive_snapshot
from ppa.directives.records import Authorisation, RevokeDirective
from ppa.directives.states import RevocationMeans
from ppa.trusted_persons.commands import designate_trusted_person
from tests.factories import directives, fhir, people, plans, trusted_persons
from tests.support import scanner
from tests.support.scanner import EICAR
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db
INFECTED = directives.PDF + b"\n%" + EICAR
NOT_SCANNED = "Non analysé par un antivirus"
SET_ASIDE = "Fichier mis à l’écart"


@pytest.fixture
def nurse():
    return people.actor(Role.NURSE)


@pytest.fixture
def person_id(nurse):
    return people.person(nurse)


@pytest.fixture
def daemon(settings):
    with scanner.running() as running:
        settings.CLAMD_URL = running.url
        yield running


def upload(content):
    return SimpleUploadedFile("CANARIVAUX.pdf", content, content_type="application/pdf")


def posted(nurse, person_id, content):
    given = {
        "medium": "paper_scan",
        "model": "free",
        "signed_on": "2026-03-12",
        "has_signature": "on",
        "text": "Rester chez moi",
    }
    return signed_in(nurse).post(
        reverse("directives:new", args=[person_id]), {**given, "file": upload(content)}, follow=True
    )


def files_on_disk(settings):
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def shown(nurse, person_id, directive_id):
    return signed_in(nurse).get(reverse("directives:page", args=[person_id, directive_id])).content.decode()


def kept(nurse, person_id, content=directives.PDF):
    directive_id = directives.directive(person_id, nurse, file=directives.scan(content))
    return directive_id, directives.file_of(directive_id)


def found_later(nurse, person_id, settings):
    """Return a directive and its file, kept while there was no antivirus, and found out since."""
    directive_id, document_id = kept(nurse, person_id, INFECTED)
    with scanner.running() as running:
        settings.CLAMD_URL = running.url
        assert scan_waiting() == 1
        drain()
    return directive_id, document_id


def revocation(directive_id, file):
    return RevokeDirective(
        directive_id=directive_id, version=directive_snapshot(directive_id).version, revoked_on=today(), means=RevocationMeans.WRITTEN,
        received_by="Essai", witness="", file=file,
    )  # fmt: skip


def test_a_clean_file_is_kept_and_its_page_says_that_it_was_scanned(nurse, person_id, daemon):
    answer = posted(nurse, person_id, directives.PDF)
    document = Document.objects.get()
    assert (document.scan, document.scanned_at is not None) == (Scan.CLEAN, True)
    assert daemon.files == [directives.PDF], "once, on the form"
    assert "Analysé par un antivirus" in answer.content.decode()


def test_an_infected_file_is_refused_with_a_sentence_traced_and_nothing_of_it_is_kept(
    nurse, person_id, daemon, settings
):
    before = files_on_disk(settings)
    answer = posted(nurse, person_id, INFECTED)
    assert answer.status_code == 422
    assert "« Directives anticipées » n’a pas été gardé : l’antivirus" in answer.content.decode()
    assert not Document.objects.exists()
    assert not Directive.objects.exists()
    assert files_on_disk(settings) == before
    assert AuditRow.objects.filter(outcome="refused", rule="file-infected", actor_id=nurse.id).count() == 1


def test_each_command_that_takes_a_file_refuses_an_infected_one(nurse, person_id, daemon):
    directive_id = directives.directive(person_id, nurse)
    relative_id = people.relative(person_id, nurse)
    file = directives.scan(INFECTED)
    leave = directives.signed_directive(person_id, authorisation_file=file)
    taken_back = revocation(directive_id, file)
    chosen = trusted_persons.designation_of(person_id, relative_id, file=file)
    for command, record in (
        (record_directive, leave),
        (revoke_directive, taken_back),
        (designate_trusted_person, chosen),
    ):
        with pytest.raises(FileInfected):
            command(record, by=nurse)
    coordinator = directives.colleague(Role.COORDINATOR, person_id, Basis.COORDINATION)
    with pytest.raises(FileInfected):
        request_access(RequestAccess(person_id=person_id, asked_on=today(), paper=file), by=coordinator)
    assert Document.objects.get().source_id == directive_id


def test_what_we_make_ourselves_is_not_sent_to_it(daemon):
    plans.signed(plans.team())
    assert Document.objects.get(kind=DocumentKind.PLAN).scan == Scan.MADE_HERE
    assert daemon.files == []


def test_without_an_antivirus_a_file_is_kept_and_its_page_says_so(nurse, person_id):
    answer = posted(nurse, person_id, directives.PDF)
    assert NOT_SCANNED in answer.content.decode()
    document = Document.objects.get()
    assert (document.scan, document.scanned_at) == (Scan.NOT_SCANNED, None)
    assert scan_waiting() == 0


@pytest.mark.parametrize("fault", ["gone", "silent", "garbage", "limit"])
def test_an_antivirus_that_does_not_judge_holds_up_nobody_and_is_asked_again(
    nurse, person_id, settings, monkeypatch, fault
):
    monkeypatch.setattr(clamd, "SECONDS_FOR_A_FILE", 0.3)
    said = {
        "garbage": {"says": b"HTTP/1.1 400 Bad Request\r\n\r\n"},
        "silent": {"waits": True},
        "limit": {"most_bytes": 10},
    }
    with scanner.running(**said.get(fault, {})) as running:
        settings.CLAMD_URL = running.url if fault != "gone" else "tcp://127.0.0.1:1"
        assert NOT_SCANNED in posted(nurse, person_id, directives.PDF).content.decode()
        assert scan_waiting() == 0
    document = Document.objects.get()
    assert (document.scan, document.scanned_at is not None) == (Scan.NOT_SCANNED, True)
    monkeypatch.setattr(clamd, "SECONDS_FOR_A_FILE", 10.0)
    with scanner.running() as running:
        settings.CLAMD_URL = running.url
        assert scan_waiting() == 1
        assert scan_waiting() == 0
        assert running.files == [directives.PDF]
    assert document_snapshot(document.pk).scan == Scan.CLEAN


def test_a_file_that_it_never_takes_lets_the_others_pass(nurse, person_id, daemon, settings):
    settings.CLAMD_URL = ""
    large = people.person(nurse)
    kept(nurse, large, directives.paper(300))
    _, small = kept(nurse, person_id)
    settings.CLAMD_URL = daemon.url
    daemon.most_bytes = len(directives.paper(300)) - 1
    assert scan_waiting() == 1
    assert document_snapshot(small).scan == Scan.CLEAN
    assert Document.objects.filter(scan=Scan.NOT_SCANNED).count() == 1


def test_a_file_for_which_it_takes_too_long_lets_the_others_pass(nurse, person_id, settings, monkeypatch):
    monkeypatch.setattr(clamd, "SECONDS_FOR_A_FILE", 1.0)
    _, slow = kept(nurse, people.person(nurse), directives.paper(2))
    _, quick = kept(nurse, person_id)
    with scanner.running(silent_about=directives.paper(2)) as running:
        settings.CLAMD_URL = running.url
        assert scan_waiting() == 1
    assert (document_snapshot(slow).scan, document_snapshot(quick).scan) == (Scan.NOT_SCANNED, Scan.CLEAN)


def test_a_run_ends_after_its_time_and_the_next_one_goes_on(nurse, person_id, settings, monkeypatch):
    seconds = count(0, tasks.SECONDS_OF_A_RUN * 0.4)
    monkeypatch.setattr(tasks, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    for content in (directives.paper(1), directives.paper(2), directives.paper(3)):
        kept(nurse, person_id, content)
    with scanner.running() as running:
        settings.CLAMD_URL = running.url
        assert [scan_waiting() for _ in range(3)] == [2, 1, 0]


def test_a_run_at_its_slowest_ends_before_the_worker_stops_it():
    assert app.conf.task_soft_time_limit > tasks.SECONDS_OF_A_RUN + clamd.SECONDS_FOR_A_FILE + clamd.SECONDS_FOR_A_WORD


def test_what_is_set_aside_is_set_aside_and_told_once(nurse, person_id, settings):
    _, document_id = found_later(nurse, person_id, settings)
    version = document_snapshot(document_id).version
    clerk = replace(system_actor("documents-scan"), organisation_id=nurse.organisation_id)
    again = withhold_document(WithholdDocument(document_id=document_id), by=clerk)
    assert (again.id, again.version) == (document_id, version)
    assert StoredEvent.objects.filter(type=DocumentWithheld.TYPE).count() == 1


def test_a_file_that_no_longer_opens_lets_the_others_pass(nurse, person_id, daemon, settings):
    settings.CLAMD_URL = ""
    directives.directive(people.person(nurse), nurse)
    for path in files_on_disk(settings):
        path.unlink()
    _, readable = kept(nurse, person_id)
    settings.CLAMD_URL = daemon.url
    assert scan_waiting() == 1
    assert document_snapshot(readable).scan == Scan.CLEAN


def test_what_is_found_out_later_is_out_of_reach_and_its_page_says_why(nurse, person_id, settings):
    directive_id, document_id = found_later(nurse, person_id, settings)
    page = shown(nurse, person_id, directive_id)
    assert SET_ASIDE in page
    assert "Demandez l’original" in page
    assert "Télécharger le document" not in page
    assert "Je veux rester chez moi" in page, "what was noted of it"
    download = reverse("documents:download", args=[document_id])
    answer = signed_in(nurse).get(download)
    assert answer.status_code == 409
    assert "mis à l’écart" in answer.content.decode()
    assert signed_in(people.actor(Role.NURSE)).get(download).status_code == 404
    assert AuditRow.objects.filter(action="document.withhold", object_id=document_id, outcome="allowed").exists()
    denied = AuditRow.objects.filter(action="advance_directive.download_file", object_id=document_id, outcome="denied")
    assert "CLEAN" in denied.earliest("id").rule


def test_the_page_of_rights_says_of_a_file_what_it_is_asked_for_and_no_more(nurse, person_id):
    _, document_id = kept(nurse, person_id)
    document = Document.objects.get(pk=document_id)
    assert (document.scan, document.facts().clean) == (Scan.NOT_SCANNED, True)
    assert CONDITIONS["CLEAN"] == "le fichier n’a pas été mis à l’écart par l’antivirus"


def test_a_function_without_the_right_to_open_it_is_not_told_why(nurse, person_id, settings):
    _, document_id = found_later(nurse, person_id, settings)
    social_worker = directives.colleague(Role.SOCIAL_WORKER, person_id)
    answer = signed_in(social_worker).get(reverse("documents:download", args=[document_id]))
    assert answer.status_code in (403, 404)
    assert "antivirus" not in answer.content.decode()


@pytest.mark.parametrize("paper", ["authorisation", "revocation"])
def test_of_a_paper_that_is_handed_in_once_it_asks_for_no_new_copy(nurse, person_id, settings, paper):
    file = directives.scan(INFECTED)
    if paper == "authorisation":
        leave = Authorisation(authority="Juge des tutelles de Dijon", given_on=date(2026, 2, 1))
        given = {"is_protected": True, "authorisation": leave, "authorisation_file": file}
        directive_id = directives.directive(person_id, nurse, **given)
    else:
        directive_id = directives.directive(person_id, nurse)
        revoke_directive(revocation(directive_id, file), by=nurse)
    with scanner.running() as running:
        settings.CLAMD_URL = running.url
        scan_waiting()
    page = shown(nurse, person_id, directive_id)
    assert SET_ASIDE in page
    assert "déposez-en une nouvelle copie" not in page
    assert "gardez-le dans le dossier papier" in page


def test_what_is_told_of_a_file_may_be_done_of_each(nurse, person_id, settings):
    _, document_id = found_later(nurse, person_id, settings)
    answer = signed_in(nurse).get(reverse("documents:download", args=[document_id])).content.decode()
    assert "déposez-en une nouvelle copie ou, si aucune page ne le permet, gardez-le dans le dossier papier" in answer


def test_no_other_way_leads_to_it(nurse, person_id, settings):
    _, document_id = found_later(nurse, person_id, settings)
    document = Document.objects.get(pk=document_id)
    with pytest.raises(FileWithheld):
        contents(document)
    with pytest.raises(FileWithheld):
        document_content(document_id)
    assert [content for _, content in papers_of(person_id)] == [b""]
    assert list(check_files()) == [""], "it is still whole"
    system = fhir.partner(Organisation.objects.get(pk=nurse.organisation_id))
    answer = system.get(f"Binary/{document_id}")
    assert answer.status_code == 409
    assert answer.json()["issue"][0]["code"] == "suppressed"


def test_the_page_of_a_designation_says_it_too(nurse, person_id, settings):
    file, relative_id = directives.scan(INFECTED), people.relative(person_id, nurse)
    designation_id = trusted_persons.designation(person_id, relative_id, nurse, file=file)
    page = reverse("trusted_persons:page", args=[person_id, designation_id])
    before = signed_in(nurse).get(page).content.decode()
    assert NOT_SCANNED in before
    assert "Télécharger le document" in before
    with scanner.running() as running:
        settings.CLAMD_URL = running.url
        scan_waiting()
    after = signed_in(nurse).get(page).content.decode()
    assert SET_ASIDE in after
    assert "Télécharger le document" not in after


def test_her_copy_leaves_it_out_and_says_so(nurse, person_id, settings):
    found_later(nurse, person_id, settings)
    with zipfile.ZipFile(io.BytesIO(archive_of(person_id))) as copy:
        assert [name for name in copy.namelist() if name.startswith("documents/")] == []
        assert "ce fichier n’est pas joint" in copy.read("LISEZ-MOI.html").decode()


def test_its_structure_is_told_once_in_neutral_words(nurse, person_id, settings):
    at = Organisation.objects.get(pk=nurse.organisation_id)
    for role in (Role.PRIVACY_OFFICER, Role.BED_MANAGER):
        Professional.objects.filter(pk=people.actor(role, at).professional_id).update(email=f"{role}@example.org")
    _, document_id = found_later(nurse, person_id, settings)
    drain()
    assert scan_waiting() == 0
    (told,) = [one for one in mail.outbox if "mis à l’écart" in one.subject]
    assert told.to == ["cadre_structure@example.org", "referent_confidentialite@example.org"]
    assert str(document_id) in told.body
    assert "Eicar" not in told.body
    assert "CANARI" not in told.subject + told.body


@pytest.mark.parametrize("role", [Role.PHYSICIAN, Role.NURSE, Role.COORDINATOR])
def test_where_nobody_answers_for_the_structure_those_who_work_there_are_told(nurse, person_id, settings, role):
    at = Organisation.objects.get(pk=nurse.organisation_id)
    Professional.objects.filter(pk=people.actor(role, at).professional_id).update(email="soins@example.org")
    found_later(nurse, person_id, settings)
    drain()
    (told,) = [one for one in mail.outbox if "mis à l’écart" in one.subject]
    assert told.to == ["soins@example.org"]


def test_those_who_work_there_are_not_told_where_somebody_answers_for_it(nurse, person_id, settings):
    at = Organisation.objects.get(pk=nurse.organisation_id)
    for role in (Role.PRIVACY_OFFICER, Role.NURSE):
        Professional.objects.filter(pk=people.actor(role, at).professional_id).update(email=f"{role}@example.org")
    found_later(nurse, person_id, settings)
    drain()
    (told,) = [one for one in mail.outbox if "mis à l’écart" in one.subject]
    assert told.to == ["referent_confidentialite@example.org"]


def test_a_form_sent_twice_is_one_act_whatever_the_antivirus_says_meanwhile(nurse, person_id, settings):
    by = replace(nurse, idempotency_key="0190f1d2-0000-7000-8000-000000000001")
    record = directives.signed_directive(person_id)
    first = record_directive(record, by=by)
    judged = replace(record, file=replace(record.file, scan=Scan.CLEAN))
    again = record_directive(judged, by=by)
    assert (again.id, again.replayed) == (first.id, True)
    assert IdempotencyKey.objects.filter(actor_id=nurse.id).count() == 1


def in_an_emergency(person_id, nurse, *, leads_on):
    with open_trail():
        part = directives_in_an_emergency(person_id, nurse)
    return render_to_string(part.template, {**part.context, "leads_on": leads_on})


def test_a_guest_in_an_emergency_is_not_sent_to_a_file_that_nobody_opens(nurse, person_id, settings):
    kept(nurse, person_id, INFECTED)
    assert "peut vous le lire" in in_an_emergency(person_id, nurse, leads_on=False)
    with scanner.running() as running:
        settings.CLAMD_URL = running.url
        scan_waiting()
    after = in_an_emergency(person_id, nurse, leads_on=False)
    assert "peut vous le lire" not in after
    assert "personne ne peut l’ouvrir ici" in after


def test_in_an_emergency_the_page_says_it_too(nurse, person_id, settings):
    def said():
        return in_an_emergency(person_id, nurse, leads_on=True)

    kept(nurse, person_id, INFECTED)
    assert NOT_SCANNED in said()
    assert "Télécharger le document" in said()
    with scanner.running() as running:
        settings.CLAMD_URL = running.url
        scan_waiting()
    assert SET_ASIDE in said()
    assert "Télécharger le document" not in said()


@pytest.mark.parametrize(
    ("url", "said"), [("", "Aucun antivirus n’est branché"), ("tcp://127.0.0.1:1", "Ne répond pas")]
)
def test_the_operator_reads_whether_it_answers_and_the_service_is_ready_without_it(
    nurse, person_id, settings, client, url, said
):
    settings.CLAMD_URL = url
    kept(nurse, person_id)
    page = signed_in(people.actor(Role.TECHNICAL_ADMIN)).get("/systeme/").content.decode()
    assert said in page
    assert "1 fichier non analysé, 0 mis à l’écart" in page
    drain()
    assert client.get("/health/ready").status_code == 200


def test_the_operator_reads_that_it_answers(daemon):
    page = signed_in(people.actor(Role.TECHNICAL_ADMIN)).get("/systeme/").content.decode()
    assert "Répond" in page
    assert "Ne répond pas" not in page
