"""What is due goes wholly, ordered by one person and confirmed by another; everything else stays."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.audit.checkpoints import sign_due
from accounts.audit.models import AuditRow
from accounts.documents.models import Document
from accounts.kernel.actor import Role
from accounts.kernel.clock import now
from accounts.kernel.errors import NotAllowed, StepUpNeeded
from accounts.kernel.models import AppendOnly, Transition
from accounts.kernel.wall import Wall
from accounts.organisations.models import Organisation
from accounts.people.models import Person
from accounts.retention.commands import (
    ask_log_purge,
    ask_purge,
    cancel_purge,
    confirm_purge,
    lift_legal_hold,
    set_legal_hold,
)
from accounts.retention.erasure import belongings, tables
from accounts.retention.models import LegalHold, PurgeOrder, PurgeSubject
from accounts.retention.periods import due_now
from accounts.retention.records import AskLogPurge, AskPurge, LiftLegalHold, SetLegalHold, StepPurge
from accounts.retention.rules import HoldReasonMissing, NoOldRow, NothingDue, PurgeAlreadyAsked
from accounts.retention.tasks import carry_out_orders
from tests.factories import people, whole_story
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]
YEARS = 365.25


@pytest.fixture
def story():
    return whole_story.told()


@pytest.fixture
def officer(story):
    return people.actor(Role.PRIVACY_OFFICER, Organisation.objects.get(pk=story.physician.organisation_id))


@pytest.fixture
def admin():
    return people.actor(Role.TECHNICAL_ADMIN)


def fresh(actor):
    from dataclasses import replace

    return replace(actor, authenticated_at=now())


def later(clock, years):
    clock.forward(days=years * YEARS + 3)


def ordered(officer):
    ask_purge(AskPurge(), by=fresh(officer))
    return PurgeOrder.objects.get()


def confirmed(officer, admin):
    order = ordered(officer)
    confirm_purge(StepPurge(order_id=order.id, version=order.version), by=fresh(admin))
    return order


def files():
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def whole_database():
    """Every row of every table of ours, as text, the audit apart."""
    return {
        (model._meta.db_table, str(row))
        for model in tables()
        for row in model._default_manager.order_by("pk").values_list()
    }


def test_what_is_not_due_cannot_be_asked(story, officer, clock):
    later(clock, 19)
    with pytest.raises(NothingDue):
        ask_purge(AskPurge(), by=fresh(officer))


def test_everything_of_the_person_goes_and_nothing_of_another(
    story, officer, admin, clock, django_capture_on_commit_callbacks
):
    later(clock, 21)
    neighbour = people.person(story.physician)
    kept_before = belongings(neighbour)
    before, person = files(), str(story.person_id)
    papers = Document.objects.filter(person_id=story.person_id).count()
    audited = AuditRow.objects.filter(person_id=story.person_id).count()
    order = confirmed(officer, admin)
    with django_capture_on_commit_callbacks(execute=True):
        assert carry_out_orders() == 1
    order.refresh_from_db()
    assert order.state == "done"
    left = {(table, row) for table, row in whole_database() if person in row and "purgesubject" not in table}
    assert left == set()
    assert belongings(neighbour) == kept_before
    assert len(before - files()) == papers > 0
    assert AuditRow.objects.filter(person_id=story.person_id).count() == audited
    certificate = order.certificate
    assert certificate["files"] == 1
    assert certificate["rows"]["accounts_person"] == 2, "hers, and the one that was merged into it"
    assert {"fhir_bridge_resource", "accounts_transition", "ppa_planversion"} <= set(certificate["rows"])
    assert len(certificate["digest"]) == 64
    call_command("audit_verify")


def test_every_walled_table_is_among_those_that_go(story):
    """A table of a person's data that the keys do not reach would stay behind."""
    found = {model._meta.label for model in belongings(story.person_id)}
    walled = {model._meta.label for model in tables() if isinstance(getattr(model, "WALL", None), Wall)}
    empty = {
        label for label in walled - found if not next(m for m in tables() if m._meta.label == label).objects.exists()
    }
    assert walled - found - empty == set()


def test_nobody_confirms_what_he_asked(story, clock):
    later(clock, 21)
    alone = people.actor(Role.TECHNICAL_ADMIN)
    ask_purge(AskPurge(), by=fresh(alone))
    order = PurgeOrder.objects.get()
    with pytest.raises(NotAllowed):
        confirm_purge(StepPurge(order_id=order.id, version=order.version), by=fresh(alone))
    with pytest.raises(IntegrityError), transaction.atomic():
        PurgeOrder.objects.filter(pk=order.id).update(state="confirmed", confirmed_by=alone.id)


