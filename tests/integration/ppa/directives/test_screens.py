"""Pages of directives: one visit per view and role, forms that come back with their sentences, the file handed over."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.access.gate import open_trail
from accounts.access.states import Basis
from accounts.audit.models import AuditRow
from accounts.kernel.actor import Role
from accounts.people.page import banner_of, panels_of
from accounts.people.states import RelativeRole
from ppa.directives.models import Directive
from ppa.directives.queries import directive_snapshot
from ppa.directives.records import Wish
from ppa.directives.states import RESUSCITATION, Decision, State
from tests.factories import directives, people
from tests.support.pdf_text import pages_of
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db
WORDS = "CANARICONFIDENCE"


def upload(content=directives.PDF):
    return SimpleUploadedFile("CANARIVAUX.exe", content, content_type="application/x-msdownload")


def filled(**fields):
    return {
        "medium": "paper_scan",
        "model": "free",
        "signed_on": "2026-03-12",
        "has_signature": "on",
        "wish_1": "deny",
        "note_1": "Laissez-moi partir",
        "text": "Je veux rester chez moi",
        "file": upload(),
        **fields,
    }


def test_a_signed_directive_is_recorded_on_one_page_in_four_steps(nurse, person_id):
    client = signed_in(nurse)
    shown = client.get(reverse("directives:new", args=[person_id]))
    assert [step.title[0] for step in shown.context["form"].steps()] == ["1", "2", "3", "4"]
    answer = client.post(reverse("directives:new", args=[person_id]), filled(), follow=True)
    directive = Directive.objects.get()
    assert answer.redirect_chain == [(reverse("directives:page", args=[person_id, directive.id]), 302)]
    text = answer.content.decode()
    assert "Ce sont les directives actuelles" in text
    assert "Laissez-moi partir" in text
    assert directive_snapshot(directive.id).wishes == (
        Wish(code=RESUSCITATION, decision=Decision.DENY, note="Laissez-moi partir"),
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"signed_on": ""}, "Indiquez la date écrite sur le document"),
        ({"signed_on": "1970-01-01"}, "La personne était mineure"),
        ({"medium": "digital", "file": "", "has_signature": ""}, "nom et la qualité de deux témoins"),
        ({"file": upload(b"MZ\x90")}, "Ce fichier n’est pas accepté"),
        ({"file": upload(b"")}, "Ce fichier est vide"),
        ({"file": upload(directives.active_paper())}, "contient des éléments actifs"),
    ],
)
def test_a_refused_form_comes_back_with_its_sentence_and_nothing_is_kept(nurse, person_id, fields, sentence):
    answer = signed_in(nurse).post(reverse("directives:new", args=[person_id]), filled(**fields))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "Je veux rester chez moi" in answer.content.decode()
    assert not Directive.objects.exists()


def test_an_unsigned_scan_is_kept_and_the_page_says_what_it_waits_for(nurse, person_id):
    client = signed_in(nurse)
    kept = client.post(reverse("directives:new", args=[person_id]), filled(has_signature=""), follow=True)
    text = kept.content.decode()
    assert "Le document est gardé. Il y manque la signature de la personne, ou deux témoins" in text
    assert "Manque, ou n’est pas notée" in text
    assert directive_snapshot(Directive.objects.get().id).state == State.TO_VERIFY


def test_the_same_form_sent_twice_records_one_document(nurse, person_id):
    client = signed_in(nurse)
    form = client.get(reverse("directives:new", args=[person_id])).context["form"]
    for _ in range(2):
        client.post(reverse("directives:new", args=[person_id]), filled(form_token=str(form["form_token"].value())))
    assert Directive.objects.count() == 1


def test_contradictions_are_shown_and_never_stop_the_recording(nurse, person_id):
    answer = signed_in(nurse).post(
        reverse("directives:new", args=[person_id]), filled(wish_1="permit", comfort_only="on"), follow=True
    )
    assert "soins de confort uniquement" in answer.content.decode()
    assert Directive.objects.get().state == State.VALID


def test_a_nurse_reads_revokes_and_sees_the_history(nurse, person_id):
    directive_id = directives.directive(person_id, nurse)
    client = signed_in(nurse)
    url = reverse("directives:revoke", args=[person_id, directive_id])
    version = client.get(url).context["form"]["version"].value()
    given = {"version": version, "revoked_on": "2026-04-01", "means": "spoken", "received_by": "Essai"}
    assert "nom d’un témoin" in client.post(url, given).content.decode()
    signed = {**given, "witness": "Essai Voisin", "file": upload()}
    text = client.post(url, signed, follow=True).content.decode()
    revocation = directive_snapshot(directive_id).revocation
    assert reverse("documents:download", args=[revocation.document_id]) in text
    assert "Révoquées" in text
    assert "Essai Voisin" in text
    assert "Révoquées" in client.get(reverse("directives:index", args=[person_id])).content.decode()


def test_a_document_that_waits_is_completed_and_confirmed(nurse, person_id):
    directive_id = directives.directive(person_id, nurse, signed_on=None, is_undated=True)
    client = signed_in(nurse)
    url = reverse("directives:confirm", args=[person_id, directive_id])
    version = client.get(url).context["form"]["version"].value()
    assert client.post(url, {"version": version}).status_code == 422
    client.post(url, {"version": version, "signed_on": "2026-01-02"})
    assert directive_snapshot(directive_id).signed_on == date(2026, 1, 2)
    assert directive_snapshot(directive_id).state == State.VALID


def test_a_mistake_is_taken_out_from_the_page(nurse, person_id):
    directive_id = directives.directive(person_id, nurse)
    client = signed_in(nurse)
    url = reverse("directives:withdraw", args=[person_id, directive_id])
    stale = client.post(url, {"version": 1}, follow=True)
    assert "modifié cet élément entre-temps" in stale.content.decode()
    client.post(url, {"version": directive_snapshot(directive_id).version})
    assert directive_snapshot(directive_id).state == State.ENTERED_IN_ERROR


@pytest.mark.parametrize(
    ("role", "basis", "status", "reads", "downloads"),
    [
        (Role.PHYSICIAN, Basis.SAME_TEAM, 200, True, 200),
        (Role.COORDINATOR, Basis.COORDINATION, 200, False, 403),
        (Role.SOCIAL_WORKER, Basis.SAME_TEAM, 200, False, 404),
        (Role.BED_MANAGER, Basis.ADDRESSED_REFERRAL, 403, False, 403),
        (Role.BED_MANAGER, Basis.ACCEPTED_REFERRAL, 200, False, 403),
        (Role.PHYSICIAN, None, 404, False, 404),
        (Role.TECHNICAL_ADMIN, None, 404, False, 404),
    ],
)
def test_who_sees_what(nurse, person_id, role, basis, status, reads, downloads):
    directive_id = directives.directive(person_id, nurse)
    client = signed_in(directives.colleague(role, person_id, basis) if basis else people.actor(role))
    answer = client.get(reverse("directives:page", args=[person_id, directive_id]))
    assert answer.status_code == status
    assert (WORDS in answer.content.decode()) == reads
    assert client.get(reverse("directives:index", args=[person_id])).status_code == status
    document_id = directives.file_of(directive_id)
    assert client.get(reverse("documents:download", args=[document_id])).status_code == downloads


def test_a_document_of_another_person_is_not_found_under_this_one(nurse, person_id):
    directive_id = directives.directive(people.person(nurse), nurse)
    assert signed_in(nurse).get(reverse("directives:page", args=[person_id, directive_id])).status_code == 404


def test_the_file_comes_as_an_attachment_that_no_browser_runs_and_the_opening_is_traced(nurse, person_id):
    directive_id = directives.directive(person_id, nurse)
    document_id = directives.file_of(directive_id)
    answer = signed_in(nurse).get(reverse("documents:download", args=[document_id]))
    assert answer.getvalue() == directives.PDF
    assert answer.headers["Content-Length"] == str(len(directives.PDF))
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="directives-')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert AuditRow.objects.filter(action="advance_directive.download_file", object_id=document_id).exists()


def test_the_chip_and_the_panel_tell_what_is_known(nurse, person_id):
    def chips():
        return [chip.label for chip in banner_of(person_id, actor=nurse).chips]

    with open_trail():
        assert "Pas de directives connues" in chips()
        directives.directive(person_id, nurse, signed_on=None, is_undated=True)
        assert "Directives anticipées à vérifier" in chips()
        directives.directive(person_id, nurse)
        assert "Directives anticipées du 12/03/2026" in chips()
        panel = next(one for one in panels_of(person_id, actor=nurse) if one.title == "Directives anticipées")
    assert len(panel.context["lines"]) == 2
    assert [label for label, _ in panel.actions] == ["Toutes les directives"]
    assert [label for label, _ in panel.offers] == ["Enregistrer des directives"]


def test_what_they_say_is_one_click_from_the_banner_for_who_may_read_it(nurse, person_id):
    def url_for(actor):
        with open_trail():
            chips = banner_of(person_id, actor=actor).chips
        return next(chip.url for chip in chips if chip.label.startswith("Directives anticipées"))

    index = reverse("directives:index", args=[person_id])
    directives.directive(person_id, nurse, signed_on=None, is_undated=True)
    assert url_for(nurse) == index
    directive_id = directives.directive(person_id, nurse)
    page = reverse("directives:page", args=[person_id, directive_id])
    assert url_for(nurse) == page
    read = signed_in(nurse).get(page).content.decode()
    assert "Je veux rester chez moi" in read
    assert index in read
    assert url_for(directives.colleague(Role.SOCIAL_WORKER, person_id, Basis.SAME_TEAM)) == index


def test_the_headings_of_a_model_a_deposit_and_the_readers_stand_on_the_pages(nurse, person_id):
    client = signed_in(nurse)
    given = filled(model="a", section_situations="Un coma sans retour", section_told_by_physician="La chimiothérapie")
    text = client.post(reverse("directives:new", args=[person_id]), given, follow=True).content.decode()
    assert "Situations dans lesquelles" in text
    assert "La chimiothérapie" in text
    assert "version de 2016" in text
    directive_id = Directive.objects.get().id
    url = reverse("directives:deposit", args=[person_id, directive_id])
    form = {"version": client.get(url).context["form"]["version"].value(), "deposited_on": "2026-06-01"}
    refused = client.post(url, {**form, "place": "gp", "deposited_by": "Essai"})
    assert "lequel" in refused.content.decode()
    shown = client.post(url, {**form, "place": "dmp", "deposited_by": "Essai Déposant"}, follow=True).content.decode()
    assert "Mon espace santé" in shown
    assert "Essai Déposant" in shown
    readers = reverse("directives:readers", args=[person_id, directive_id])
    assert readers not in shown
    assert client.get(readers).status_code == 404
    physician = signed_in(directives.colleague(Role.PHYSICIAN, person_id))
    assert nurse.display_name in physician.get(readers).content.decode()


def test_the_forms_and_the_document_are_handed_over_as_papers(nurse, person_id):
    directive_id = directives.directive(person_id, nurse)
    client = signed_in(nurse)
    for url in (
        reverse("directives:form", args=[person_id, "a"]),
        reverse("directives:form", args=[person_id, "b"]),
        reverse("directives:paper", args=[person_id, directive_id]),
    ):
        answer = client.get(url)
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
    assert client.get(reverse("directives:form", args=[person_id, "free"])).status_code == 404
    coordinator = signed_in(directives.colleague(Role.COORDINATOR, person_id, Basis.COORDINATION))
    assert coordinator.get(reverse("directives:form", args=[person_id, "a"])).status_code == 200
    assert coordinator.get(reverse("directives:paper", args=[person_id, directive_id])).status_code == 404


def test_her_own_words_are_kept_whole_with_their_paragraphs(nurse, person_id):
    words = "Laissez-moi partir.\n\n" + "Je veux rester chez moi. " * 3000 + "CANARIFIN"
    assert len(words) > 70_000
    client = signed_in(nurse)
    given = filled(note_1=words, has_signature="on", witness_reason=words)
    assert client.post(reverse("directives:new", args=[person_id]), given).status_code == 302
    directive = Directive.objects.get()
    kept = directive_snapshot(directive.id)
    assert (kept.wishes[0].note.split(), kept.witness_reason) == (words.split(), words)
    shown = client.get(reverse("directives:page", args=[person_id, directive.id])).content.decode()
    assert "Laissez-moi partir.<br>" in shown
    assert shown.count("CANARIFIN") == 2
    printed = client.get(reverse("directives:paper", args=[person_id, directive.id]))
    pages = pages_of(b"".join(printed))
    assert len(pages) > 3
    assert "CANARIFIN" in "".join(pages)


def guarded(nurse, person_id):
    people.relative(
        person_id, nurse, given="Éloi", family="TUTEURVAUX", roles=frozenset({RelativeRole.LEGAL_REPRESENTATIVE})
    )


def test_the_box_of_the_protection_is_ticked_and_open_for_who_has_a_legal_representative(nurse, person_id):
    address = reverse("directives:new", args=[person_id])
    client = signed_in(nurse)
    alone = client.get(address)
    assert not alone.context["form"]["is_protected"].value()
    assert "laissez la case vide" in alone.content.decode()
    guarded(nurse, person_id)
    shown = client.get(address)
    assert shown.context["form"]["is_protected"].value() is True
    assert list(shown.context["form"].steps())[-1].is_open
    assert "un représentant légal est noté dans l’entourage : Éloi TUTEURVAUX" in shown.content.decode()
    client.post(address, filled(is_protected="on"))
    assert Directive.objects.get().state == State.TO_VERIFY, "the leave is still to come"


def test_who_is_only_assisted_needs_no_leave(nurse, person_id):
    guarded(nurse, person_id)
    signed_in(nurse).post(reverse("directives:new", args=[person_id]), filled())
    assert Directive.objects.get().state == State.VALID


def test_the_protection_is_put_right_before_a_document_is_confirmed(nurse, person_id):
    directive_id = directives.directive(person_id, nurse, signed_on=None, is_undated=True)
    guarded(nurse, person_id)
    client = signed_in(nurse)
    address = reverse("directives:confirm", args=[person_id, directive_id])
    assert client.get(address).context["form"]["is_protected"].value() is True
    given = {"version": directive_snapshot(directive_id).version, "signed_on": "2026-03-12", "is_protected": "on"}
    refused = client.post(address, given)
    assert (refused.status_code, Directive.objects.get().state) == (422, State.TO_VERIFY)
    assert "ajoutez l’autorisation du juge ou du conseil de famille" in refused.content.decode()
    leave = {"authority": "Juge des tutelles", "authorised_on": "2026-02-01", "authorisation_file": upload()}
    assert client.post(address, {**given, **leave}).status_code == 302
    confirmed = directive_snapshot(directive_id)
    assert (confirmed.state, confirmed.is_protected) == (State.VALID, True)
    assert confirmed.authorisation.authority == "Juge des tutelles"


def test_a_measure_noted_by_mistake_is_taken_off_before_confirming(nurse, person_id):
    directive_id = directives.directive(person_id, nurse, is_protected=True)
    given = {"version": directive_snapshot(directive_id).version, "signed_on": "2026-03-12"}
    signed_in(nurse).post(reverse("directives:confirm", args=[person_id, directive_id]), given)
    assert (directive_snapshot(directive_id).state, directive_snapshot(directive_id).is_protected) == (
        State.VALID,
        False,
    )


def test_who_may_not_read_the_document_cannot_take_the_measure_off_unseen(nurse, person_id):
    directive_id = directives.directive(person_id, nurse, is_protected=True)
    coordinator = directives.colleague(Role.COORDINATOR, person_id, Basis.COORDINATION)
    given = {"version": directive_snapshot(directive_id).version, "signed_on": "2026-03-12"}
    refused = signed_in(coordinator).post(reverse("directives:confirm", args=[person_id, directive_id]), given)
    assert refused.status_code == 422
    assert directive_snapshot(directive_id).is_protected
