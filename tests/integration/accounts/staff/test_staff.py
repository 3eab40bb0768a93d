"""Accounts and functions of an organisation's people: who may change what, and when it counts."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.access.gate import open_trail
from accounts.access.models import OrganisationGrant
from accounts.audit.models import AuditRow
from accounts.authentication.models import OpenSession, User
from accounts.authentication.rules import LoginTaken
from accounts.authentication.sessions import mandates_among, situations_of
from accounts.authentication.situations import held_by
from accounts.kernel.actor import Mandate, Role
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound, StepUpNeeded
from accounts.organisations.functions import open_function
from accounts.organisations.models import Membership, Professional
from accounts.organisations.states import OrganisationKind
from accounts.staff import commands, rules
from accounts.staff.models import AccountReset
from accounts.staff.queries import staff, staff_member
from accounts.staff.records import (
    AllowSessions,
    AskReset,
    CloseAccount,
    ConfirmReset,
    EndFunction,
    GrantFunction,
    OpenStaffAccount,
)
from tests.factories.accounts import PASSWORD, account, present_code
from tests.factories.people import actor, organisation
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db

FIRST = "abcd-efgh-ijkl-mnop-qrst"


@pytest.fixture
def hospital():
    return organisation()


@pytest.fixture
def unit(hospital):
    return organisation("Unité de soins palliatifs", kind=OrganisationKind.CARE_UNIT, part_of=hospital)


@pytest.fixture
def manager(hospital):
    return keeper(hospital)


def keeper(at, role=Role.RIGHTS_MANAGER):
    """A person who manages rights, with an account, both factors just given."""
    made = actor(role, at, authenticated_at=now())
    User.objects.create(id=made.id, username=f"gestion-{made.id}", professional_id=made.professional_id)
    return made


def opening(at, role=Role.NURSE, **fields):
    return OpenStaffAccount(
        **{
            "organisation_id": at.id,
            "role": role,
            "family": "Nouvelle",
            "username": "n.ouvelle",
            "password": FIRST,
            **fields,
        }
    )


def function_at(user, at):
    return Membership.objects.get(professional=user.professional, organisation=at)


def test_a_new_account_signs_in_and_enrols(manager, unit, client):
    receipt = commands.open_staff_account(opening(unit, username="N.Ouvelle"), by=manager)
    user = User.objects.get(professional_id=receipt.id)
    assert (receipt.type, user.username) == ("user_account", "n.ouvelle")
    client.post("/connexion/", {"login": "n.ouvelle", "password": FIRST})
    assert client.get("/")["Location"] == "/compte/securite/application/"


def test_somebody_may_sign_in_with_pro_sante_connect_only(manager, hospital):
    receipt = commands.open_staff_account(opening(hospital, username="", rpps="10000000001"), by=manager)
    assert receipt.type == "membership"
    assert not User.objects.get(professional__rpps="10000000001").has_usable_password()


def test_who_has_an_account_keeps_it(manager, hospital):
    known = account(Role.PHYSICIAN)
    commands.open_staff_account(opening(hospital, rpps=known.professional.rpps, role=Role.PHYSICIAN), by=manager)
    assert User.objects.filter(professional=known.professional).count() == 1
    assert function_at(known, hospital).role == Role.PHYSICIAN
    known.refresh_from_db()
    assert known.check_password(PASSWORD)


def test_a_login_belongs_to_one_person(manager, hospital):
    taken = account()
    with pytest.raises(LoginTaken):
        commands.open_staff_account(opening(hospital, username=taken.username.upper()), by=manager)
    assert not Professional.objects.filter(family="Nouvelle").exists()


def test_only_both_factors_just_given_open_an_account(hospital):
    late = actor(Role.RIGHTS_MANAGER, hospital, authenticated_at=now() - timedelta(minutes=6))
    with pytest.raises(StepUpNeeded):
        commands.open_staff_account(opening(hospital), by=late)


@pytest.mark.parametrize("role", sorted({*Role} - {Role.RIGHTS_MANAGER}))
def test_no_other_function_gives_functions(role, hospital):
    with pytest.raises((NotAllowed, NotFound)):
        commands.open_staff_account(opening(hospital), by=actor(role, hospital, authenticated_at=now()))
    assert AuditRow.objects.filter(action="user_account.create_own_org", outcome="denied").count() == 1


def test_units_are_managed_from_above_never_the_reverse(manager, hospital, unit):
    below, elsewhere = keeper(unit), keeper(organisation())
    for stranger in (below, elsewhere):
        with pytest.raises((NotAllowed, NotFound)):
            commands.open_staff_account(opening(hospital), by=stranger)
        with pytest.raises(NotFound):
            commands.grant_function(
                GrantFunction(staff_id=manager.professional_id, organisation_id=unit.id, role=Role.NURSE), by=stranger
            )
    commands.open_staff_account(opening(unit), by=manager)


def test_nobody_changes_his_own_rights(manager, hospital):
    own = Membership.objects.get(professional_id=manager.professional_id)
    me = manager.professional_id
    for act, record in (
        (commands.grant_function, GrantFunction(staff_id=me, organisation_id=hospital.id, role=Role.PHYSICIAN)),
        (commands.end_function, EndFunction(staff_id=me, function_id=own.id)),
        (commands.close_account, CloseAccount(staff_id=me, is_open=False)),
        (commands.allow_sessions, AllowSessions(staff_id=me, number=2)),
        (commands.ask_reset, AskReset(staff_id=me)),
    ):
        with pytest.raises(rules.OwnRights):
            act(record, by=manager)
    rpps = Professional.objects.get(pk=me).rpps or "10000000009"
    Professional.objects.filter(pk=me).update(rpps=rpps)
    with pytest.raises(rules.OwnRights):
        commands.open_staff_account(opening(hospital, rpps=rpps, role=Role.PHYSICIAN), by=manager)
    assert Membership.objects.filter(professional_id=me).count() == 1


def test_a_function_exists_only_where_its_kind_of_organisation_has_it(manager, hospital):
    for role in (Role.EMERGENCY_DISPATCHER, Role.REGIONAL_READER, Role.COORDINATOR, Role.FHIR_CLIENT, Role.SYSTEM):
        with pytest.raises(rules.RoleNotHere):
            commands.open_staff_account(opening(hospital, role=role), by=manager)


def test_a_granted_and_an_ended_function_count_on_the_next_request(manager, hospital, client):
    user = account(Role.NURSE, at=hospital)
    client.post("/connexion/", {"login": user.username, "password": PASSWORD})
    client.post("/connexion/code/", {"code": present_code()})
    assert client.get("/comptes/").status_code == 403
    staff_id, nurse = user.professional_id, function_at(user, hospital)
    commands.grant_function(
        GrantFunction(staff_id=staff_id, organisation_id=hospital.id, role=Role.PRIVACY_OFFICER), by=manager
    )
    commands.end_function(EndFunction(staff_id=staff_id, function_id=nurse.id), by=manager)
    assert client.get("/comptes/").status_code == 200
    kept = Membership.objects.get(pk=nurse.id)
    assert (kept.ends_on, kept.ended_at is not None) == (today(), True)
    other = Membership.objects.get(professional_id=staff_id, role=Role.PRIVACY_OFFICER)
    commands.end_function(EndFunction(staff_id=staff_id, function_id=other.id), by=manager)
    assert client.get("/comptes/").status_code == 403
    with pytest.raises(NotFound):
        commands.end_function(EndFunction(staff_id=staff_id, function_id=other.id), by=manager)
    commands.grant_function(GrantFunction(staff_id=staff_id, organisation_id=hospital.id, role=Role.NURSE), by=manager)


def test_a_function_is_held_once_and_ends_after_it_begins(manager, hospital):
    user = account(Role.NURSE, at=hospital)
    again = GrantFunction(staff_id=user.professional_id, organisation_id=hospital.id, role=Role.NURSE)
    with pytest.raises(rules.FunctionHeld):
        commands.grant_function(again, by=manager)
    past = GrantFunction(
        staff_id=user.professional_id, organisation_id=hospital.id, role=Role.PHYSICIAN, ends_on=today() - timedelta(1)
    )
    with pytest.raises(rules.EndBeforeStart):
        commands.grant_function(past, by=manager)


VIGILANCE = Mandate.IDENTITY_VIGILANCE


def test_a_mandate_is_given_beside_a_function_that_uses_it_and_opens_no_situation_of_its_own(manager, hospital):
    doctor, nurse = actor(Role.PHYSICIAN, hospital), actor(Role.NURSE, hospital)
    browser = signed_in(doctor)
    user = User.objects.get(professional_id=doctor.professional_id)
    assert mandates_among(held_by(user.pk), hospital.id) == frozenset()
    with pytest.raises(rules.MandateAlone):
        commands.grant_function(mandate(nurse, hospital), by=manager)
    with pytest.raises(rules.RoleNotHere):
        commands.grant_function(
            mandate(doctor, organisation(kind=OrganisationKind.AGENCY, part_of=hospital)), by=manager
        )
    commands.grant_function(mandate(doctor, hospital), by=manager)
    assert mandates_among(held_by(user.pk), hospital.id) == {VIGILANCE}
    assert mandates_among(held_by(user.pk), organisation().id) == frozenset()
    assert [row.role for row in situations_of(user)] == [Role.PHYSICIAN]
    assert browser.get("/").status_code == 200
    page = signed_in(manager).get(f"/comptes/{doctor.professional_id}/").content.decode()
    assert "Mandat d’identitovigilance" in page


def test_an_ended_a_past_and_an_ungranted_mandate_open_nothing(manager, hospital, clock):
    doctor = actor(Role.PHYSICIAN, hospital)
    signed_in(doctor)
    user = User.objects.get(professional_id=doctor.professional_id)
    commands.grant_function(mandate(doctor, hospital, ends_on=today()), by=manager)
    held = Membership.objects.get(professional_id=doctor.professional_id, role=VIGILANCE)
    assert mandates_among(held_by(user.pk), hospital.id) == {VIGILANCE}
    clock.forward(days=1)
    assert mandates_among(held_by(user.pk), hospital.id) == frozenset()
    clock.forward(days=-1)
    Membership.objects.filter(pk=held.pk).update(ends_on=None)
    assert mandates_among(held_by(user.pk), hospital.id) == {VIGILANCE}
    OrganisationGrant.objects.filter(permission__codename=VIGILANCE).delete()
    assert mandates_among(held_by(user.pk), hospital.id) == frozenset()
    open_function(doctor.professional_id, organisation().id, VIGILANCE)
    assert mandates_among(held_by(user.pk), hospital.id) == frozenset()
    commands.end_function(EndFunction(staff_id=doctor.professional_id, function_id=held.id), by=manager)
    assert not Membership.objects.present().filter(organisation=hospital, role=VIGILANCE).exists()


def mandate(who, at, **fields):
    return GrantFunction(staff_id=who.professional_id, organisation_id=at.id, role=VIGILANCE, **fields)


def test_closing_an_account_ends_its_sessions_at_once(manager, hospital, client):
    user = account(Role.NURSE, at=hospital)
    client.post("/connexion/", {"login": user.username, "password": PASSWORD})
    client.post("/connexion/code/", {"code": present_code()})
    commands.close_account(CloseAccount(staff_id=user.professional_id, is_open=False), by=manager)
    assert client.get("/")["Location"].startswith("/connexion/")
    assert "modifié par la personne qui administre" in client.get("/connexion/").content.decode()
    assert OpenSession.objects.get().ending == "account_changed"
    commands.close_account(CloseAccount(staff_id=user.professional_id, is_open=True), by=manager)
    assert User.objects.get(pk=user.pk).is_active


def test_the_account_of_somebody_who_works_elsewhere_too_stays_hers(manager, hospital):
    user = account(Role.NURSE, at=hospital)
    open_function(user.professional_id, organisation().id, Role.NURSE)
    for act, record in (
        (commands.close_account, CloseAccount(staff_id=user.professional_id, is_open=False)),
        (commands.ask_reset, AskReset(staff_id=user.professional_id)),
    ):
        with pytest.raises(rules.WorksElsewhere):
            act(record, by=manager)
    commands.end_function(
        EndFunction(staff_id=user.professional_id, function_id=function_at(user, hospital).id), by=manager
    )


def test_a_reset_takes_two_persons(manager, hospital):
    user, second = account(Role.NURSE, at=hospital), keeper(hospital)
    confirmed = ConfirmReset(staff_id=user.professional_id, password=FIRST)
    with pytest.raises(rules.ResetNotAsked):
        commands.confirm_reset(confirmed, by=second)
    commands.ask_reset(AskReset(staff_id=user.professional_id), by=manager)
    commands.ask_reset(AskReset(staff_id=user.professional_id), by=manager)
    assert AccountReset.objects.count() == 1
    with pytest.raises(NotAllowed):
        commands.confirm_reset(confirmed, by=manager)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    commands.confirm_reset(confirmed, by=second)
    user.refresh_from_db()
    assert user.check_password(FIRST)
    assert not Authenticator.objects.filter(user=user).exists()
    with pytest.raises(rules.ResetNotAsked):
        commands.confirm_reset(confirmed, by=second)


def test_who_runs_the_machine_resets_and_closes_an_account_too(hospital):
    user, second = account(Role.NURSE, at=hospital), keeper(hospital, Role.TECHNICAL_ADMIN)
    commands.ask_reset(AskReset(staff_id=user.professional_id), by=keeper(hospital, Role.TECHNICAL_ADMIN))
    commands.confirm_reset(ConfirmReset(staff_id=user.professional_id, password=FIRST), by=second)
    commands.close_account(CloseAccount(staff_id=user.professional_id, is_open=False), by=second)
    user.refresh_from_db()
    assert (user.check_password(FIRST), user.is_active) == (True, False)


def test_a_reset_waits_three_days(manager, hospital, clock):
    user, second = account(Role.NURSE, at=hospital), keeper(hospital)
    commands.ask_reset(AskReset(staff_id=user.professional_id), by=manager)
    clock.forward(hours=73)
    with pytest.raises(rules.ResetNotAsked):
        commands.confirm_reset(ConfirmReset(staff_id=user.professional_id, password=FIRST), by=second)


def test_the_database_too_wants_two_persons(manager, hospital):
    user, asked_by = account(at=hospital), User.objects.get(pk=manager.id)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountReset.objects.create(user=user, asked_by=asked_by, confirmed_by=asked_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountReset.objects.create(user=user, asked_by=asked_by, confirmed_by=user)


def test_a_list_holds_one_s_own_people_only_at_one_cost(manager, hospital, unit, django_assert_num_queries):
    own, foreign = account(at=unit), account()
    with open_trail():
        shown, following = staff(manager)
    assert {one.id for one in shown} == {manager.professional_id, own.professional_id}
    assert following is None
    with open_trail(), pytest.raises(NotFound):
        staff_member(foreign.professional_id, actor=manager)
    counts = []
    for _ in range(2):
        with open_trail(), django_assert_num_queries(7):
            counts.append(len(staff(manager)[0]))
        for _ in range(4):
            account(at=hospital)
    assert counts == [2, 6]


def browser(of) -> Client:
    return signed_in(of)


def test_the_pages_from_opening_an_account_to_its_reset(manager, hospital):
    first, second = browser(manager), browser(keeper(hospital))
    page = first.get("/comptes/").content.decode()
    assert "La revue annuelle n’a jamais été faite" in page
    fields = {"family": "Nouvelle", "username": "n.ouvelle", "organisation": str(hospital.id), "role": "infirmier"}
    assert first.post("/comptes/nouveau/", {**fields, "username": ""}).status_code == 422
    page = first.post("/comptes/nouveau/", fields)
    password = page.context["password"]
    assert password in page.content.decode()
    user = User.objects.get(username="n.ouvelle")
    assert user.check_password(password)
    own = f"/comptes/{user.professional_id}/"
    assert "Second facteur à régler" in first.get(own).content.decode()
    added = {"organisation": str(hospital.id), "role": "cadre_structure", "ends_on": str(today())}
    assert first.post(f"{own}fonction/", added).status_code == 302
    held = Membership.objects.get(professional_id=user.professional_id, role="cadre_structure")
    asked = first.get(f"{own}fonction/finir/", {"fonction": str(held.id)})
    assert "ne verra plus rien" in asked.content.decode()
    assert first.post(f"{own}fonction/finir/", {"function": str(held.id)}).status_code == 302
    assert first.get(f"{own}fonction/finir/", {"fonction": str(held.id)}).status_code == 404
    first.post(f"{own}sessions/", {"number": "2"})
    assert "Revenir à une seule session" in first.get(own).content.decode()
    first.post(f"{own}reinitialisation/")
    assert "Une autre personne doit la confirmer" in first.get(own).content.decode()
    assert first.post(f"{own}reinitialisation/confirmer/").status_code == 302
    assert "Assurez-vous de l’identité" in second.get(own).content.decode()
    replaced = second.post(f"{own}reinitialisation/confirmer/").context["password"]
    assert replaced != password
    first.post(f"{own}ouverture/")
    assert "Compte fermé" in first.get(own).content.decode()
    assert first.get(f"/comptes/{account().professional_id}/").status_code == 404


def test_one_s_own_page_offers_nothing(manager):
    page = browser(manager).get(f"/comptes/{manager.professional_id}/").content.decode()
    assert "C’est votre compte" in page
    assert "Fermer le compte" not in page
    assert "Mettre fin" not in page


def test_the_yearly_review_is_noted_and_falls_due_again(manager, hospital, clock):
    client = browser(manager)
    page = client.get("/comptes/revue/").content.decode()
    assert "Gestion des habilitations" in page
    assert client.post("/comptes/revue/", {"functions": "1"}).status_code == 422
    assert client.post("/comptes/revue/", {"functions": "1", "read": "on"}).status_code == 302
    assert "Dernière revue des habilitations" in client.get("/comptes/").content.decode()
    clock.forward(days=366)
    assert "est à refaire" in browser(keeper(hospital)).get("/comptes/").content.decode()


def test_without_both_factors_just_given_the_form_asks_first(hospital):
    client = browser(keeper(hospital))
    session = client.session
    session["authenticated_at"] = now().timestamp() - 400
    session.save()
    assert client.get("/comptes/nouveau/")["Location"] == "/compte/confirmer/?next=%2Fcomptes%2Fnouveau%2F"