def test_asking_is_a_grave_act(story, officer, clock):
    later(clock, 21)
    with pytest.raises(StepUpNeeded):
        ask_purge(AskPurge(), by=officer)


def test_one_order_at_a_time_and_a_cancelled_one_erases_nothing(story, officer, clock):
    later(clock, 21)
    order = ordered(officer)
    with pytest.raises(PurgeAlreadyAsked):
        ask_purge(AskPurge(), by=fresh(officer))
    cancel_purge(StepPurge(order_id=order.id, version=order.version), by=fresh(officer))
    assert carry_out_orders() == 0
    assert Person.objects.filter(pk=story.person_id).exists()


def test_a_claim_keeps_the_file_even_after_the_order(story, officer, admin, clock):
    later(clock, 21)
    confirmed(officer, admin)
    with pytest.raises(HoldReasonMissing):
        set_legal_hold(SetLegalHold(reference=story.person_id, reason=" "), by=officer)
    set_legal_hold(SetLegalHold(reference=story.person_id, reason="Recours devant la CCI"), by=officer)
    carry_out_orders()
    assert Person.objects.filter(pk=story.person_id).exists()
    assert PurgeSubject.objects.get().kept_back
    assert due_now() == []
    lift_legal_hold(LiftLegalHold(hold_id=LegalHold.objects.get().id), by=officer)
    assert [one.reference for one in due_now()] == [story.person_id]


def test_the_database_lets_no_history_go_without_an_order(story, clock):
    rows = [model for model in tables() if issubclass(model, AppendOnly) and model.ERASABLE_WHEN]
    assert len(rows) >= 10
    for model in rows:
        if not model._default_manager.exists():
            continue
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')  # noqa: S608 (a table of ours)
    assert Transition.objects.exists()


def test_the_console_looks_and_carries_out_only_what_two_persons_gave(story, officer, admin, clock):
    later(clock, 21)
    out = StringIO()
    call_command("purge", preview=True, stdout=out)
    assert str(story.person_id) in out.getvalue()
    assert story.birth_name not in out.getvalue()
    with pytest.raises(CommandError):
        call_command("purge", execute=True)
    confirmed(officer, admin)
    call_command("purge", execute=True, stdout=out)
    assert not Person.objects.filter(pk=story.person_id).exists()


def test_two_persons_do_it_on_screen_and_read_no_name(story, officer, admin, clock):
    later(clock, 21)
    shown = signed_in(officer).get("/conservation/").content.decode()
    assert "vingt ans après le dernier séjour" in shown
    assert str(story.person_id) in shown
    assert story.birth_name not in shown
    assert signed_in(officer).post("/conservation/demander/").status_code == 302
    order = PurgeOrder.objects.get()
    step = {"order_id": str(order.id), "version": order.version}
    assert signed_in(officer).post("/conservation/confirmer/", step).status_code in (403, 404)
    assert "Confirmer l’effacement" in signed_in(admin).get("/conservation/").content.decode()
    signed_in(admin).post("/conservation/confirmer/", step)
    carry_out_orders()
    assert "Empreinte du certificat" in signed_in(admin).get("/conservation/").content.decode()
    assert timedelta(0) <= now() - PurgeSubject.objects.get().erased_at


def test_two_persons_let_old_rows_of_the_log_go_on_screen(story, officer, admin, clock):
    sign_due(everything=True)
    later(clock, 4)
    old = AuditRow.objects.count()
    page = signed_in(officer).get("/conservation/").content.decode()
    assert f"<strong>{old}</strong> lignes de plus de 36 mois" in page
    assert signed_in(officer).post("/conservation/demander/journal/").status_code == 302
    order = PurgeOrder.objects.get()
    step = {"order_id": str(order.id), "version": order.version}
    assert signed_in(officer).post("/conservation/confirmer/", step).status_code in (403, 404)
    page = signed_in(admin).get("/conservation/").content.decode()
    assert f"Journal des accès, {old} lignes" in page
    assert "Leur empreinte signée restera" in page
    signed_in(admin).post("/conservation/confirmer/", step)
    carry_out_orders()
    order.refresh_from_db()
    assert (order.state, order.certificate["log_rows"], order.certificate["files"]) == ("done", old, 0)
    assert "Lignes du journal effacées" in signed_in(admin).get("/conservation/").content.decode()
    call_command("audit_verify")


def test_rows_of_the_log_that_are_young_cannot_be_asked(story, officer):
    sign_due(everything=True)
    with pytest.raises(NoOldRow):
        ask_log_purge(AskLogPurge(), by=fresh(officer))
