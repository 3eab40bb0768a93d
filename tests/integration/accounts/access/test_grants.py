"""Whoever acts holds a dated function and the grant of his account: one without the other opens nothing."""

from datetime import timedelta
from importlib import import_module
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from guardian.models import UserObjectPermission, UserObjectPermissionBase

from accounts.access.models import OrganisationGrant
from accounts.authentication.commands import open_account
from accounts.authentication.records import OpenAccount
from accounts.authentication.sessions import situations_of
from accounts.kernel.actor import Channel, Role, system_actor
from accounts.kernel.clock import today
from accounts.organisations.directory import establishment_of
from accounts.organisations.functions import close_function, open_function, open_functions
from accounts.organisations.models import Membership
from accounts.organisations.tasks import end_grants
from tests.factories.accounts import PASSWORD, account
from tests.factories.people import actor, organisation
from tests.support import tree
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


def roles(user):
    return [function.role for function in situations_of(user)]


def grants(user):
    return sorted(OrganisationGrant.objects.filter(user=user).values_list("permission__codename", flat=True))


def test_a_grant_goes_with_each_function_from_its_first_to_its_last_day():
    user = account(Role.NURSE)
    second = open_function(user.professional_id, organisation().id, Role.PHYSICIAN, ends_on=today())
    assert (sorted(roles(user)), grants(user)) == (["infirmier", "medecin"], ["infirmier", "medecin"])
    close_function(second)
    assert (roles(user), grants(user)) == (["infirmier"], ["infirmier"])


def test_a_function_that_begins_again_keeps_its_grant():
    user = account(Role.NURSE)
    first = Membership.objects.get(professional=user.professional_id)
    Membership.objects.filter(pk=first.pk).update(ends_on=today())
    first.refresh_from_db()
    open_function(user.professional_id, first.organisation_id, Role.NURSE)
    close_function(first)
    assert (roles(user), grants(user)) == (["infirmier"], ["infirmier"])


def test_of_the_functions_of_every_date_it_tells_those_that_are_held_today():
    user = account(Role.NURSE)
    day, whole = timedelta(days=1), organisation(name="Tout le centre (fictif)")
    site = organisation(name="Un site (fictif)", part_of=whole)
    told = {}
    for at, (starts, ends) in enumerate(
        ((-day, None), (0 * day, 0 * day), (-3 * day, -day), (day, None), (day, 2 * day))
    ):
        unit = organisation(name=f"Service {at} (fictif)", part_of=site)
        row = open_function(user.professional_id, unit.id, Role.PHYSICIAN)
        row.starts_on, row.ends_on = today() + starts, None if ends is None else today() + ends
        row.save()
        told[unit.id] = row
    ended = open_function(user.professional_id, organisation().id, Role.NURSE)
    close_function(ended)
    found = [one for one in situations_of(user) if one.role == Role.PHYSICIAN]
    assert [one.id for one in found] == [row.id for row in told.values() if row.is_present(today())]
    assert len(found) == 2
    for one in found:
        row = told[one.organisation_id]
        assert one.establishment == establishment_of(row.organisation) == {site.id, whole.id}
        assert (one.organisation_name, one.finess) == (row.organisation.name, row.organisation.finess or "")
        assert one.places == {place.finess for place in (row.organisation, site, whole) if place.finess}
        assert (one.professional_id, one.professional_name) == (user.professional_id, row.professional.display_name)


def test_a_session_ends_at_the_next_request_when_its_grant_is_gone():
    nurse = actor(Role.NURSE)
    client = signed_in(nurse)
    assert client.get("/").status_code == 200
    OrganisationGrant.objects.filter(user_id=nurse.id).delete()
    answer = client.get("/")
    assert answer.status_code == 403
    assert "fonction" in answer.content.decode()


def test_a_function_written_past_the_gate_opens_nothing():
    """Somebody who writes himself a function still lacks the grant, which another table keeps."""
    user = account(Role.NURSE)
    Membership.objects.create(professional=user.professional, organisation=organisation(), role=Role.PRIVACY_OFFICER)
    assert roles(user) == ["infirmier"]


