"""Directives through their commands: what prevails, who reads what, what a refusal leaves."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.access.gate import open_trail
from accounts.access.states import Basis
from accounts.audit.journal import write_alone
from accounts.documents.models import Document
from accounts.documents.queries import open_document
from accounts.documents.rules import FileActive
from accounts.kernel.actor import Role
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, TransitionRefused, VersionMissing
from accounts.kernel.models import Transition
from accounts.people.states import IdentityStatus
from ppa.directives import rules
from ppa.directives.commands import confirm_directive, record_directive, revoke_directive, withdraw_directive
from ppa.directives.models import Directive, DirectiveDeposit, DirectiveRevocation
from ppa.directives.queries import (
    current_directive,
    directive_for,
    directive_page,
    directive_snapshot,
    directives_of,
    readings_of,
    waiting_directives,
)
from ppa.directives.records import (
    Authorisation,
    ConfirmDirective,
    Holder,
    RevokeDirective,
    WithdrawDirective,
    Witness,
)
from ppa.directives.states import Medium, RevocationMeans, State
from tests.factories import directives, people, trusted_persons

pytestmark = pytest.mark.django_db


def state_of(directive_id):
    return directive_snapshot(directive_id).state


def revocation(directive_id, **fields):
    values = {
        "version": directive_snapshot(directive_id).version,
        "revoked_on": date(2026, 6, 1),
        "means": RevocationMeans.SPOKEN,
        "received_by": "Essai Infirmière",
        "witness": "Essai Voisine",
        **fields,
    }
    return RevokeDirective(directive_id=directive_id, **values)


def test_a_signed_scan_is_valid_and_current_and_its_file_is_the_one_handed_in(nurse, person_id):
    directive_id = directives.directive(person_id, nurse)
    snapshot = directive_snapshot(directive_id)
    assert snapshot.state == State.VALID
    assert current_directive(person_id).id == directive_id
    with open_trail():
        card, content = open_document(directives.file_of(directive_id), actor=nurse)
    assert (card.kind, b"".join(content)) == ("directives", directives.PDF)
    deeds = Transition.objects.filter(aggregate_id=directive_id).order_by("aggregate_version")
    assert list(deeds.values_list("deed", "target")) == [("record", "to_verify"), ("confirm", "valid")]


@pytest.mark.parametrize("newest_first", [True, False])
def test_the_latest_date_of_the_document_prevails_whatever_the_order_of_recording(nurse, person_id, newest_first):
    days = [date(2019, 5, 1), date(2024, 2, 2), date(2022, 3, 3)]
    made = {day: directives.directive(person_id, nurse, signed_on=day) for day in sorted(days, reverse=newest_first)}
    newest = made[date(2024, 2, 2)]
    assert current_directive(person_id).id == newest
    assert {state_of(made[day]) for day in days if day.year != 2024} == {State.SUPERSEDED}


def test_on_the_same_day_the_last_recorded_prevails(nurse, person_id):
    first, second = (directives.directive(person_id, nurse) for _ in range(2))
    assert (state_of(first), state_of(second)) == (State.SUPERSEDED, State.VALID)
    assert directive_snapshot(first).superseded_by_id == second


def test_an_undated_scan_waits_and_never_takes_the_place_of_the_current_one(nurse, person_id):
    current = directives.directive(person_id, nurse)
    undated = directives.directive(person_id, nurse, signed_on=None, is_undated=True)
    assert current_directive(person_id).id == current
    assert [line.id for line in waiting_directives(person_id)] == [undated]
    with pytest.raises(rules.DirectiveUndated):
        confirm_directive(ConfirmDirective(directive_id=undated, version=version(undated)), by=nurse)
    confirm_directive(
        ConfirmDirective(directive_id=undated, version=version(undated), signed_on=date(2026, 9, 1)), by=nurse
    )
    assert current_directive(person_id).id == undated
    assert state_of(current) == State.SUPERSEDED


def version(directive_id):
    return directive_snapshot(directive_id).version


def test_a_protected_adult_waits_for_the_leave_of_the_judge(nurse, person_id):
    directive_id = directives.directive(person_id, nurse, is_protected=True)
    assert state_of(directive_id) == State.TO_VERIFY
    leave = Authorisation(authority="Juge des tutelles de Dijon", given_on=date(2026, 2, 1))
    with pytest.raises(rules.AuthorisationMissing):
        confirm_directive(
            ConfirmDirective(directive_id=directive_id, version=version(directive_id), authorisation=leave), by=nurse
        )
    confirm_directive(
        ConfirmDirective(
            directive_id=directive_id,
            version=version(directive_id),
            authorisation=leave,
            authorisation_file=directives.scan(),
        ),
        by=nurse,
    )
    snapshot = directive_snapshot(directive_id)
    assert (snapshot.state, snapshot.authorisation) == (State.VALID, leave)
    assert Document.objects.count() == 2


def test_a_place_known_only_is_kept_and_becomes_valid_with_its_file(nurse, person_id):
    directive_id = directives.directive(
        person_id, nurse, medium=Medium.LOCATION_ONLY, file=None, wishes=(), text="", holder=Holder(name="Essai")
    )
    assert current_directive(person_id) is None
    confirm_directive(
        ConfirmDirective(directive_id=directive_id, version=version(directive_id), file=directives.scan()), by=nurse
    )
    assert directive_snapshot(directive_id).medium == Medium.PAPER_SCAN
    assert current_directive(person_id).id == directive_id


def test_a_recording_waits_for_its_legal_basis_and_cannot_be_confirmed(nurse, person_id):
    directive_id = directives.directive(
        person_id, nurse, medium=Medium.VIDEO, file=None, holder=Holder(name="Essai", phone="0600000003")
    )
    assert state_of(directive_id) == State.LEGAL_BASIS_TO_CONFIRM
    with pytest.raises(TransitionRefused):
        confirm_directive(ConfirmDirective(directive_id=directive_id, version=version(directive_id)), by=nurse)


def test_a_revocation_is_a_row_of_its_own_and_revives_nothing(nurse, person_id):
    older = directives.directive(person_id, nurse, signed_on=date(2020, 1, 1))
    directive_id = directives.directive(person_id, nurse)
    revoke_directive(revocation(directive_id), by=nurse)
    assert (state_of(older), state_of(directive_id)) == (State.SUPERSEDED, State.REVOKED)
    assert current_directive(person_id) is None
    kept = directive_snapshot(directive_id).revocation
    assert (kept.received_by, kept.witness) == ("Essai Infirmière", "Essai Voisine")
    with pytest.raises(DatabaseError), transaction.atomic():
        DirectiveRevocation.objects.update(revoked_on=date(2026, 7, 1))
    with pytest.raises(TransitionRefused):
        revoke_directive(revocation(directive_id), by=nurse)


def test_a_mistake_taken_out_gives_its_place_back(nurse, person_id):
    oldest = directives.directive(person_id, nurse, signed_on=date(2018, 1, 1))
    older = directives.directive(person_id, nurse, signed_on=date(2020, 1, 1))
    mistake = directives.directive(person_id, nurse)
    withdraw_directive(WithdrawDirective(directive_id=mistake, version=version(mistake)), by=nurse)
    assert current_directive(person_id).id == older
    assert state_of(oldest) == State.SUPERSEDED
    with open_trail():
        assert [line.id for line in directives_of(person_id, actor=nurse)] == [older, oldest]


def test_a_mistake_in_the_middle_leaves_the_chain_whole(nurse, person_id):
    oldest = directives.directive(person_id, nurse, signed_on=date(2018, 1, 1))
    mistake = directives.directive(person_id, nurse, signed_on=date(2020, 1, 1))
    current = directives.directive(person_id, nurse)
    withdraw_directive(WithdrawDirective(directive_id=mistake, version=version(mistake)), by=nurse)
    assert directive_snapshot(oldest).superseded_by_id == current
    withdraw_directive(WithdrawDirective(directive_id=current, version=version(current)), by=nurse)
    assert current_directive(person_id).id == oldest


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"signed_on": None}, rules.DirectiveUndated),
        ({"signed_on": date(1973, 3, 11)}, rules.AuthorMinor),
        ({"file": directives.scan(directives.active_paper())}, FileActive),
    ],
)
def test_a_refusal_leaves_nothing(nurse, person_id, fields, refusal):
    with pytest.raises(refusal):
        record_directive(directives.signed_directive(person_id, **fields), by=nurse)
    assert not Directive.objects.exists()
    assert not Document.objects.exists()


def test_a_scan_waits_while_the_identity_has_no_birthplace(nurse):
    traits = people.registration().traits
    born_somewhere = type(traits)(
        birth_name=traits.birth_name,
        birth_given_names=traits.birth_given_names,
        birth_date=traits.birth_date,
        sex=traits.sex,
    )
    person_id = people.person(nurse, traits=born_somewhere, status=IdentityStatus.PROVISIONAL, ins=None)
    waiting = directive_snapshot(directives.directive(person_id, nurse))
    assert (waiting.state, waiting.document_id is not None) == (State.TO_VERIFY, True)
    assert current_directive(person_id) is None
    with pytest.raises(rules.IdentityIncomplete):
        confirm_directive(ConfirmDirective(directive_id=waiting.id, version=waiting.version), by=nurse)


def test_an_unsigned_scan_waits_for_its_signature_and_changes_nothing_until_it_comes(nurse, person_id):
    current = directives.directive(person_id, nurse, signed_on=date(2026, 1, 5))
    waiting = directive_snapshot(directives.directive(person_id, nurse, has_signature=False))
    assert waiting.state == State.TO_VERIFY
    assert current_directive(person_id).id == current
    record = ConfirmDirective(directive_id=waiting.id, version=waiting.version)
    with pytest.raises(rules.NotSigned):
        confirm_directive(record, by=nurse)
    confirm_directive(replace(record, has_signature=True), by=nurse)
    assert current_directive(person_id).id == waiting.id


def test_stale_and_missing_versions_are_refused(nurse, person_id):
    directive_id = directives.directive(person_id, nurse)
    with pytest.raises(StaleVersion):
        revoke_directive(revocation(directive_id, version=1), by=nurse)
    with pytest.raises(VersionMissing):
        withdraw_directive(WithdrawDirective(directive_id=directive_id, version=None), by=nurse)


def test_the_social_worker_knows_that_they_exist_and_no_more(nurse, person_id):
    directive_id = directives.directive(person_id, nurse, shared_with_coordination=True)
    social = directives.colleague(Role.SOCIAL_WORKER, person_id)
    with open_trail():
        assert [line.may_be_read for line in directives_of(person_id, actor=social)] == [False]
        assert directive_page(directive_id, actor=social).content is None
        with pytest.raises(NotAllowed):
            directive_for(directive_id, actor=social)
        with pytest.raises(NotAllowed):
            open_document(directives.file_of(directive_id), actor=social)
    with pytest.raises(NotAllowed):
        record_directive(directives.signed_directive(person_id), by=social)


@pytest.mark.parametrize("agreed", [True, False])
def test_the_coordinator_reads_only_what_the_person_agreed_to_share(nurse, person_id, agreed):
    directive_id = directives.directive(person_id, nurse, shared_with_coordination=agreed)
    coordinator = directives.colleague(Role.COORDINATOR, person_id, Basis.COORDINATION)
    with open_trail() as trail:
        assert (directive_page(directive_id, actor=coordinator).content is not None) == agreed
    read = [entry for entry in trail.entries if entry.action == "advance_directive.read_content"]
    assert len(read) == agreed


def test_the_bed_manager_sees_nothing_before_acceptance_then_that_they_exist(nurse, person_id):
    directives.directive(person_id, nurse)
    manager = directives.colleague(Role.BED_MANAGER, person_id, Basis.ADDRESSED_REFERRAL)
    with open_trail():
        with pytest.raises(NotAllowed):
            directives_of(person_id, actor=manager)
        directives.join(manager, person_id, Basis.ACCEPTED_REFERRAL)
        assert [line.may_be_read for line in directives_of(person_id, actor=manager)] == [False]


def test_for_a_stranger_they_do_not_exist(nurse, person_id):
    directive_id = directives.directive(person_id, nurse)
    stranger = people.actor(Role.PHYSICIAN)
    with open_trail():
        for read in (
            lambda: directives_of(person_id, actor=stranger),
            lambda: directive_page(directive_id, actor=stranger),
            lambda: directive_for(directive_id, actor=stranger),
        ):
            with pytest.raises(NotFound):
                read()
    with pytest.raises(NotFound):
        revoke_directive(revocation(directive_id), by=stranger)


def test_a_list_costs_the_same_for_one_and_five(nurse, person_id, django_assert_max_num_queries):
    counts = []
    for more in (1, 4):
        for _ in range(more):
            directives.directive(person_id, nurse)
        with open_trail(), django_assert_max_num_queries(20) as captured:
            directives_of(person_id, actor=nurse)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_nothing_of_what_she_wrote_lies_in_clear(nurse, person_id):
    directives.directive(person_id, nurse, holder=Holder(name="CANARIGARDIENNE"), written_by="CANARIPLUME")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ppa_directive")
        stored = b"".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in cursor.fetchone())
    assert b"CANARI" not in stored
    assert b"75779" not in stored


def test_an_older_paper_found_after_a_revocation_waits_for_somebody_to_decide(db):
    nurse = people.actor(Role.NURSE)
    person_id = people.person(nurse)
    later = directive_snapshot(directives.directive(person_id, nurse, signed_on=date(2025, 1, 1)))
    revoke_directive(
        RevokeDirective(
            directive_id=later.id,
            version=later.version,
            revoked_on=date(2026, 9, 1),
            means=RevocationMeans.WRITTEN,
            received_by="Essai",
        ),
        by=nurse,
    )
    older = directive_snapshot(directives.directive(person_id, nurse, signed_on=date(2020, 1, 1)))
    assert older.state == State.TO_VERIFY
    assert current_directive(person_id) is None


WITNESSES = (Witness(name="Essai Un", capacity="voisin"), Witness(name="Essai Deux", capacity="voisine"))


def test_a_deposit_is_a_row_that_nothing_changes_and_a_closed_document_takes_none(nurse, person_id):
    directive_id = directives.directive(person_id, nurse)
    directives.deposit(directive_id, nurse)
    kept = directive_snapshot(directive_id).deposits
    assert [(one.where, one.deposited_on) for one in kept] == [("Dr Essai CANARICONFIDENCE", date(2026, 4, 2))]
    with pytest.raises(DatabaseError), transaction.atomic():
        DirectiveDeposit.objects.update(deposited_on=date(2026, 4, 3))
    revoke_directive(revocation(directive_id), by=nurse)
    with pytest.raises(TransitionRefused):
        directives.deposit(directive_id, nurse)


def test_the_text_of_the_law_follows_the_date_that_is_found_later(nurse, person_id):
    directive_id = directives.directive(person_id, nurse, signed_on=None, is_undated=True)
    version = directive_snapshot(directive_id).version
    confirm_directive(
        ConfirmDirective(directive_id=directive_id, version=version, signed_on=date(2010, 5, 4)), by=nurse
    )
    with open_trail():
        page = directive_page(directive_id, actor=nurse)
    assert page.legal_text.code == "CSP L1111-11 (2005)"
    assert page.existence.is_current


def test_the_trusted_person_of_that_day_is_missed_among_the_witnesses_but_stops_nothing(nurse, person_id):
    relative_id = people.relative(person_id, nurse, family="Essai-Confiance", given="Aline")
    trusted_persons.designation(person_id, relative_id, nurse)
    fields = {"has_signature": False, "witnesses": WITNESSES}
    after = directives.directive(person_id, nurse, signed_on=date(2026, 5, 1), **fields)
    before = directives.directive(person_id, nurse, signed_on=date(2026, 3, 1), **fields)
    told = directives.directive(person_id, nurse, signed_on=date(2026, 5, 2), witness_reason="Absente", **fields)
    with open_trail():
        missing = {one: directive_page(one, actor=nurse).missing_witness for one in (after, before, told)}
    assert missing == {after: "Aline Essai-Confiance", before: "", told: ""}
    assert state_of(told) == State.VALID


def test_a_place_known_only_becomes_valid_with_two_witnesses(nurse, person_id):
    directive_id = directives.directive(
        person_id, nurse, medium=Medium.LOCATION_ONLY, file=None, has_signature=False, holder=Holder(name="Essai")
    )
    confirm_directive(
        ConfirmDirective(
            directive_id=directive_id,
            version=directive_snapshot(directive_id).version,
            witnesses=WITNESSES,
            file=directives.scan(),
        ),
        by=nurse,
    )
    assert state_of(directive_id) == State.VALID


def test_a_physician_sees_who_read_and_a_nurse_does_not(nurse, person_id):
    directive_id = directives.directive(person_id, nurse)
    physician = directives.colleague(Role.PHYSICIAN, person_id)
    with open_trail() as trail:
        assert readings_of(directive_id, actor=physician) == []
        directive_for(directive_id, actor=nurse)
    write_alone(trail.take())
    with open_trail():
        [reading] = readings_of(directive_id, actor=physician)
        with pytest.raises((NotAllowed, NotFound)):
            readings_of(directive_id, actor=nurse)
    assert (reading.who, reading.is_emergency) == (nurse.display_name, False)
