"""The pages of identity vigilance: who reaches them, what they tell, and where an old address leads."""

from uuid import uuid4

import pytest

from accounts.access.circle import enter
from accounts.access.records import OpenMembership
from accounts.access.states import Basis
from accounts.authentication.sessions import AUTHENTICATED_AT
from accounts.kernel.actor import Mandate, Role
from accounts.organisations.functions import close_function, open_function
from accounts.organisations.models import Membership
from accounts.people.models import IdentityAlert, Person
from accounts.vigilance.models import IdentityMerge
from accounts.vigilance.states import MergeState
from tests.factories import directives, identities, people
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return identities.pair()


def ways(pair, merge=None):
    person, other = pair.kept_id, pair.merged_id
    found = [
        f"/personnes/{person}/comparer/",
        f"/personnes/{person}/comparer/{other}/",
        f"/personnes/{person}/comparer/{other}/reunir/",
    ]
    return [*found, f"/identites/fusions/{merge.pk}/"] if merge else found


def filled(pair, **fields):
    return {
        "kept": str(pair.kept_id), "reason": identities.WHY, "person_version": "1", "other_version": "1", **fields,
    }  # fmt: skip


def text(response):
    return response.content.decode()


def test_from_the_alert_to_one_record_and_back(pair):
    client = signed_in(pair.officer)
    alerts = text(client.get("/personnes/identites/"))
    way = ways(pair)[1]
    assert "Comparer les deux dossiers" in alerts
    shown = text(client.get(way))
    assert "INS qualifiée" in shown
    assert "Identité provisoire" in shown
    assert "C’est la même personne\N{NO-BREAK SPACE}: réunir" in shown
    assert client.get(f"{way}reunir/").status_code == 200
    done = client.post(f"{way}reunir/", filled(pair))
    merge = IdentityMerge.objects.get()
    assert done["Location"] == f"/identites/fusions/{merge.pk}/"
    page = text(client.get(done["Location"]))
    assert identities.WHY in page
    assert "Séparer les deux dossiers" in page
    assert "Deux dossiers de cette personne ont été réunis" in text(client.get(f"/personnes/{pair.kept_id}/"))
    assert str(merge.pk) in text(client.get("/identites/fusions/"))
    assert "Comparer les deux dossiers" not in text(client.get("/personnes/identites/"))
    parting = client.post(done["Location"], {"version": merge.version, "reason": identities.MISTAKE})
    assert parting.status_code == 302
    assert IdentityMerge.objects.get().state == MergeState.PARTED
    assert "séparés de nouveau" in text(client.get(done["Location"]))


def test_a_refused_merge_says_what_to_do_and_keeps_what_was_typed(pair):
    client = signed_in(pair.officer)
    way = ways(pair)[2]
    refused = client.post(way, filled(pair, kept=str(pair.merged_id)))
    assert refused.status_code == 422
    assert "Gardez le dossier dont l’INS est qualifiée" in text(refused)
    assert identities.WHY in text(refused)
    assert client.post(way, filled(pair, reason="pareil")).status_code == 422
    assert not IdentityMerge.objects.exists()


def test_what_must_be_settled_first_stands_on_the_comparison(pair):
    for person_id in (pair.kept_id, pair.merged_id):
        enter(OpenMembership(person_id=person_id, organisation_id=people.organisation().id, basis=Basis.SAME_TEAM))
    Person.objects.filter(pk=pair.merged_id).update(died_on="2026-01-02")
    shown = text(signed_in(pair.officer).get(ways(pair)[1]))
    assert "À régler avant de pouvoir réunir" in shown
    assert "ne disent pas la même chose du décès" in shown
    assert "réunir/" not in shown


def test_the_other_record_is_found_from_the_person_s_page(pair):
    client = signed_in(pair.officer)
    assert f"/personnes/{pair.kept_id}/comparer/" in text(client.get(f"/personnes/{pair.kept_id}/"))
    name = Person.objects.get(pk=pair.merged_id).birth_name
    found = client.post(ways(pair)[0], {"q": name})
    assert ways(pair)[1] in text(found)
    assert ways(pair)[0] + str(pair.kept_id) not in text(found)