def test_a_grant_opens_one_function_of_one_organisation_for_one_account():
    user, colleague = account(Role.NURSE), account(Role.PHYSICIAN)
    here = Membership.objects.get(professional=user.professional).organisation
    Membership.objects.create(professional=colleague.professional, organisation=here, role=Role.NURSE)
    Membership.objects.create(professional=user.professional, organisation=here, role=Role.PHYSICIAN)
    Membership.objects.create(professional=user.professional, organisation=organisation(), role=Role.NURSE)
    assert (roles(user), roles(colleague)) == (["infirmier"], ["medecin"])


def test_a_grant_alone_opens_nothing_and_is_found_and_taken_back():
    user = account(Role.NURSE)
    call_command("check_grants", stdout=StringIO())
    Membership.objects.filter(professional=user.professional).update(
        starts_on=today() - timedelta(days=9), ends_on=today() - timedelta(days=1)
    )
    assert roles(user) == []
    with pytest.raises(CommandError, match=f"{user.pk}: infirmier"):
        call_command("check_grants")
    assert end_grants() == 1
    call_command("check_grants", stdout=StringIO())


def test_a_function_to_come_keeps_its_grant():
    user = account(Role.NURSE)
    Membership.objects.filter(professional=user.professional).update(starts_on=today() + timedelta(days=3))
    assert (roles(user), end_grants(), grants(user)) == ([], 0, ["infirmier"])


def test_an_account_opened_later_gets_what_its_holder_held_already():
    here, nurse = organisation(), actor(Role.NURSE)
    holder = Membership.objects.get(professional_id=nurse.professional_id).professional
    record = OpenAccount(
        username="tard.venue", password=PASSWORD, rpps=holder.rpps, family="", given="", organisation_id=here.id,
        role=Role.PHYSICIAN,
    )  # fmt: skip
    open_account(record, by=system_actor("console", channel=Channel.CONSOLE))
    assert grants(get_user_model().objects.get(username="tard.venue")) == ["infirmier", "medecin"]


def test_an_imported_function_is_granted_to_who_has_an_account():
    user, here = account(Role.NURSE), organisation()
    unknown = Membership.objects.get(professional_id=actor(Role.NURSE).professional_id).professional
    wanted = [(user.professional_id, here.id, Role.NURSE), (unknown.id, here.id, Role.NURSE)]
    assert open_functions(wanted) == 2
    assert open_functions(wanted) == 0
    assert OrganisationGrant.objects.filter(content_object=here).count() == 1


def test_accounts_of_before_go_on_acting():
    """The migration grants what is held, and nothing that ended."""
    user = account(Role.NURSE)
    ended = open_function(user.professional_id, organisation().id, Role.PHYSICIAN)
    Membership.objects.filter(pk=ended.pk).update(
        starts_on=today() - timedelta(days=9), ends_on=today() - timedelta(days=1)
    )
    OrganisationGrant.objects.all().delete()
    import_module("accounts.migrations.0017_grants").grant_what_is_held(apps, None)
    assert (roles(user), grants(user)) == (["infirmier"], ["infirmier"])


def test_guardian_decides_nothing_by_itself(settings):
    """No backend of its own, no row per patient: what it keeps is asked by the place that makes an actor."""
    assert not [one for one in settings.AUTHENTICATION_BACKENDS if "guardian" in one]
    kept = [model for model in apps.get_models() if issubclass(model, UserObjectPermissionBase)]
    assert {model._meta.label for model in kept} == {
        "guardian.UserObjectPermission",
        "accounts.OrganisationGrant",
        "pathway.CaseGrant",
    }
    assert not UserObjectPermission.objects.exists()


def test_its_rows_are_written_in_one_place():
    named = {
        path.relative_to(tree.ROOT).as_posix()
        for path in tree.files(".py")
        if "OrganisationGrant" in path.read_text("utf-8") and not {"tests", "migrations"} & set(path.parts)
    }
    assert named == {"accounts/access/grants.py", "accounts/access/models.py"}
