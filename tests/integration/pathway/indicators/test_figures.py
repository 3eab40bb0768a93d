"""Published figures: counted once, small ones hidden, read by outsiders without a look at any live row."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.kernel.actor import Role, system_actor
from accounts.kernel.clock import PARIS
from accounts.kernel.ids import new_id
from accounts.kernel.models import Transition
from accounts.organisations.models import Organisation
from accounts.people.models import Person
from pathway.indicators.commands import publish_month
from pathway.indicators.models import PublishedFigure
from pathway.indicators.records import PublishMonth
from pathway.indicators.tasks import publish_settled_months
from tests.factories import people
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db
IN_OCTOBER = datetime(2026, 10, 14, 12, tzinfo=PARIS)
OCTOBER = PublishMonth(month=IN_OCTOBER.date().replace(day=1))
LIVE = (
    "accounts_person",
    "accounts_transition",
    "ppa_",
    "pathway_request",
    "pathway_case",
    "accounts_circlemembership",
)


def persons(departement, number):
    rows = [
        Person(
            id=new_id(), status="PROV", birth_name="Exemple", birth_given_names=["Test"], birth_date=IN_OCTOBER.date(),
            birth_year=1950, sex="female", departement=departement,
        )
        for _ in range(number)
    ]  # fmt: skip
    return Person.objects.bulk_create(rows)


def deeds(found, aggregate, deed, *, organisation=None, times=1):
    Transition.objects.bulk_create(
        Transition(
            aggregate_type=aggregate, aggregate_id=uuid4(), aggregate_version=1, person_id=person.id, deed=deed,
            happened_at=IN_OCTOBER, actor_role="medecin", organisation_id=organisation.id if organisation else None,
        )
        for person in found
        for _ in range(times)
    )  # fmt: skip


@pytest.fixture
def published():
    """October: 14 persons sent a request in one territory (twice each), 3 in the other."""
    one, other = people.coordination(departement="21"), people.coordination(departement="39")
    deeds(persons("21", 14), "referral", "send", organisation=one, times=2)
    deeds(persons("39", 3), "referral", "send", organisation=other)
    deeds(persons("21", 12), "plan", "sign", organisation=one)
    publish_month(OCTOBER, by=system_actor("test"))
    return one, other


def shown(actor):
    response = signed_in(actor).get("/statistiques/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_regional_reader_sees_no_small_figure_and_none_that_gives_it_away(published):
    text = shown(people.actor(Role.REGIONAL_READER))
    assert "&lt; 11" in text
    assert "non communiqué" in text, "the other territory or the total is kept back with the small one"
    assert ">3<" not in text
    stored = PublishedFigure.objects.filter(cube="territory", kind="request")
    assert {row.value for row in stored} & {3, 17} == set()


def test_persons_are_counted_once(published):
    row = PublishedFigure.objects.get(cube="organisation", kind="request", place=str(published[0].id))
    assert row.value == 14


def test_a_regional_reader_never_touches_a_live_table(published):
    client = signed_in(people.actor(Role.REGIONAL_READER))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get("/statistiques/")
        client.get("/statistiques/2026-10.csv")
    touched = [query["sql"] for query in queries if any(name in query["sql"] for name in LIVE)]
    assert touched == []


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.BED_MANAGER])
def test_a_structure_reads_its_own_figures_and_no_others(published, role):
    text = shown(people.actor(role, Organisation.objects.get(pk=published[1].id)))
    assert "Votre structure" in text
    assert "Ensemble" not in text
    assert published[0].territory.name not in text


@pytest.mark.parametrize("role", [Role.PHYSICIAN, Role.NURSE, Role.SOCIAL_WORKER, Role.TECHNICAL_ADMIN])
def test_others_have_no_figures(published, role):
    client = signed_in(people.actor(role))
    assert client.get("/statistiques/").status_code == 403
    assert client.get("/statistiques/2026-10.csv").status_code in (403, 404)


def test_the_file_says_what_the_page_says(published):
    response = signed_in(people.actor(Role.REGIONAL_READER)).get("/statistiques/2026-10.csv")
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "mois;lieu;situation;personnes"
    assert any(line.endswith("< 11") for line in lines)
    assert not any(line.endswith((";3", ";17")) for line in lines)


@pytest.mark.parametrize("role", [Role.REGIONAL_READER, Role.COORDINATOR, Role.BED_MANAGER])
def test_each_function_with_figures_takes_them_away_as_a_file(published, role):
    client = signed_in(people.actor(role, Organisation.objects.get(pk=published[0].id)))
    assert "octobre 2026" in client.get("/statistiques/").content.decode().lower()
    assert client.get("/statistiques/2026-10.csv").content.decode("utf-8-sig").startswith("mois;lieu;")


def test_a_published_month_never_changes(published):
    before = sorted(PublishedFigure.objects.values_list("id", "value"))
    deeds(persons("39", 40), "referral", "send")
    publish_month(OCTOBER, by=system_actor("test"))
    assert sorted(PublishedFigure.objects.values_list("id", "value")) == before
    row = PublishedFigure.objects.order_by("id").first()
    row.value = 99
    with pytest.raises(TypeError):
        row.save()


def test_the_nightly_job_publishes_what_is_settled(clock):
    people.coordination()
    clock.move_to(datetime(2026, 11, 3, 3, tzinfo=PARIS))
    publish_settled_months()
    assert not PublishedFigure.objects.filter(month=OCTOBER.month).exists()
    clock.move_to(datetime(2026, 11, 7, 3, tzinfo=PARIS))
    assert publish_settled_months() == 1
    assert publish_settled_months() == 0
    assert PublishedFigure.objects.filter(month=OCTOBER.month).exists()
