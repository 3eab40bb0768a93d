"""Every address that names something, asked by a social worker of a person's circle: what opens, and what it tells."""

import pytest

from accounts.kernel.actor import Role
from ppa.plans.commands import start_need, write_topic
from ppa.plans.models import Plan, PlannedAction
from ppa.plans.records import AddNeed, FirstAction, StartNeed, WriteTopic
from ppa.plans.states import Words
from tests.factories.whole_story import CALL, ILLNESS, NEED, RELATIVE, WISH
from tests.matrix.world import Place, Visitor, address_of, our_routes
from tests.support.undone import undone

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PERSON = "personnes/<uuid:person_id>/"
OPEN = {
    PERSON, f"{PERSON}cercle/", f"{PERSON}proches/", f"{PERSON}directives/", f"{PERSON}directives/<uuid:directive_id>/",
    f"{PERSON}plan/social/", f"{PERSON}plan/social/themes/<slug:code>/", f"{PERSON}plan/actions/<uuid:action_id>/suivi/",
    "dossiers/<uuid:case_id>/", "dossiers/parcours/<uuid:person_id>/", "structures/<uuid:offer_id>/",
}  # fmt: skip
MONEY, ALLOWANCE = "Le loyer pèse CANARILOYER", "Demander l’APA CANARIAIDE"
NEVER_TOLD = (WISH.split()[-1], NEED.split()[-1], CALL, ILLNESS.split()[-1])


@pytest.fixture
def worker(world):
    return Visitor(Role.SOCIAL_WORKER, Place.COORDINATION)


@pytest.fixture
def action_id(world, worker):
    """The social part is written: one topic, one need with its action."""
    with undone():
        plan = Plan.objects.get(pk=world.plan_id)
        coordinator = world.actor(Visitor(Role.COORDINATOR, Place.COORDINATION))
        write_topic(WriteTopic(plan_id=plan.id, code="rights", text=MONEY, version=0), by=coordinator)
        need = StartNeed(
            need=AddNeed(plan_id=plan.id, text="Payer le loyer", topic="rights"), goal="Rester dans l’appartement",
            words=Words.PERSON, action=FirstAction(what=ALLOWANCE, who="Assistante sociale"),
        )  # fmt: skip
        start_need(need, by=coordinator)
        yield PlannedAction.objects.get(goal__need__topic="rights").id


def test_each_address(world, worker, action_id):
    client = world.client(worker)
    ids = {**world.ids_at(worker.place), "action_id": action_id, "code": "rights"}
    opened, told = set(), []
    for pattern in (one for one in our_routes() if "<" in one):
        response = client.get(address_of(pattern, ids))
        assert response.status_code in (200, 302, 403, 404, 405), pattern
        if response.status_code == 200:
            opened.add(pattern)
            body = b"".join(response) if response.streaming else response.content
            told += [(pattern, one) for one in NEVER_TOLD if one.encode() in body]
    assert told == []
    assert opened == OPEN


def test_what_she_reads(world, worker, action_id):
    client, ids = world.client(worker), world.ids_at(worker.place)
    desk, person = client.get("/").content.decode(), client.get(address_of(PERSON, ids)).content.decode()
    part = client.get(address_of(f"{PERSON}plan/social/", ids)).content.decode()
    for page in (desk, person, part):
        assert ALLOWANCE in page
    for page in (person, part):
        assert MONEY in page
    assert RELATIVE in person
    assert "Directives anticipées" in person
    assert f"{ids['person_id']}/plan/social/" in desk + person
    assert "/pdf/" not in person + part


def test_what_she_writes(world, worker, action_id):
    """Social topics and the actions about social needs; nothing else of the plan, which is as unknown to her as what is not there."""
    client, ids = world.client(worker), {**world.ids_at(worker.place), "code": "rights"}
    address = address_of(f"{PERSON}plan/social/themes/<slug:code>/", ids)
    assert client.post(address, {"text": "Loyer réglé", "version": 1}).status_code == 302
    assert "Loyer réglé" in client.get(address).content.decode()
    follow = f"{PERSON}plan/actions/<uuid:action_id>/suivi/"
    done = {"status": "done", "version": 1, "outcome": "Accordée"}
    assert client.post(address_of(follow, {**ids, "action_id": action_id}), done).status_code == 302
    assert PlannedAction.objects.get(pk=action_id).status == "done"
    assert client.post(address_of(follow, ids), done).status_code == 404
    for code in ("what_matters", "health"):
        other = address_of(f"{PERSON}plan/social/themes/<slug:code>/", {**ids, "code": code})
        assert client.get(other).status_code == 404
        assert client.post(other, {"text": "x", "version": 0}).status_code == 404
