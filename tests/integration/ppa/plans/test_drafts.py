"""What somebody types is kept for him alone until he saves it: never a version, never a conflict, never another's."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils.html import escape

from accounts.access.models import CircleMembership
from accounts.audit.models import AuditRow
from accounts.kernel import read_only
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound
from accounts.kernel.models import ReadOnlySpell
from accounts.outbox.models import StoredEvent
from ppa.plans.commands import keep_draft, write_topic
from ppa.plans.models import PlanEntry, PlanTopic, TextDraft, TopicText
from ppa.plans.records import KeepDraft, WriteTopic
from ppa.plans.tasks import let_drafts_go
from tests.factories import people, plans
from tests.integration.ppa.plans.test_screens import hidden
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db
BEGUN = "Entendre le jardin, et ne pas peser sur Tancrède."
KEPT = "Brouillon gardé"
OFFERED = "Vous aviez commencé un texte le"


@pytest.fixture
def team():
    return plans.team()


@pytest.fixture
def row(team):
    return plans.plan(team)


def url(name, team, *args):
    return reverse(f"plans:{name}", args=[team.person_id, *args])


def draft(team, text=BEGUN, **fields):
    return KeepDraft(**{"person_id": team.person_id, "code": "what_matters", "content": {"text": text}, **fields})


def typed(client, team, code="what_matters", **fields):
    """Type in the form of a page as a browser does; return the page's hidden fields and what the site answered."""
    page = client.get(
        url(code if code in ("need", "conversation") else "topic", team, *([code] if "_" in code else []))
    )
    form = hidden(page, url("topic", team, code) if "_" in code else "")
    return form, client.post(url("draft", team, code), {**form, **fields}, headers={"HX-Request": "true"})


def test_what_is_typed_is_found_again_by_its_author_alone(team, row):
    coordinator, nurse = signed_in(team.coordinator), signed_in(team.nurse)
    _form, answer = typed(coordinator, team, text=BEGUN)
    assert KEPT in answer.content.decode()
    again = coordinator.get(url("topic", team, "what_matters")).content.decode()
    assert OFFERED in again
    assert escape(BEGUN) not in again
    assert "data-autosave" not in again
    resumed = coordinator.get(url("topic", team, "what_matters"), {"reprendre": "1"}).content.decode()
    assert escape(BEGUN) in resumed
    assert "data-autosave" in resumed
    for address in (url("page", team), url("topic", team, "what_matters") + "?reprendre=1", url("ppcs", team)):
        seen = nurse.get(address).content.decode()
        assert escape(BEGUN) not in seen
        assert OFFERED not in seen
    assert escape(BEGUN) not in coordinator.get(url("page", team)).content.decode()


def test_a_draft_is_sealed_and_makes_neither_version_nor_event_nor_trace_on_the_timeline(team, row):
    events, version = StoredEvent.objects.count(), plans.present(row).version
    before = AuditRow.objects.count()
    keep_draft(draft(team), by=team.coordinator)
    assert (StoredEvent.objects.count(), plans.present(row).version) == (events, version)
    assert not TopicText.objects.exists()
    assert not PlanTopic.objects.exists()
    assert AuditRow.objects.count() == before + 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM ppa_textdraft")
        assert BEGUN.encode() not in bytes(cursor.fetchone()[0])


def test_saving_lets_the_draft_go_and_what_comes_late_from_that_form_is_not_kept(team, row):
    coordinator = signed_in(team.coordinator)
    form, _ = typed(coordinator, team, text=BEGUN)
    coordinator.post(url("topic", team, "what_matters"), {**form, "text": BEGUN + " Oui."})
    assert PlanTopic.objects.get().text == BEGUN + " Oui."
    assert not TextDraft.objects.exists()
    late = coordinator.post(url("draft", team, "what_matters"), {**form, "text": BEGUN})
    assert KEPT not in late.content.decode()
    assert not TextDraft.objects.exists()


def test_both_texts_are_kept_when_a_resumed_draft_is_saved_over_another_text(team, row):
    nurse_text = WriteTopic(plan_id=row.id, code="symptoms", text="Le texte de l’infirmière.", version=0)
    keep_draft(draft(team, code="symptoms"), by=team.physician)
    write_topic(nurse_text, by=team.nurse)
    physician = signed_in(team.physician)
    page = physician.get(url("topic", team, "symptoms"), {"reprendre": "1"})
    form = hidden(page, url("topic", team, "symptoms"))
    assert form["version"] == "0"
    after = physician.post(url("topic", team, "symptoms"), {**form, "text": BEGUN}, follow=True).content.decode()
    assert "les deux textes sont gardés" in after
    assert escape(BEGUN) in after
    assert escape("Le texte de l’infirmière.") in after
    assert not TextDraft.objects.exists()


