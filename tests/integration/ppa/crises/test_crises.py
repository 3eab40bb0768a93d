"""What may happen and the drugs prescribed ahead: who writes, what is kept, how the plan holds them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access.gate import open_trail
from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion
from accounts.organisations.models import Professional
from accounts.people.commands import mark_deceased
from accounts.people.records import MarkDeceased
from ppa.crises.commands import (
    check_drugs_at_home,
    describe_crisis,
    prescribe_ahead,
    reword_crisis,
    stop_prescription,
    withdraw_crisis,
)
from ppa.crises.models import HomeCheck, Prescription
from ppa.crises.queries import crises_of
from ppa.crises.records import (
    CheckHome,
    DescribeCrisis,
    PrescribeAhead,
    RewordCrisis,
    StopPrescription,
    WithdrawCrisis,
)
from ppa.crises.rules import MaximumOutOfReach, PersonHasDied, PrescriptionStopped
from ppa.crises.states import Found
from ppa.plans.commands import sign_version
from ppa.plans.queries import plan_of, version_for
from ppa.plans.records import SignVersion
from ppa.plans.rules import ContentChanged
from tests.factories import crises, people, plans
from tests.support.screens import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return plans.team()


def read(team, actor=None):
    with open_trail():
        return crises_of(team.person_id, actor=actor or team.nurse)


def url(name, team, *args):
    return reverse(f"crises:{name}", args=[team.person_id, *args])


def check(prescription_id, found=Found.PRESENT, **fields):
    return CheckHome(prescription_id=prescription_id, checked_on=today(), found=found, **fields)


def test_a_physician_foresees_and_prescribes_and_the_circle_reads_it(team):
    crises.foreseen(team.person_id, team.physician)
    for actor in (team.coordinator, team.nurse, team.physician):
        (crisis,) = read(team, actor)
        (drug,) = crisis.prescriptions
        assert (crisis.title, drug.dose_label, drug.max_label) == ("Douleur", "5\u00a0mg", "30\u00a0mg")
        assert drug.prescriber_id == team.physician.professional_id
    with pytest.raises(NotFound):
        read(team, people.actor(Role.PHYSICIAN))


def test_only_a_physician_of_the_circle_writes(team):
    record = DescribeCrisis(person_id=team.person_id, told=crises.told())
    for actor in (team.nurse, team.coordinator):
        with pytest.raises(NotAllowed):
            describe_crisis(record, by=actor)
    with pytest.raises(NotFound):
        describe_crisis(record, by=people.actor(Role.PHYSICIAN))
    crisis_id = crises.crisis(team.person_id, team.physician)
    with pytest.raises(NotAllowed):
        prescribe_ahead(PrescribeAhead(crisis_id=crisis_id, order=crises.order()), by=team.nurse)


def test_a_prescription_that_cannot_be_right_leaves_nothing(team):
    crisis_id = crises.crisis(team.person_id, team.physician)
    record = PrescribeAhead(crisis_id=crisis_id, order=crises.order(max_24h=crises.order().max_24h * 2))
    with pytest.raises(MaximumOutOfReach):
        prescribe_ahead(record, by=team.physician)
    assert not Prescription.objects.exists()


def test_another_dose_is_another_prescription_and_the_former_stays_in_the_history(team):
    crisis = crises.foreseen(team.person_id, team.physician)
    former = crisis.prescriptions[0].id
    order = crises.order(dose=crises.order().dose / 2, max_24h=crises.order().max_24h / 2)
    record = PrescribeAhead(crisis_id=crisis.id, order=order, replaces_id=former)
    prescribe_ahead(record, by=team.physician)
    (held,) = read(team)[0].prescriptions
    assert held.dose_label == "2,5\u00a0mg"
    assert Prescription.objects.get(pk=former).stopped_at is not None
    with pytest.raises(PrescriptionStopped):
        prescribe_ahead(record, by=team.physician)
    with pytest.raises(PrescriptionStopped):
        check_drugs_at_home(check(former), by=team.nurse)


def test_what_is_found_at_home_is_kept_each_time_and_the_last_look_counts(team):
    drug = crises.foreseen(team.person_id, team.physician).prescriptions[0].id
    check_drugs_at_home(check(drug, Found.ABSENT), by=team.coordinator)
    check_drugs_at_home(check(drug, expires_on=today() + timedelta(days=90), note="10 ampoules"), by=team.nurse)
    home = read(team)[0].prescriptions[0].home
    assert (home.found, home.note, home.checker) == (
        Found.PRESENT,
        "10 ampoules",
        Professional.objects.get(pk=team.nurse.professional_id).display_name,
    )
    assert HomeCheck.objects.count() == 2


def test_a_crisis_that_is_withdrawn_stops_its_drugs_and_takes_nothing_more(team):
    crisis = crises.foreseen(team.person_id, team.physician)
    withdraw_crisis(WithdrawCrisis(crisis_id=crisis.id, version=crisis.version), by=team.physician)
    assert read(team) == ()
    assert not Prescription.objects.filter(stopped_at=None).exists()
    with pytest.raises(PrescriptionStopped):
        crises.prescription(crisis.id, team.physician)


def test_two_who_change_the_same_crisis_do_not_overwrite_each_other(team):
    crisis = crises.foreseen(team.person_id, team.physician)
    record = RewordCrisis(crisis_id=crisis.id, version=crisis.version, told=crises.told(response="Appeler d’abord."))
    reword_crisis(record, by=team.physician)
    with pytest.raises(StaleVersion):
        reword_crisis(record, by=team.physician)
    stop = StopPrescription(prescription_id=crisis.prescriptions[0].id, version=crisis.version)
    with pytest.raises(StaleVersion):
        stop_prescription(stop, by=team.physician)


def test_nothing_is_prescribed_for_a_person_who_died(team):
    crisis = crises.foreseen(team.person_id, team.physician)
    mark_deceased(MarkDeceased(person_id=team.person_id, died_on=today()), by=team.physician)
    with pytest.raises(PersonHasDied):
        crises.prescription(crisis.id, team.physician)


def test_the_plan_holds_what_was_foreseen_when_it_was_agreed_to(team):
    crisis = crises.foreseen(team.person_id, team.physician)
    plan = plans.agreed(team)
    crises.prescription(crisis.id, team.physician, drug="Midazolam, ampoule de 5 mg/5 mL")
    sign = SignVersion(plan_id=plan.id, version=plan.version)
    with pytest.raises(ContentChanged):
        sign_version(sign, by=team.physician)
    plans.record_agreement(plans.agreement(plan), by=team.coordinator)
    check_drugs_at_home(check(crisis.prescriptions[0].id), by=team.nurse)
    sign_version(SignVersion(plan_id=plan.id, version=plans.present(plan).version), by=team.physician)
    withdraw_crisis(
        WithdrawCrisis(crisis_id=crisis.id, version=read(team)[0].version),
        by=team.physician,
    )
    with open_trail():
        version = version_for(team.person_id, 1, actor=team.nurse)
    assert [len(one["prescriptions"]) for one in version.content["crises"]] == [2]


def test_the_plan_costs_the_same_number_of_statements_for_1_and_12_crises(team):
    plans.written(team)

    def statements():
        with CaptureQueriesContext(connection) as asked, open_trail():
            assert plan_of(team.person_id, actor=team.nurse) is not None
        return len(asked)

    check_drugs_at_home(check(crises.foreseen(team.person_id, team.physician).prescriptions[0].id), by=team.nurse)
    few = statements()
    for _ in range(11):
        crises.foreseen(team.person_id, team.physician)
    assert statements() == few


FIELDS = {
    "drug": "Midazolam, ampoule de 5 mg/5 mL",
    "dose": "2,5",
    "unit": "mg",
    "route": "subcutaneous",
    "interval_hours": "1",
    "max_24h": "15",
    "givers": ["nurse", "relative"],
    "place": "Table de nuit",
    "starts_on": today().isoformat(),
    "review_by": (today() + timedelta(days=15)).isoformat(),
}


def test_a_physician_foresees_prescribes_and_changes_by_the_screens(team):
    client = signed_in(team.physician)
    told = {"symptom": "seizure", "signs": "Convulsions", "response": "Allonger sur le côté", "call": "HAD"}
    page = client.post(url("new", team), told, follow=True)
    assert "La conduite à tenir est notée" in page.content.decode()
    crisis = read(team)[0]
    page = client.post(url("prescribe", team, crisis.id), {**FIELDS, "max_24h": "2"})
    assert page.status_code == 422
    assert "plus petit qu’une seule prise" in page.content.decode()
    page = client.post(url("prescribe", team, crisis.id), FIELDS, follow=True)
    text = page.content.decode()
    for words in ("2,5\u00a0mg, sous la peau", "au moins 1\u00a0h", "6 prises au plus", "Personne n’a encore vérifié"):
        assert words in text, words
    held = read(team)[0].prescriptions[0]
    assert 'value="2,5"' in client.get(url("change", team, crisis.id, held.id)).content.decode()
    client.post(url("change", team, crisis.id, held.id), {**FIELDS, "dose": "5"})
    (held,) = read(team)[0].prescriptions
    assert held.dose_label == "5\u00a0mg"
    client.post(url("stop", team, crisis.id, held.id), {"version": read(team)[0].version})
    assert read(team)[0].prescriptions == ()
    client.post(url("withdraw", team, crisis.id), {"version": read(team)[0].version})
    assert read(team) == ()


def test_a_nurse_and_a_coordinator_tell_what_is_at_home_and_prescribe_nothing(team):
    crisis = crises.foreseen(team.person_id, team.physician)
    drug = crisis.prescriptions[0].id
    for actor in (team.nurse, team.coordinator):
        client = signed_in(actor)
        page = client.get(url("page", team, crisis.id)).content.decode()
        assert url("check", team, crisis.id, drug) in page
        assert url("prescribe", team, crisis.id) not in page
        assert client.get(url("prescribe", team, crisis.id)).status_code in (403, 404)
        data = {"found": "absent", "checked_on": today().isoformat()}
        page = client.post(url("check", team, crisis.id, drug), data, follow=True)
        assert "Absent du domicile" in page.content.decode()


def test_the_plan_and_the_person_s_page_lead_to_what_is_foreseen(team):
    plan = plans.written(team)
    crisis = crises.foreseen(team.person_id, team.physician)
    client = signed_in(team.coordinator)
    for address in (reverse("plans:page", args=[team.person_id]), f"/personnes/{team.person_id}/"):
        text = client.get(address).content.decode()
        assert url("page", team, crisis.id) in text
        assert crises.DRUG in text
    assert plan.state