def test_only_who_holds_the_mandate_here_reaches_the_pages(pair):
    merge = identities.merged(identities.Pair(pair.hospital, pair.officer, pair.nurse, pair.kept_id, pair.merged_id))
    identities.parted(merge, pair)
    colleague = signed_in(people.actor(Role.PHYSICIAN, pair.hospital))
    strangers = [signed_in(people.identity_officer(Role.PHYSICIAN)), signed_in(people.actor(Role.PHYSICIAN))]
    nurse = signed_in(pair.nurse)
    for way in ways(pair, merge):
        assert colleague.get(way).status_code in (403, 404), way
        assert nurse.get(way).status_code == 404, way
        for stranger in strangers:
            assert stranger.get(way).status_code == 404, way
        assert signed_in(pair.officer).get(way).status_code == 200, way
    assert colleague.get("/identites/fusions/").status_code == 403
    assert "Comparer les deux dossiers" not in text(colleague.get("/personnes/identites/"))
    assert "/comparer/" not in text(colleague.get(f"/personnes/{pair.kept_id}/"))


def test_a_mandate_elsewhere_or_ended_opens_nothing_here(pair):
    client = signed_in(pair.officer)
    assert client.get(ways(pair)[1]).status_code == 200
    held = Membership.objects.get(professional_id=pair.officer.professional_id, role="identitovigilance")
    close_function(held)
    open_function(pair.officer.professional_id, people.organisation().id, Mandate.IDENTITY_VIGILANCE)
    assert client.get(ways(pair)[1]).status_code == 403


def test_both_factors_are_asked_before_merging_and_parting(pair):
    client = signed_in(pair.officer)
    session = client.session
    session[AUTHENTICATED_AT] -= 360
    session.save()
    assert client.get(ways(pair)[1]).status_code == 200
    for answer in (client.get(ways(pair)[2]), client.post(ways(pair)[2], filled(pair))):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/compte/confirmer/")
    assert not IdentityMerge.objects.exists()


def test_an_old_address_leads_on_for_who_may_see_her_and_is_unknown_to_others(pair):
    directives.directive(pair.merged_id, people.actor(Role.PHYSICIAN, pair.hospital))
    identities.merged(pair)
    client, stranger = signed_in(pair.nurse), signed_in(people.actor(Role.NURSE))
    for page in ("", "cercle/", "directives/"):
        there = client.get(f"/personnes/{pair.merged_id}/{page}")
        assert there["Location"] == f"/personnes/{pair.kept_id}/{page}"
        assert client.get(there["Location"]).status_code == 200
        old, never = (stranger.get(f"/personnes/{one}/{page}") for one in (pair.merged_id, uuid4()))
        assert old.status_code == never.status_code == 404
    assert client.post(f"/personnes/{pair.merged_id}/coordonnees/", {}).status_code == 404


def test_a_physician_says_that_he_read_what_came_from_both(pair):
    physician = people.actor(Role.PHYSICIAN, pair.hospital)
    for person_id in (pair.kept_id, pair.merged_id):
        directives.directive(person_id, physician)
    merge = identities.merged(pair)
    page = f"/personnes/{pair.kept_id}/"
    assert "Un médecin doit relire" in text(signed_in(pair.nurse).get(page))
    assert "Documents de deux dossiers à relire" in text(signed_in(pair.nurse).get(f"{page}cercle/"))
    assert "J’ai relu" not in text(signed_in(pair.nurse).get(page))
    known = people.actor(Role.NURSE)
    enter(OpenMembership(person_id=pair.kept_id, organisation_id=known.organisation_id, basis=Basis.KNOWN))
    assert "à relire" not in text(signed_in(known).get(page))
    client = signed_in(physician)
    assert "J’ai relu" in text(client.get(page))
    assert client.post(f"/identites/fusions/{merge.pk}/relu/", {"version": merge.version})["Location"] == page
    assert "Un médecin doit relire" not in text(client.get(page))
    assert (
        signed_in(people.actor(Role.PHYSICIAN)).post(f"/identites/fusions/{merge.pk}/relu/", {"version": 2}).status_code
        == 404
    )


def test_a_comparison_tells_how_many_never_what(pair):
    words = "Je veux rester chez moi CANARICONFIDENCE"
    physician = people.actor(Role.PHYSICIAN, pair.hospital)
    directives.directive(pair.merged_id, physician, text=words)
    people.relative(pair.merged_id, pair.nurse, family="MERLANDOISE")
    shown = text(signed_in(pair.officer).get(ways(pair)[1]))
    assert "Directives anticipées" in shown
    assert "CANARICONFIDENCE" not in shown
    assert "MERLANDOISE" not in shown


def test_what_a_colleague_took_for_one_person_waits_for_the_mandate(pair):
    alert = IdentityAlert.objects.get()
    colleague = signed_in(people.actor(Role.PHYSICIAN, pair.hospital))
    colleague.post("/personnes/identites/", {"alert_id": str(alert.pk), "same": "yes"})
    assert str(alert.pk) not in text(colleague.get("/personnes/identites/"))
    seen = text(signed_in(pair.officer).get("/personnes/identites/"))
    assert "Un collègue pense que c’est la même personne" in seen