def test_what_says_no_more_than_what_is_written_is_no_draft(team, row):
    plans.write(row, team, BEGUN)
    assert keep_draft(draft(team, BEGUN + " "), by=team.coordinator).version == 0
    assert keep_draft(draft(team, "Autre chose"), by=team.coordinator).version == 1
    assert keep_draft(draft(team, BEGUN), by=team.coordinator).version == 0
    assert not TextDraft.objects.exists()


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("conversation", {"held_on": today().isoformat(), "said": BEGUN, "present": "Tancrède", "how_far": ""}),
        (
            "need",
            {"need": BEGUN, "goal": "Dormir", "words": "person", "speaker": "", "what": "", "who": "", "due_on": ""},
        ),
    ],
)
def test_a_conversation_and_a_need_are_found_again_too(team, row, code, fields):
    coordinator = signed_in(team.coordinator)
    _form, answer = typed(coordinator, team, code, **fields)
    assert KEPT in answer.content.decode()
    assert OFFERED in coordinator.get(url(code, team)).content.decode()
    resumed = coordinator.get(url(code, team), {"reprendre": "1"})
    assert escape(BEGUN) in resumed.content.decode()
    coordinator.post(url(code, team), {**hidden(resumed), **fields})
    assert not TextDraft.objects.exists()
    assert PlanEntry.objects.exists() or plans.present(row).needs.exists()


def test_an_untouched_form_is_no_draft(team, row):
    _, answer = typed(signed_in(team.coordinator), team, "conversation", held_on=today().isoformat(), said="  ")
    assert KEPT not in answer.content.decode()
    assert not TextDraft.objects.exists()


def test_a_draft_is_forgotten_by_its_author(team, row):
    coordinator = signed_in(team.coordinator)
    keep_draft(draft(team), by=team.coordinator)
    keep_draft(draft(team, code="symptoms"), by=team.nurse)
    answer = coordinator.post(url("forget", team, "what_matters"), follow=True)
    assert OFFERED not in answer.content.decode()
    assert [one.author_id for one in TextDraft.objects.all()] == [team.nurse.professional_id]


def test_who_may_not_write_a_topic_keeps_no_draft_of_it_and_a_lost_right_offers_none(team, row):
    with pytest.raises(NotAllowed):
        keep_draft(draft(team, code="health"), by=team.coordinator)
    with pytest.raises(NotFound):
        keep_draft(draft(team, code="unknown"), by=team.coordinator)
    stranger = people.actor(team.physician.role, people.organisation())
    with pytest.raises(NotFound):
        keep_draft(draft(team), by=stranger)
    assert signed_in(stranger).post(url("draft", team, "what_matters"), {"text": BEGUN}).status_code == 404
    assert not TextDraft.objects.exists()
    keep_draft(draft(team), by=team.coordinator)
    CircleMembership.objects.filter(organisation_id=team.coordinator.organisation_id).update(ends_at=now())
    assert signed_in(team.coordinator).get(url("topic", team, "what_matters")).status_code == 404


def test_a_hundred_thousand_characters_are_kept_and_one_more_is_told(team, row):
    coordinator = signed_in(team.coordinator)
    whole = "é🌷<script>" * 10_000
    _, answer = typed(coordinator, team, text=whole)
    assert KEPT in answer.content.decode()
    assert TextDraft.objects.get().content["text"] == whole
    _, answer = typed(coordinator, team, text=whole + "x")
    assert "trop long" in answer.content.decode()
    assert TextDraft.objects.get().content["text"] == whole


def test_in_read_only_mode_a_sentence_says_that_nothing_is_kept(team, row):
    coordinator = signed_in(team.coordinator)
    form, _ = typed(coordinator, team, text="Avant")
    spell = ReadOnlySpell.objects.create(reason="Entretien")
    read_only.forget()
    answer = coordinator.post(url("draft", team, "what_matters"), {**form, "text": BEGUN})
    spell.delete()
    read_only.forget()
    assert answer.status_code == 200
    assert "lecture seule" in answer.content.decode()
    assert TextDraft.objects.get().content["text"] == "Avant"


def test_what_was_never_saved_goes_after_thirty_days(team, row):
    keep_draft(draft(team), by=team.coordinator)
    keep_draft(draft(team, code="symptoms"), by=team.nurse)
    TextDraft.objects.filter(code="symptoms").update(saved_at=now() - timedelta(days=31))
    assert let_drafts_go() == 1
    assert [one.code for one in TextDraft.objects.all()] == ["what_matters"]
