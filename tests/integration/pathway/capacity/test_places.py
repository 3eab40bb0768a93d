"""Declaring, holding and giving back places through the commands and the screen."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.access.gate import open_trail
from accounts.access.unit import together
from accounts.kernel import clock
from accounts.kernel.actor import Role, system_actor
from accounts.kernel.clock import in_hours
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, TransitionRefused, VersionMissing
from pathway.capacity.commands import declare_places, hold_place, release_hold, use_hold
from pathway.capacity.models import CapacityObservation, Hold, Places
from pathway.capacity.queries import held_places, places_for, places_of, places_snapshot
from pathway.capacity.records import DeclarePlaces, HoldPlace, ReleaseHold, UseHold
from pathway.capacity.rules import CapacityUnknown, FewerThanHeld, LineAlreadyHolds, MoreThanInstalled, NoPlaceFree
from pathway.capacity.tasks import lapse_holds
from tests.factories import people, structures
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer():
    return structures.offer(places="4")


@pytest.fixture
def manager(offer):
    return structures.bed_manager(offer)


def _hold(offer, by, line_id=None):
    return hold_place(HoldPlace(offer_id=offer.id, line_id=line_id or uuid4(), until=in_hours(24)), by=by).id


def _figures(offer):
    places = places_snapshot(offer.id)
    return places.available, places.held, places.free


def test_a_figure_is_declared_confirmed_and_kept_in_history(offer, manager):
    structures.declared(offer, 3, manager)
    declare_places(DeclarePlaces(offer_id=offer.id, available=3, version=1), by=manager)
    assert _figures(offer) == (3, 0, 3)
    assert [row.count for row in CapacityObservation.objects.order_by("observed_at", "id")] == [3, 3]
    with open_trail():
        shown = places_of(offer.id, actor=people.actor(Role.COORDINATOR))
    assert (shown.age, shown.is_stale, shown.version) == ("à l’instant", False, 2)


def test_nobody_has_said_yet(offer):
    places = places_snapshot(offer.id)
    assert (places.available, places.free, places.is_stale, places.version) == (None, None, True, 0)


def test_a_figure_is_not_declared_for_others_nor_blindly_nor_out_of_bounds(offer, manager):
    with pytest.raises(NotAllowed):
        structures.declared(offer, 1, people.actor(Role.BED_MANAGER))
    with pytest.raises(NotAllowed):
        structures.declared(offer, 1, people.actor(Role.NURSE, offer.organisation))
    with pytest.raises(VersionMissing):
        declare_places(DeclarePlaces(offer_id=offer.id, available=1, version=None), by=manager)
    with pytest.raises(MoreThanInstalled):
        structures.declared(offer, 5, manager)
    structures.declared(offer, 2, manager)
    with pytest.raises(StaleVersion):
        structures.declared(offer, 3, manager)
    with pytest.raises(NotFound):
        declare_places(DeclarePlaces(offer_id=uuid4(), available=1, version=0), by=manager)
    assert _figures(offer) == (2, 0, 2)


def test_held_places_are_no_longer_free_and_the_last_one_is_refused(offer, manager):
    with pytest.raises(CapacityUnknown):
        _hold(offer, manager)
    structures.declared(offer, 1, manager)
    line_id = uuid4()
    hold_id = _hold(offer, manager, line_id)
    assert _figures(offer) == (1, 1, 0)
    assert held_places([line_id, uuid4()])[line_id].id == hold_id
    with pytest.raises(NoPlaceFree) as refusal:
        _hold(offer, manager)
    assert "aucune place libre" in refusal.value.message
    with pytest.raises(FewerThanHeld):
        declare_places(DeclarePlaces(offer_id=offer.id, available=0, version=2), by=manager)
    assert _figures(offer) == (1, 1, 0)


def test_a_line_holds_one_place(offer, manager):
    structures.declared(offer, 3, manager)
    line_id = uuid4()
    _hold(offer, manager, line_id)
    with pytest.raises(LineAlreadyHolds):
        _hold(offer, manager, line_id)


def test_another_structure_holds_nothing_here(offer, manager):
    structures.declared(offer, 3, manager)
    with pytest.raises(NotAllowed):
        _hold(offer, people.actor(Role.PHYSICIAN))
    assert not Hold.objects.exists()


def test_a_released_place_is_free_again_and_is_released_once(offer, manager):
    structures.declared(offer, 2, manager)
    hold_id = _hold(offer, manager)
    release_hold(ReleaseHold(hold_id=hold_id, reason="declined"), by=manager)
    assert _figures(offer) == (2, 0, 2)
    with pytest.raises(TransitionRefused):
        release_hold(ReleaseHold(hold_id=hold_id), by=manager)
    with pytest.raises(TransitionRefused):
        use_hold(UseHold(hold_id=hold_id), by=manager)
    assert _figures(offer) == (2, 0, 2)


def test_a_used_place_is_occupied_and_the_figure_keeps_its_age(offer, manager):
    structures.declared(offer, 2, manager)
    seen = places_snapshot(offer.id).observed_at
    use_hold(UseHold(hold_id=_hold(offer, manager)), by=manager)
    assert _figures(offer) == (1, 0, 1)
    assert places_snapshot(offer.id).observed_at == seen
    assert CapacityObservation.objects.filter(source="admission").get().count == 1


def test_the_admission_of_one_structure_releases_the_hold_of_another_in_one_transaction(offer, manager):
    elsewhere = structures.offer()
    other = structures.bed_manager(elsewhere)
    structures.declared(offer, 1, manager)
    structures.declared(elsewhere, 1, other)
    used, released = _hold(offer, manager), _hold(elsewhere, other)

    @together
    def admit(record, run):
        run(use_hold, UseHold(hold_id=used))
        return run(
            release_hold, ReleaseHold(hold_id=released, reason="admitted-elsewhere"), by=system_actor("admission")
        )

    with pytest.raises(NotAllowed):
        release_hold(ReleaseHold(hold_id=released), by=manager)
    admit(None, by=manager)
    assert (_figures(offer), _figures(elsewhere)) == ((0, 0, 0), (1, 0, 1))


def test_a_hold_whose_time_is_over_lapses_once(offer, manager, monkeypatch):
    structures.declared(offer, 1, manager)
    hold_id = _hold(offer, manager)
    assert lapse_holds() == 0
    later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr("pathway.capacity.queries.now", lambda: later)
    assert lapse_holds() == 1
    assert lapse_holds() == 0
    assert Hold.objects.get(pk=hold_id).state == "lapsed"
    assert _figures(offer) == (1, 0, 1)


def test_the_database_refuses_more_held_than_available(offer, manager):
    structures.declared(offer, 1, manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        Places.objects.update(held=2)


def test_places_cost_the_same_for_one_and_five(django_assert_num_queries):
    offers = [structures.offer().id for _ in range(5)]
    actor = people.actor(Role.PHYSICIAN)
    with open_trail():
        for some in (offers[:1], offers):
            with django_assert_num_queries(1):
                assert set(places_for(some, actor=actor)) == set(some)


def test_the_bed_manager_declares_and_confirms_on_one_page(offer, manager):
    client, url = signed_in(manager), reverse("capacity:declare", args=[offer.id])
    assert "Pas encore déclaré" in client.get(reverse("capacity:mine")).content.decode()
    assert client.post(url, {"available": 2, "version": 0}).status_code == 302
    shown = client.get(reverse("capacity:mine")).content.decode()
    assert "Libres\N{NO-BREAK SPACE}: 2" in shown
    assert 'name="version" value="1"' in shown
    assert client.post(url, {"available": 2, "version": 1}).status_code == 302
    assert _figures(offer) == (2, 0, 2)
    refused = client.post(url, {"available": 9, "version": 2})
    assert refused.status_code == 422
    assert "Places installées" in refused.content.decode()
    assert client.get(url).status_code == 405


def test_other_structures_and_other_functions_do_not_declare(offer):
    url = reverse("capacity:declare", args=[offer.id])
    assert signed_in(people.actor(Role.BED_MANAGER)).post(url, {"available": 1, "version": 0}).status_code == 404
    assert signed_in(people.actor(Role.COORDINATOR)).post(url, {"available": 1, "version": 0}).status_code == 404
    assert signed_in(people.actor(Role.COORDINATOR)).get(reverse("capacity:mine")).status_code == 403
    assert not Places.objects.exists()
