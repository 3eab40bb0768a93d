"""`seed_volume`: invented people in every state, the same for the same seed, and only once."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.audit.verification import verify
from accounts.kernel.clock import today
from accounts.outbox.models import Work
from accounts.people.models import Person
from accounts.people.queries import person_snapshot
from accounts.people.rules import OID_TEST
from fhir_bridge.projection.refresh import differences
from pathway.cases.counters import drift
from pathway.cases.models import Case
from pathway.cases.states import CaseState
from pathway.management.invented import MARK, registration
from pathway.rapid_response.models import Alert
from pathway.referrals.models import Request, RequestLine
from pathway.referrals.states import LineState, RequestState
from pathway.stays.models import Stay
from pathway.stays.states import StayState
from pathway.visits.models import VolunteerVisit
from ppa.after_death.models import TellingWish
from ppa.announcements.models import PlanProposal
from ppa.announcements.states import ProposalState
from ppa.assessments.models import Assessment
from ppa.directives.models import Directive
from ppa.plans.models import Plan
from ppa.plans.states import PlanState
from ppa.trusted_persons.models import Designation

pytestmark = [pytest.mark.once, pytest.mark.django_db, pytest.mark.fhir]
EVERY_STATE = 60
BY_THE_CLOCK = {LineState.EXPIRED}
"""A line given up after weeks of silence: no command of today makes one."""


def seed(patients: int, **options: Any) -> str:
    output = StringIO()
    call_command("seed_volume", patients=patients, verbosity=0, stdout=output, **options)
    return output.getvalue()


@pytest.mark.thorough
def test_a_second_run_adds_what_is_missing_and_nothing_else():
    assert seed(3).startswith("3 personnes ajoutées sur 3")
    assert seed(5).startswith("2 personnes ajoutées sur 5")
    assert seed(5).startswith("0 personnes ajoutées sur 5")
    assert Person.objects.count() == 5
    assert verify().faults == []
    assert drift() == {}
    assert list(differences()) == []
    assert [(one.consumer, one.event.type, one.state) for one in Work.objects.exclude(state=Work.State.DONE)] == []


def test_everybody_lives_where_the_demonstration_is_shown():
    seed(4, departement="21")
    people = [person_snapshot(one) for one in Person.objects.values_list("id", flat=True)]
    assert [person.departement for person in people] == ["21"] * 4
    with pytest.raises(CommandError, match="Nobody works"):
        seed(1, departement="75")


@pytest.mark.thorough
def test_sixty_people_stand_in_every_state():
    seed(EVERY_STATE)
    wanted = {
        Case: set(CaseState),
        PlanProposal: set(ProposalState),
        Plan: set(PlanState),
        Request: set(RequestState),
        RequestLine: set(LineState) - BY_THE_CLOCK,
        Stay: set(StayState),
        Directive: {"valid", "to_verify", "superseded", "revoked"},
        Designation: {"active", "revoked", "proposed", "declined_for_now", "designated_unsigned"},
    }
    missing = {
        model.__name__: states - set(model.objects.values_list("state", flat=True)) for model, states in wanted.items()
    }
    assert {name: states for name, states in missing.items() if states} == {}
    assert Alert.objects.exists()
    assert Assessment.objects.exists()
    assert set(TellingWish.objects.values_list("person_id")) == set(
        Person.objects.exclude(died_on=None).values_list("id")
    )
    assert VolunteerVisit.objects.exists()
    people = [person_snapshot(one) for one in Person.objects.values_list("id", flat=True)]
    assert all(person.traits.birth_name.endswith(MARK) for person in people)
    assert {person.ins.oid for person in people if person.ins} == {OID_TEST}
    assert 0 < sum(person.died_on is not None for person in people) < EVERY_STATE


def test_the_same_seed_gives_the_same_person_and_another_seed_another():
    first, again, other = (registration(7, seed=number, departement="21", today=today()) for number in (1, 1, 2))
    assert first == again
    assert first.traits != other.traits


def test_production_has_no_invented_people(settings):
    settings.ENVIRONMENT = "production"
    with pytest.raises(CommandError):
        seed(1)
