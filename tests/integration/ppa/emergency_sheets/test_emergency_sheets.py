"""The emergency sheet: who writes, signs, reads and hands it out; what makes it old; what its code opens."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access.circle import enter
from accounts.access.gate import open_trail
from accounts.access.models import Opposition
from accounts.access.records import OpenMembership
from accounts.access.states import Basis, Category
from accounts.access.unit import ANY_VERSION, run_together
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, StepUpNeeded, VersionMissing
from accounts.kernel.keyring import public_keys
from accounts.organisations.states import OrganisationKind
from accounts.outbox.drain import drain
from accounts.people.closing import close_after_death
from accounts.people.commands import change_relative, mark_deceased, update_contact
from accounts.people.queries import person_snapshot, relatives_snapshot
from accounts.people.records import ChangeRelative, Contact, CorrectDeath, MarkDeceased, UpdateContact
from accounts.people.states import DeathMistake
from pathway.stays.commands import correct_death
from ppa.crises.commands import check_drugs_at_home, stop_prescription, withdraw_crisis
from ppa.crises.queries import crises_snapshot
from ppa.crises.records import CheckHome, StopPrescription, WithdrawCrisis
from ppa.crises.states import Found
from ppa.directives.commands import revoke_directive
from ppa.directives.records import RevokeDirective, Wish
from ppa.directives.states import RESUSCITATION, Decision, RevocationMeans
from ppa.emergency_sheets.code import read_code
from ppa.emergency_sheets.commands import note_holder, sign_sheet, take_back, withdraw_sheet, write_sheet
from ppa.emergency_sheets.models import EmergencySheet, SheetVersion
from ppa.emergency_sheets.queries import (
    copies_to_replace,
    draft_of,
    holders_of,
    lookup_of,
    sheet_of,
    sheets_to_update,
    version_for,
)
from ppa.emergency_sheets.records import NoteHolder, TakeBack, WithdrawSheet, WriteSheet
from ppa.emergency_sheets.rules import (
    PARTS,
    HolderGone,
    NothingWritten,
    NotSignedYet,
    SheetAfterDeath,
    SheetChanged,
    to_replace,
)
from ppa.emergency_sheets.snapshots import draft_snapshot
from ppa.emergency_sheets.states import IN_FORCE, HolderKind, Means, SheetState, WithdrawalReason
from tests.factories import (
    announcements,
    crises,
    directives,
    emergencies,
    emergency_sheets,
    fhir,
    identities,
    people,
    plans,
    trusted_persons,
)
from tests.support.kept import once
from tests.support.screens import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.fhir]
WANTS = (Wish(code=RESUSCITATION, decision=Decision.PERMIT, note="Tout tenter"),)


@pytest.fixture
def team():
    return plans.team()


def shown(team, actor=None):
    with open_trail():
        return sheet_of(team.person_id, actor=actor or team.nurse)


def held(team):
    with open_trail():
        return holders_of(team.person_id, actor=team.nurse)


def url(name, team, *args):
    return reverse(f"emergency_sheets:{name}", args=[team.person_id, *args])


def version_id(number):
    return SheetVersion.objects.get(number=number).id


def moved(team, **contact):
    person = person_snapshot(team.person_id)
    kept = replace(person.contact, **contact)
    update_contact(UpdateContact(person_id=team.person_id, version=person.version, contact=kept), by=team.nurse)


def test_a_first_draft_is_made_of_what_the_file_says(team):
    crises.foreseen(team.person_id, team.physician)
    relative = people.relative(team.person_id, team.nurse, contact=Contact(phones=("06 39 98 43 21",)))
    trusted_persons.designation(team.person_id, relative, team.nurse)
    directives.directive(team.person_id, team.physician)
    with open_trail():
        draft = draft_of(team.person_id, actor=team.physician)
    sources = draft.content["sources"]
    assert draft.written.conduct.startswith("Douleur : Donner la dose prévue")
    assert (sources["drugs"][0]["drug"], sources["drugs"][0]["found"]) == (crises.DRUG, "")
    assert sources["trusted"]["phones"] == ["+33639984321"]
    assert sources["directives"]["signed_on"]


def test_only_a_physician_of_the_circle_writes_and_signs(team):
    record = WriteSheet(person_id=team.person_id, version=None, written=emergency_sheets.written())
    for actor in (team.nurse, team.coordinator):
        with pytest.raises(NotAllowed):
            write_sheet(record, by=actor)
    with pytest.raises(NotFound):
        write_sheet(record, by=people.actor(Role.PHYSICIAN))
    emergency_sheets.draft(team.person_id, team.physician)
    with pytest.raises(NotAllowed):
        sign_sheet(emergency_sheets.signature(team.person_id), by=team.nurse)
    stale = replace(team.physician, authenticated_at=now() - timedelta(minutes=6))
    with pytest.raises(StepUpNeeded):
        sign_sheet(emergency_sheets.signature(team.person_id), by=stale)


def test_two_physicians_do_not_write_over_each_other(team):
    emergency_sheets.draft(team.person_id, team.physician)
    with pytest.raises(VersionMissing):
        write_sheet(
            WriteSheet(person_id=team.person_id, version=None, written=emergency_sheets.written()), by=team.physician
        )
    with pytest.raises(StaleVersion):
        write_sheet(
            WriteSheet(person_id=team.person_id, version=7, written=emergency_sheets.written()), by=team.physician
        )


def test_one_signs_what_one_has_read(team):
    emergency_sheets.draft(team.person_id, team.physician)
    read = emergency_sheets.signature(team.person_id)
    crises.foreseen(team.person_id, team.physician)
    with pytest.raises(SheetChanged):
        sign_sheet(read, by=team.physician)
    sign_sheet(emergency_sheets.signature(team.person_id), by=team.physician)
    assert shown(team).number == 1


def test_a_signed_version_never_changes_and_is_numbered(team):
    emergency_sheets.signed(team.person_id, team.physician)
    first = SheetVersion.objects.get()
    with pytest.raises(TypeError):
        first.save()
    emergency_sheets.signed(team.person_id, team.physician, goals="Autre chose")
    with open_trail():
        old = version_for(team.person_id, version_id(1), actor=team.nurse)
        new = version_for(team.person_id, version_id(2), actor=team.nurse)
        with pytest.raises(NotFound):
            version_for(plans.team().person_id, version_id(1), actor=team.nurse)
        with pytest.raises(NotFound):
            version_for(team.person_id, old.sheet_id, actor=team.nurse)
    assert (old.replaced_by, old.is_current, new.is_current) == (2, False, True)
    assert old.content["written"]["goals"] != new.content["written"]["goals"]
    assert new.replaces_document == old.document.id


CHANGES = {
    "phones": lambda team: moved(team, phones=("03 80 77 13 99",)),
    "address": lambda team: moved(team, street="8 rue Nouvelle"),
    "directives": lambda team: directives.directive(team.person_id, team.physician),
    "contacts": lambda team: people.relative(team.person_id, team.nurse),
    "crises": lambda team: crises.crisis(team.person_id, team.physician),
    "drugs": lambda team: crises.prescription(crises_snapshot(team.person_id)[0].id, team.physician),
}  # fmt: skip


@pytest.mark.parametrize("part", CHANGES)
def test_a_change_of_the_file_marks_the_sheet_and_puts_it_on_the_desk(team, part):
    crises.crisis(team.person_id, team.physician)
    emergency_sheets.signed(team.person_id, team.physician)
    drain()
    assert shown(team).state == SheetState.SIGNED
    CHANGES[part](team)
    assert shown(team).drift == (PARTS[part],)
    drain()
    assert shown(team).state == SheetState.STALE
    for actor in (team.physician, team.coordinator):
        with open_trail():
            assert [one.person_id for one in sheets_to_update(actor=actor)] == [team.person_id]
    with open_trail():
        assert sheets_to_update(actor=people.actor(Role.PHYSICIAN)) == []
    sign_sheet(emergency_sheets.signature(team.person_id), by=team.physician)
    assert (shown(team).state, shown(team).drift, shown(team).number) == (SheetState.SIGNED, (), 2)


def revoked(team, made):
    record = RevokeDirective(
        directive_id=made.directive, version=ANY_VERSION, revoked_on=today(), means=RevocationMeans.WRITTEN, received_by="Dr Bellelune"
    )  # fmt: skip
    revoke_directive(record, by=team.physician)


def changed(team, made, **fields):
    present = next(one for one in relatives_snapshot(team.person_id) if one.id == made.relative)
    kept = {name: getattr(present, name) for name in ("version", "family", "given", "relation", "contact")}
    record = ChangeRelative(relative_id=present.id, since=today(), roles=frozenset(), **{**kept, **fields})
    change_relative(record, by=team.nurse)


LATER = {
    "her relative has another number": ("contacts", lambda team, made: changed(team, made, contact=Contact(phones=("0600000001",)))),
    "her relative leaves": ("contacts", lambda team, made: changed(team, made, leaves=True)),
    "directives are revoked": ("directives", revoked),
    "a drug is stopped": ("drugs", lambda team, made: stop_prescription(StopPrescription(prescription_id=made.drug, version=ANY_VERSION), by=team.physician)),
    "a crisis is withdrawn": ("crises", lambda team, made: withdraw_crisis(WithdrawCrisis(crisis_id=made.crisis, version=made.version), by=team.physician)),
    "something else is announced": ("announcements", lambda team, made: announcements.announced(team.person_id, team.physician)),
}  # fmt: skip


@pytest.mark.parametrize("cause", LATER)
def test_what_stood_on_a_sheet_and_stands_no_more_makes_it_old(team, cause):
    crisis = crises.foreseen(team.person_id, team.physician)
    made = SimpleNamespace(
        crisis=crisis.id,
        version=crisis.version,
        drug=crisis.prescriptions[0].id,
        directive=directives.directive(team.person_id, team.physician),
        relative=people.relative(team.person_id, team.nurse),
    )
    emergency_sheets.signed(team.person_id, team.physician)
    drain()
    part, change = LATER[cause]
    change(team, made)
    drain()
    assert shown(team).state == SheetState.STALE
    assert PARTS[part] in shown(team).drift


def test_volunteers_of_the_circle_are_no_team_to_call_at_night(team):
    emergency_sheets.signed(team.person_id, team.physician)
    association = people.organisation(kind=OrganisationKind.ASSOCIATION)
    enter(OpenMembership(person_id=team.person_id, organisation_id=association.id, basis=Basis.CONSENT))
    assert shown(team).drift == ()
    assert association.name not in {one["name"] for one in draft_snapshot(team.person_id).content["sources"]["teams"]}


def test_relatives_stand_on_the_sheet_in_the_order_in_which_they_are_called(team):
    people.relative(team.person_id, team.nurse, family="CANARITROIS")
    people.relative(team.person_id, team.nurse, family="CANARIDEUX", call_rank=2)
    people.relative(team.person_id, team.nurse, family="CANARIUN", call_rank=1)
    trusted = people.relative(team.person_id, team.nurse, family="CANARITIERS", call_rank=9)
    trusted_persons.designation(team.person_id, trusted, team.nurse)
    emergency_sheets.signed(team.person_id, team.physician)
    contacts = shown(team).current.content["sources"]["contacts"]
    assert [one["name"].split()[-1] for one in contacts] == ["CANARITIERS", "CANARIUN", "CANARIDEUX", "CANARITROIS"]


def test_a_designation_marks_it_too_and_what_stands_again_as_it_was_clears_it(team):
    relative = people.relative(team.person_id, team.nurse)
    emergency_sheets.signed(team.person_id, team.physician)
    crisis = crises.foreseen(team.person_id, team.physician)
    drain()
    assert shown(team).state == SheetState.STALE
    withdraw_crisis(WithdrawCrisis(crisis_id=crisis.id, version=crisis.version), by=team.physician)
    drain()
    assert shown(team).state == SheetState.SIGNED
    trusted_persons.designation(team.person_id, relative, team.nurse)
    assert PARTS["trusted"] in shown(team).drift


def test_looking_again_at_what_is_at_home_marks_it_only_when_something_else_is_found(team):
    drug = crises.foreseen(team.person_id, team.physician).prescriptions[0].id
    check_drugs_at_home(CheckHome(prescription_id=drug, checked_on=today(), found=Found.PRESENT), by=team.nurse)
    emergency_sheets.signed(team.person_id, team.physician)
    check_drugs_at_home(CheckHome(prescription_id=drug, checked_on=today(), found=Found.PRESENT), by=team.nurse)
    assert shown(team).drift == ()
    check_drugs_at_home(CheckHome(prescription_id=drug, checked_on=today(), found=Found.ABSENT), by=team.nurse)
    assert shown(team).drift == (PARTS["drugs"],)


def test_who_holds_a_version_is_listed_until_he_has_the_new_one(team):
    emergency_sheets.draft(team.person_id, team.physician)
    with pytest.raises(NotSignedYet):
        emergency_sheets.holder(team.person_id, team.nurse)
    sheet_id = emergency_sheets.signed(team.person_id, team.physician)
    samu = emergency_sheets.holder(team.person_id, team.nurse)
    home = emergency_sheets.holder(
        team.person_id, team.coordinator, kind=HolderKind.HOME, departement="", name="Enveloppe", means=Means.PAPER
    )
    assert to_replace(held(team), 1) == ()
    emergency_sheets.signed(team.person_id, team.physician)
    assert {one.id for one in to_replace(held(team), 2)} == {samu, home}
    emergency_sheets.holder(team.person_id, team.nurse, holder_id=samu)
    assert [one.title for one in to_replace(held(team), 2)] == ["Enveloppe"]
    version = EmergencySheet.objects.get(pk=sheet_id).version
    gone = TakeBack(sheet_id=sheet_id, version=version, holder_id=home, who="Sa fille", done_on=today())
    take_back(gone, by=team.nurse)
    assert to_replace(held(team), 2) == ()
    assert held(team)[-1].taken_back_on == today()
    with pytest.raises(HolderGone):
        take_back(replace(gone, version=version + 1), by=team.nurse)
    with pytest.raises(HolderGone):
        emergency_sheets.holder(team.person_id, team.nurse, holder_id=home)


def out(team, actor=None):
    with open_trail():
        return copies_to_replace(actor=actor or team.nurse)


def test_a_copy_that_no_longer_counts_stays_on_the_desk_until_its_holder_is_told(team):
    emergency_sheets.signed(team.person_id, team.physician)
    samu = emergency_sheets.holder(team.person_id, team.nurse)
    home = {
        "kind": HolderKind.HOME,
        "departement": "",
        "name": "Enveloppe",
        "means": Means.PAPER,
        "phone": "03 80 45 12 45",
    }
    envelope = emergency_sheets.holder(team.person_id, team.nurse, **home)
    assert out(team) == []
    emergency_sheets.signed(team.person_id, team.physician)
    (told,) = out(team)
    assert (told.person_id, told.number) == (team.person_id, 2)
    assert {one.title for one in told.holders} == {"SAMU 21", "Enveloppe"}
    assert out(team, people.actor(Role.NURSE)) == []
    desk = signed_in(team.nurse).get("/").content.decode()
    assert "Détenteurs d’une fiche d’urgence à prévenir" in desk
    assert 'href="tel:03 80 45 12 45"' in desk
    message = signed_in(team.nurse).get(url("renew", team, samu)).content.decode()
    assert "remplace la version 1." in message
    emergency_sheets.holder(team.person_id, team.nurse, holder_id=samu)
    emergency_sheets.holder(team.person_id, team.nurse, holder_id=envelope, **home)
    assert out(team) == []


def test_a_button_pressed_twice_takes_a_copy_back_once(team):
    emergency_sheets.signed(team.person_id, team.physician)
    samu = emergency_sheets.holder(team.person_id, team.nurse)
    client, address = signed_in(team.nurse), url("recover", team, samu)
    given = {"version": shown(team).version, "who": "Dr Essai", "done_on": today(), "form_token": str(uuid4())}
    assert [client.post(address, given).status_code for _ in range(2)] == [302, 302]
    again = client.post(address, {**given, "version": shown(team).version, "form_token": str(uuid4())})
    assert again.status_code == 422, "in words"


def test_the_copies_of_a_withdrawn_sheet_are_to_be_recovered(team):
    sheet_id = emergency_sheets.signed(team.person_id, team.physician)
    samu = emergency_sheets.holder(team.person_id, team.nurse)
    version = EmergencySheet.objects.get(pk=sheet_id).version
    withdraw_sheet(WithdrawSheet(sheet_id=sheet_id, version=version, reason=WithdrawalReason.WISH), by=team.physician)
    (told,) = out(team)
    assert (told.number, [one.title for one in told.holders]) == (None, ["SAMU 21"])
    gone = TakeBack(sheet_id=sheet_id, version=version + 1, holder_id=samu, who="Sa fille", done_on=today())
    take_back(gone, by=team.nurse)
    assert out(team) == []


def test_the_copies_of_a_withdrawn_sheet_stay_listed_while_the_next_version_is_written(team):
    sheet_id = emergency_sheets.signed(team.person_id, team.physician)
    emergency_sheets.holder(team.person_id, team.nurse)
    version = EmergencySheet.objects.get(pk=sheet_id).version
    withdraw_sheet(WithdrawSheet(sheet_id=sheet_id, version=version, reason=WithdrawalReason.WISH), by=team.physician)
    emergency_sheets.draft(team.person_id, team.physician)
    assert shown(team).state == SheetState.DRAFTING
    (told,) = out(team)
    assert (told.number, [one.title for one in told.holders]) == (None, ["SAMU 21"])


def test_the_copies_of_a_sheet_that_came_with_another_record_are_recovered():
    pair = identities.pair()
    physician = people.actor(Role.PHYSICIAN, pair.hospital)
    former = emergency_sheets.signed(pair.merged_id, physician)
    samu = emergency_sheets.holder(pair.merged_id, pair.nurse)
    version = EmergencySheet.objects.get(pk=former).version
    withdraw_sheet(WithdrawSheet(sheet_id=former, version=version, reason=WithdrawalReason.MISTAKE), by=physician)
    emergency_sheets.signed(pair.kept_id, physician)
    home = emergency_sheets.holder(
        pair.kept_id, pair.nurse, kind=HolderKind.HOME, departement="", name="Enveloppe", means=Means.PAPER
    )
    identities.merged(pair)
    team = plans.Team(pair.kept_id, pair.nurse, physician, pair.nurse)
    (told,) = out(team)
    assert (told.person_id, told.number, [one.id for one in told.holders]) == (pair.kept_id, None, [samu])
    assert {one.id for one in held(team)} == {samu, home}
    client = signed_in(team.nurse)
    text = client.get(url("page", team)).content.decode()
    assert "Copies encore dehors" in text
    assert url("recover", team, samu) in text
    assert client.get(url("renew", team, samu)).status_code == 404
    assert "SAMU 21, version 1" in client.get(url("recover", team, samu)).content.decode()
    given = {"version": EmergencySheet.objects.get(pk=former).version, "who": "Dr Bellelune", "done_on": today()}
    assert client.post(url("recover", team, samu), given).status_code == 302
    assert out(team) == []
    text = client.get(url("page", team)).content.decode()
    assert "Copies encore dehors" not in text


@pytest.fixture
def two_sheets():
    return former_sheets()


@once
def former_sheets():
    """A person whose other record had three versions of a sheet, withdrawn before both became one."""
    pair = identities.pair()
    physician = people.actor(Role.PHYSICIAN, pair.hospital)
    emergency_sheets.signed(pair.kept_id, physician, conduct="Donner la morphine prévue CANARIGARDE")
    for number in (1, 2, 3):
        former = emergency_sheets.signed(pair.merged_id, physician, goals=f"But {number}")
    emergency_sheets.holder(pair.merged_id, pair.nurse)
    version = EmergencySheet.objects.get(pk=former).version
    withdraw_sheet(WithdrawSheet(sheet_id=former, version=version, reason=WithdrawalReason.MISTAKE), by=physician)
    identities.merged(pair)
    return plans.Team(pair.kept_id, pair.nurse, physician, pair.nurse)


def test_the_versions_of_a_sheet_that_came_with_another_record_are_in_the_history(two_sheets):
    team, client = two_sheets, signed_in(two_sheets.nurse)
    others = list(SheetVersion.objects.filter(sheet__state=SheetState.WITHDRAWN).order_by("number"))
    text = client.get(url("page", team)).content.decode()
    assert text.count("d’une autre fiche, retirée") == len(others) + 1, "each version, and its holder"
    for one in others:
        assert url("version", team, one.id) in text
        read = client.get(url("version", team, one.id)).content.decode()
        assert "Elle ne parle plus pour la personne" in read
        assert "En vigueur" not in read
        assert f"Version {shown(team).number}, signée le" in read, "where the sheet in force is"
        assert client.get(url("paper", team, one.id)).content.startswith(b"%PDF-")


def test_a_paper_of_another_record_is_told_to_be_replaced_by_the_sheet_in_force(two_sheets):
    client = signed_in(two_sheets.nurse)
    for one in SheetVersion.objects.filter(sheet__state=SheetState.WITHDRAWN):
        text = client.get(reverse("emergency_codes:scanned", args=[one.id])).content.decode()
        assert "Ce papier est remplacé" in text
        assert "La fiche en vigueur est la version 1" in text
    moved(two_sheets, phones=("03 80 77 13 99",))
    current = SheetVersion.objects.get(sheet__state__in=IN_FORCE)
    text = client.get(reverse("emergency_codes:scanned", args=[current.id])).content.decode()
    assert "Ce papier est la version en vigueur" in text
    assert "Ce qui a changé depuis que cette fiche est signée" in text


def test_a_new_version_is_numbered_after_those_of_both_records(two_sheets):
    emergency_sheets.signed(two_sheets.person_id, two_sheets.physician)
    assert shown(two_sheets).number == 4


def test_the_samu_that_has_the_sheet_of_another_record_only_is_told(two_sheets):
    text = signed_in(two_sheets.nurse).get(url("lookup", two_sheets)).content.decode()
    assert "Le SAMU n’a que la version 3 d’une fiche retirée" in text
    assert "Aucun envoi au SAMU" not in text


def test_the_sheet_that_a_death_withdrew_is_the_one_that_speaks_again(two_sheets):
    former = SheetVersion.objects.get(sheet__state__in=IN_FORCE).sheet_id
    EmergencySheet.objects.filter(state=SheetState.WITHDRAWN).update(created_at=now() + timedelta(hours=1))
    act_on_death(two_sheets)
    assert EmergencySheet.objects.get(pk=former).state == SheetState.WITHDRAWN
    assert shown(two_sheets).number == 1, "the one that spoke last, whatever its record"
    undo_death(two_sheets)
    assert EmergencySheet.objects.get(pk=former).state in IN_FORCE


def test_many_copies_out_cost_the_desk_as_much_as_one(team, django_assert_num_queries):
    others = [plans.team() for _ in range(2)]
    for one in (team, *others):
        emergency_sheets.signed(one.person_id, one.physician)
        emergency_sheets.holder(one.person_id, one.nurse)
        emergency_sheets.signed(one.person_id, one.physician)
    with CaptureQueriesContext(connection) as alone:
        assert len(out(team, team.coordinator)) == 1
    for one in others:
        dac = team.coordinator.organisation_id
        enter(OpenMembership(person_id=one.person_id, organisation_id=dac, basis=Basis.COORDINATION))
    with django_assert_num_queries(len(alone)):
        assert len(out(team, team.coordinator)) == 3


def test_a_stranger_notes_no_holder(team):
    sheet_id = emergency_sheets.signed(team.person_id, team.physician)
    record = NoteHolder(
        sheet_id=sheet_id, version=2, kind=HolderKind.SAMU, name="", departement="21", means=Means.OTHER, who="X", done_on=today()
    )  # fmt: skip
    with pytest.raises(NotFound):
        note_holder(record, by=people.actor(Role.NURSE))


def found(team, actor=None):
    with open_trail():
        return lookup_of(team.person_id, actor=actor or team.nurse)


def test_whether_a_samu_would_find_her(team):
    assert not found(team).is_found
    emergency_sheets.signed(team.person_id, team.physician)
    assert found(team).missing == ("Aucun envoi au SAMU du département où elle vit (21) n’est noté.",)
    emergency_sheets.holder(team.person_id, team.nurse, departement="39")
    assert "(21)" in found(team).missing[0]
    emergency_sheets.holder(team.person_id, team.nurse)
    assert found(team).is_found
    people.relative(team.person_id, team.nurse, contact=Contact(phones=("06 39 98 43 21",)))
    sure = {one.phone: (one.is_found, one.on_sheet) for one in found(team).numbers}
    assert sure["06 39 98 43 21"] == (True, False)
    assert "ne mène pas" in found(team).missing[0]
    sign_sheet(emergency_sheets.signature(team.person_id), by=team.physician)
    assert "version 2 la remplace" in found(team).missing[0]
    emergencies.refuse(team.person_id, Category.EMERGENCY)
    assert any("refuse l’accès en urgence" in one for one in found(team).missing)
    with pytest.raises(NotFound):
        found(team, emergencies.dispatcher())


def test_the_regulator_reads_the_signed_sheet_first(team):
    emergency_sheets.signed(team.person_id, team.physician, conduct="Donner la morphine prévue CANARICONDUITE")
    crises.foreseen(team.person_id, team.physician)
    dispatcher = emergencies.dispatcher()
    client = signed_in(dispatcher)
    assert client.get(url("page", team)).status_code == 404
    access = emergencies.opened(team.person_id, dispatcher)
    text = client.get(reverse("break_glass:show", args=[access])).content.decode()
    assert text.index("CANARICONDUITE") < text.index("Limites de traitement et directives anticipées")
    assert "Ce qui a changé depuis que cette fiche est signée" in text
    paper = client.get(url("paper", team, version_id(1)))
    assert paper.content.startswith(b"%PDF-")
    assert client.get(url("write", team)).status_code == 404


def refused(team, category):
    return Opposition.objects.create(
        person_id=team.person_id, organisation_id=team.nurse.organisation_id, category=category, stated_on=today(), means="spoken"
    )  # fmt: skip


def test_who_is_refused_the_plan_or_the_directives_reads_no_sheet(team):
    emergency_sheets.signed(team.person_id, team.physician)
    for category in (Category.PLAN, Category.DIRECTIVES):
        refusal = refused(team, category)
        with pytest.raises(NotFound):
            shown(team)
        Opposition.objects.filter(pk=refusal.pk).update(lifted_on=today())
    assert shown(team).number == 1


def test_the_code_of_the_paper_tells_an_entitled_reader_and_nobody_else(team):
    emergency_sheets.signed(team.person_id, team.physician)
    version = SheetVersion.objects.get()
    way = reverse("emergency_codes:scanned", args=[version.id])
    client, stranger = signed_in(team.nurse), signed_in(people.actor(Role.NURSE))
    assert "est la version en vigueur" in client.get(way).content.decode()
    unknown = reverse("emergency_codes:scanned", args=[team.person_id])
    answers = [stranger.get(one) for one in (way, unknown)]
    assert [one.status_code for one in answers] == [404, 404]
    emergency_sheets.signed(team.person_id, team.physician)
    assert "Ce papier est remplacé" in client.get(way).content.decode()


def test_anybody_checks_a_code_and_learns_its_version_only(client, team):
    emergency_sheets.signed(team.person_id, team.physician)
    version = SheetVersion.objects.get()
    from ppa.emergency_sheets.code import SheetCode, sheet_code

    code = sheet_code(SheetCode(version.id, 1, today()))
    assert client.get(reverse("emergency_codes:keys")).json()["keys"] == {
        str(number): key.hex() for number, key in public_keys().items()
    }
    assert read_code(code, public_keys()) == SheetCode(version.id, 1, today())
    said = client.post(reverse("emergency_codes:check"), {"code": f"https://ppa.example/fiche/{version.id}/#{code}"})
    assert "Version 1, signée le" in said.content.decode()
    for wrong in (code[:-2] + "AA", "x" * 400):
        refused = client.post(reverse("emergency_codes:check"), {"code": wrong})
        assert refused.status_code == 422
        assert "pas reconnu" in refused.content.decode()
    assert client.post(reverse("emergency_codes:check"), {"code": "x" * 5000}).status_code == 422


def test_a_withdrawn_sheet_speaks_no_more_and_may_be_taken_up_again(team):
    sheet_id = emergency_sheets.signed(team.person_id, team.physician)
    emergency_sheets.holder(team.person_id, team.nurse)
    version = EmergencySheet.objects.get(pk=sheet_id).version
    withdraw_sheet(WithdrawSheet(sheet_id=sheet_id, version=version, reason=WithdrawalReason.WISH), by=team.physician)
    assert (shown(team).state, shown(team).current) == (SheetState.WITHDRAWN, None)
    with pytest.raises(NothingWritten):
        sign_sheet(emergency_sheets.signature(team.person_id), by=team.physician)
    assert "Copies encore dehors" in signed_in(team.nurse).get(url("page", team)).content.decode()
    emergency_sheets.signed(team.person_id, team.physician)
    assert (shown(team).number, len(to_replace(held(team), 2))) == (2, 1)


def test_a_death_ends_the_sheet_and_nothing_is_written_after(team):
    emergency_sheets.signed(team.person_id, team.physician)
    mark_deceased(MarkDeceased(person_id=team.person_id, died_on=today()), by=team.physician)
    run_together(
        lambda run: close_after_death(team.person_id, today(), run) or {}, by=team.physician, fingerprint="death"
    )
    assert shown(team).state == SheetState.WITHDRAWN
    with pytest.raises(SheetAfterDeath):
        emergency_sheets.draft(team.person_id, team.physician)


def test_from_nothing_to_a_signed_sheet_at_the_samu_by_the_screens(team):
    crises.foreseen(team.person_id, team.physician)
    client = signed_in(team.physician)
    page = client.get(reverse("people:page", args=[team.person_id])).content.decode()
    assert url("write", team) in page
    form = client.get(url("write", team)).content.decode()
    assert "Donner la dose prévue" in form
    given = {"phase": "terminal", "conduct": "Appeler l’infirmière <script>alert(1)</script>", "cpr": "refused", "sedation": "accepted", "transfer": "avoid"}  # fmt: skip
    read = client.post(url("write", team), given, follow=True)
    text = read.content.decode()
    assert "Refusé par la personne" in text
    assert "<script>alert(1)" not in text
    held_form = read.context["fresh_form"].initial
    done = client.post(url("sign", team), {"version": held_form["version"], "digest": "0" * 64})
    assert done.status_code == 422
    assert "Relisez-la avant de signer" in done.content.decode()
    done = client.post(url("sign", team), held_form, follow=True).content.decode()
    assert "Version 1, signée le" in done
    nurse = signed_in(team.nurse)
    version = shown(team).version
    holder = {"kind": "samu", "departement": "21", "means": "secure_mail", "who": "Dr Essai", "done_on": today().isoformat(), "version": version}  # fmt: skip
    assert nurse.post(url("holder", team), {**holder, "departement": ""}).status_code == 422
    assert "SAMU 21" in nurse.post(url("holder", team), holder, follow=True).content.decode()
    assert ">Oui<" in nurse.get(url("lookup", team)).content.decode().replace("\n", "")
    sign_sheet(emergency_sheets.signature(team.person_id), by=team.physician)
    page = nurse.get(url("page", team)).content.decode()
    assert "a la version 1\N{NO-BREAK SPACE}: la version 2 la remplace" in page
    (samu,) = held(team)
    renewed = {
        "means": "secure_mail",
        "who": "Dr Essai",
        "done_on": today().isoformat(),
        "version": shown(team).version,
    }
    nurse.post(url("renew", team, samu.id), renewed)
    assert held(team)[0].number == 2
    assert "En vigueur" in nurse.get(url("version", team, version_id(2))).content.decode()
    assert nurse.get(url("write", team)).status_code == 404


def test_a_partner_reads_each_version_with_its_paper(team):
    from fhir.resources.R4B.documentreference import DocumentReference

    from accounts.organisations.models import Organisation
    from fhir_bridge.projection.refresh import differences

    directives.directive(team.person_id, team.nurse, wishes=WANTS, shared_with_coordination=True)
    emergency_sheets.signed(team.person_id, team.physician)
    emergency_sheets.signed(team.person_id, team.physician, goals="Autre chose")
    partner = fhir.partner(Organisation.objects.get(pk=team.nurse.organisation_id))
    found = partner.get(f"DocumentReference?patient={team.person_id}&type=http://loinc.org|74207-2").json()
    resources = [one["resource"] for one in found["entry"]]
    for one in resources:
        DocumentReference.model_validate(one)
    assert sorted(one["status"] for one in resources) == ["current", "superseded"]
    current = next(one for one in resources if one["status"] == "current")
    former = next(one for one in resources if one["status"] == "superseded")
    assert current["relatesTo"][0]["target"]["reference"] == f"DocumentReference/{former['id']}"
    paper = partner.get(f"Binary/{current['id']}", accept="application/pdf")
    assert paper.content.startswith(b"%PDF-")
    assert list(differences()) == []
    stranger = fhir.partner(people.organisation())
    assert stranger.get(f"DocumentReference/{current['id']}").status_code == 404
    for category in (Category.PLAN, Category.DIRECTIVES):
        refusal = refused(team, category)
        found = partner.get(f"DocumentReference?patient={team.person_id}&type=http://loinc.org|74207-2").json()
        assert "entry" not in found
        for address in (f"DocumentReference/{current['id']}", f"Binary/{current['id']}"):
            assert partner.get(address).status_code == 404
        Opposition.objects.filter(pk=refusal.pk).update(lifted_on=today())
    assert partner.get(f"Binary/{current['id']}").status_code == 200


def test_a_structure_that_accepted_her_reads_it_and_writes_nothing(team):
    emergency_sheets.signed(team.person_id, team.physician)
    manager = directives.colleague(Role.BED_MANAGER, team.person_id, Basis.ACCEPTED_REFERRAL)
    assert shown(team, manager).number == 1
    assert signed_in(manager).get(url("holder", team)).status_code == 404


def test_a_death_noted_by_mistake_gives_the_sheet_back(team):
    emergency_sheets.signed(team.person_id, team.physician)
    act_on_death(team)
    assert shown(team).state == SheetState.WITHDRAWN
    undo_death(team)
    assert (shown(team).state, shown(team).number) == (SheetState.SIGNED, 1)


def test_a_sheet_that_somebody_withdrew_stays_so_after_a_mistaken_death(team):
    sheet_id = emergency_sheets.signed(team.person_id, team.physician)
    version = EmergencySheet.objects.get(pk=sheet_id).version
    withdraw_sheet(WithdrawSheet(sheet_id=sheet_id, version=version, reason=WithdrawalReason.WISH), by=team.physician)
    act_on_death(team)
    undo_death(team)
    assert shown(team).state == SheetState.WITHDRAWN


def act_on_death(team):
    mark_deceased(MarkDeceased(person_id=team.person_id, died_on=today()), by=team.physician)
    run_together(
        lambda run: close_after_death(team.person_id, today(), run) or {}, by=team.physician, fingerprint="death"
    )


def undo_death(team):
    correct_death(CorrectDeath(person_id=team.person_id, reason=DeathMistake.MISTYPED), by=team.nurse)
