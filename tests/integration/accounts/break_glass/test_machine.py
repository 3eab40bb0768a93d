"""Any sequence of deeds: each does what a plain model says, or refuses and changes nothing."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.access.gate import is_permitted
from accounts.access.models import Opposition
from accounts.access.permissions import Permission
from accounts.access.records import Facts
from accounts.access.states import Category
from accounts.break_glass.commands import end_break_glass, review_break_glass
from accounts.break_glass.models import BreakGlass, EmergencyAccessNotice
from accounts.break_glass.records import EndBreakGlass, ReviewBreakGlass
from accounts.break_glass.states import State, Verdict
from accounts.break_glass.tasks import end_those_over
from accounts.kernel.actor import Role
from accounts.kernel.clock import now, today
from accounts.kernel.errors import DomainError
from accounts.organisations.models import Membership
from tests.factories import emergencies, people

pytestmark = pytest.mark.django_db


@dataclass
class Model:
    """What should hold: the state of the latest break-glass, until when it runs, whether she refuses."""

    state: State | None = None
    ends_at: object = None
    refused: bool = False


class Walk:
    """One person, one dispatcher, one referent, and the model beside them."""

    def __init__(self, travel):
        self.travel, self.model = travel, Model()
        self.person_id = people.person(people.actor(Role.NURSE))
        self.dispatcher = emergencies.dispatcher()
        place = Membership.objects.get(professional_id=self.dispatcher.professional_id).organisation
        self.officer = people.actor(Role.PRIVACY_OFFICER, place)
        self.himself = replace(self.officer, id=self.dispatcher.id)

    def row(self):
        return self.rows().order_by("-opened_at", "-id").first()

    def rows(self):
        return BreakGlass.objects.filter(person_id=self.person_id)

    def runs(self):
        return self.model.state == State.OPEN and now() < self.model.ends_at

    def open(self):
        by = replace(self.dispatcher, authenticated_at=now())
        if self._does(lambda: emergencies.opened(self.person_id, by)) and not self.runs():
            self.model.state, self.model.ends_at = State.OPEN, self.row().ends_at
            assert self.row().ends_at - self.row().opened_at == timedelta(hours=4)

    def end(self):
        record = EndBreakGlass(id=self.row().id, version=self.row().version)
        if self._does(lambda: end_break_glass(record, by=self.dispatcher)):
            assert self.model.state == State.OPEN
            self.model.state = State.ENDED

    def tick(self):
        end_those_over()
        if self.model.state == State.OPEN and not self.runs():
            self.model.state = State.ENDED

    def review(self, by):
        row = self.row()
        record = ReviewBreakGlass(id=row.id, version=row.version, verdict=Verdict.JUSTIFIED, comment="Vu au journal")
        if self._does(lambda: review_break_glass(record, by=by)):
            assert by is self.officer
            assert self.model.state == State.ENDED
            self.model.state = State.REVIEWED

    def refuse(self):
        emergencies.refuse(self.person_id, Category.EMERGENCY)
        self.model.refused = True

    def accept_again(self):
        Opposition.objects.filter(person_id=self.person_id).update(lifted_on=today())
        self.model.refused = False

    def _does(self, deed):
        before = list(self.rows().order_by("id").values("id", "version", "state"))
        try:
            deed()
        except DomainError:
            assert list(self.rows().order_by("id").values("id", "version", "state")) == before
            return False
        return True

    def check(self):
        """Compare what the gate says with the model."""
        facts = Facts(type="x", person_id=self.person_id)
        reads = is_permitted(self.dispatcher, Permission.ADVANCE_DIRECTIVE_READ_CONTENT, facts)
        assert reads == (self.runs() and not self.model.refused)
        assert not is_permitted(self.dispatcher, Permission.PPA_READ_DRAFT, facts)
        row = self.row()
        assert (row.state if row else None) == self.model.state
        assert EmergencyAccessNotice.objects.filter(person_id=self.person_id).count() == self.rows().count()


STEPS = {
    "open": Walk.open,
    "end": Walk.end,
    "tick": Walk.tick,
    "wait an hour": lambda walk: walk.travel.shift(timedelta(hours=1)),
    "wait four hours": lambda walk: walk.travel.shift(timedelta(hours=4)),
    "review": lambda walk: walk.review(walk.officer),
    "review what one opened": lambda walk: walk.review(walk.himself),
    "refuse": Walk.refuse,
    "accept again": Walk.accept_again,
}
NEED_ONE = {"end", "review", "review what one opened"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_any_sequence_of_deeds_does_what_the_model_says(steps):
    with time_machine.travel(now(), tick=True) as travel:
        walk = Walk(travel)
        for name in steps:
            if name not in NEED_ONE or walk.row():
                STEPS[name](walk)
            walk.check()
