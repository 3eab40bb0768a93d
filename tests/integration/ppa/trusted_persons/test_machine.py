"""Any sequence of deeds leaves the designations of a person where a small model says: one active, the latest signed; both signed; the former kept."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.kernel.actor import Role
from accounts.kernel.clock import today
from accounts.kernel.errors import DomainError
from accounts.people.models import RelativeRoleRow
from accounts.people.states import RelativeRole
from ppa.trusted_persons.commands import (
    answer_proposal,
    designate_trusted_person,
    end_designation,
    propose_trusted_person,
    resume_designation,
    sign_designation,
    withdraw_designation,
)
from ppa.trusted_persons.models import Designation
from ppa.trusted_persons.queries import designation_snapshot
from ppa.trusted_persons.records import (
    AnswerProposal,
    EndDesignation,
    ProposeTrustedPerson,
    ResumeDesignation,
    Signatures,
    SignDesignation,
    WithdrawDesignation,
)
from ppa.trusted_persons.states import Action, EndMeans
from tests.factories import people, trusted_persons

pytestmark = pytest.mark.django_db

UNDER_WAY = {"proposed", "declined_for_now", "designated_unsigned"}
DAYS = st.dates(date(2025, 1, 1), date(2025, 1, 6))
GAPS = st.integers(0, 3)
WITHDRAWABLE = {"designated_unsigned", "active", "suspended", "revoked", "renounced", "replaced"}
REPLACING = {"active", "suspended", "revoked", "renounced", "replaced"}
ENDS = {
    Action.REVOKE: ("revoked", {"designated_unsigned", "active", "suspended"}),
    Action.RENOUNCE: ("renounced", {"designated_unsigned", "active", "suspended"}),
    Action.SUSPEND: ("suspended", {"active"}),
}


def both(days):
    return Signatures(person_signed_on=days[0], trusted_signed_on=days[1])


class DesignationMachine(RuleBasedStateMachine):
    """The designations of one person and their model: the state of each, and whom it names."""

    def __init__(self) -> None:
        super().__init__()
        self.nurse = people.actor(Role.NURSE)
        self.person_id = people.person(self.nurse)
        self.relatives = [people.relative(self.person_id, self.nurse, family=name) for name in ("Un", "Deux")]
        self.states: dict[object, str] = {}
        self.named: dict[object, object] = {}
        self.signed: dict[object, tuple[date, date]] = {}
        self.before: dict[object, str] = {}
        self.moved: list[object] = []

    def attempt(self, command, record, *, passes):
        """Do a deed that the model lets pass, or see it refused."""
        if passes:
            return command(record, by=self.nurse).id
        with pytest.raises(DomainError):
            command(record, by=self.nurse)
        return None

    def one(self, number):
        """Return one of the designations, or `None` before the first."""
        ids = list(self.states)
        return ids[number % len(ids)] if ids else None

    def under_way(self):
        return next((one for one, state in self.states.items() if state in UNDER_WAY), None)

    def about(self, one):
        return {"designation_id": one, "version": designation_snapshot(one).version}

    def activate(self, one, signed):
        """Let the latest signed count; of two signed the same days, the one recorded last."""
        others = [kept for other, kept in self.signed.items() if self.states[other] in REPLACING]
        self.signed[one] = signed
        if any(kept > signed for kept in others):
            self.move(one, "replaced", before="active")
            return
        for other, state in self.states.items():
            if state in {"active", "suspended"}:
                self.move(other, "replaced", before=state)
        self.move(one, "active")

    def move(self, one, state, *, before=""):
        """Put a designation in a state; `before` is what a mistake would give back."""
        self.states[one], self.before[one] = state, before
        self.moved.append(one)

    def last_moved(self, one):
        return max(at for at, moved in enumerate(self.moved) if moved == one)

    @rule()
    def propose(self):
        """Tell her that she may designate somebody."""
        record = ProposeTrustedPerson(person_id=self.person_id, proposed_on=today())
        made = self.attempt(propose_trusted_person, record, passes=self.under_way() is None)
        if made:
            self.states[made] = "proposed"

    @rule(number=st.integers(0, 9), declines=st.booleans())
    def answer(self, number, declines):
        """She says « pas maintenant », or takes the subject up again."""
        if (one := self.one(number)) is None:
            return
        source, target = ("proposed", "declined_for_now") if declines else ("declined_for_now", "proposed")
        record = AnswerProposal(**self.about(one), answered_on=today(), declines=declines)
        if self.attempt(answer_proposal, record, passes=self.states[one] == source):
            self.states[one] = target

    @rule(signed=st.booleans(), number=st.integers(0, 1), day=DAYS, gap=GAPS)
    def designate(self, signed, number, day, gap):
        """She chooses somebody, on a paper of any day, signed by both or not yet."""
        under_way = self.under_way()
        days = (day, day + timedelta(days=gap))
        fields = {"signatures": both(days)} if signed else {"signatures": Signatures(), "awaits_signature": True}
        record = trusted_persons.designation_of(self.person_id, self.relatives[number], **fields)
        passes = under_way is None or self.states[under_way] != "designated_unsigned"
        if made := self.attempt(designate_trusted_person, record, passes=passes):
            self.states.setdefault(made, "designated_unsigned")
            self.states[made], self.named[made] = "designated_unsigned", self.relatives[number]
            if signed:
                self.activate(made, days)

    @rule(number=st.integers(0, 9), whole=st.booleans(), day=DAYS, gap=GAPS)
    def sign(self, number, whole, day, gap):
        """The signatures come: both, or one only, which is refused."""
        if (one := self.one(number)) is None:
            return
        days = (day, day + timedelta(days=gap))
        signatures = both(days) if whole else Signatures(person_signed_on=day)
        passes = whole and self.states[one] == "designated_unsigned"
        if self.attempt(sign_designation, SignDesignation(**self.about(one), signatures=signatures), passes=passes):
            self.activate(one, days)

    @rule(number=st.integers(0, 9), action=st.sampled_from(sorted(ENDS)))
    def end(self, number, action):
        """Revoked, renounced, or suspended by the judge."""
        if (one := self.one(number)) is None:
            return
        target, sources = ENDS[action]
        record = EndDesignation(
            **self.about(one), action=action, ended_on=today(), means=EndMeans.WRITTEN, received_by="Essai"
        )
        if self.attempt(end_designation, record, passes=self.states[one] in sources):
            self.move(one, target)

    @rule(number=st.integers(0, 9))
    def withdraw(self, number):
        """It was a mistake: what it alone had replaced stands again as it stood."""
        if (one := self.one(number)) is None:
            return
        record = WithdrawDesignation(**self.about(one), why="Essai")
        if not self.attempt(withdraw_designation, record, passes=self.states[one] in WITHDRAWABLE):
            return
        self.move(one, "entered_in_error")
        left = [other for other in self.signed if self.states[other] in REPLACING]
        if one in self.signed and left:
            latest = max(left, key=lambda other: (*self.signed[other], self.last_moved(other)))
            if self.states[latest] == "replaced":
                self.move(latest, self.before[latest])

    @rule(number=st.integers(0, 9))
    def resume(self, number):
        """The judge gives the role back, unless another is active."""
        if (one := self.one(number)) is None:
            return
        passes = self.states[one] == "suspended" and "active" not in self.states.values()
        if self.attempt(resume_designation, ResumeDesignation(**self.about(one), resumed_on=today()), passes=passes):
            self.move(one, "active")

    @invariant()
    def is_as_the_model_says(self):
        """States, signatures and the role of each relative are those of the model."""
        rows = {row.id: row for row in Designation.objects.filter(person_id=self.person_id)}
        assert {one: row.state for one, row in rows.items()} == self.states
        active = [row for row in rows.values() if row.state == "active"]
        assert len(active) <= 1
        assert all(row.person_signed_on and row.trusted_signed_on for row in active)
        assert all(row.ended_on >= row.person_signed_on for row in rows.values() if row.state == "replaced")
        open_roles = RelativeRoleRow.objects.filter(relative__in=self.relatives, ends_on=None)
        held = set(open_roles.filter(role=RelativeRole.TRUSTED_PERSON).values_list("relative_id", flat=True))
        assert held == {self.named[row.id] for row in active}


def test_any_sequence_of_deeds_leaves_the_designations_where_the_model_says():
    run_state_machine_as_test(
        DesignationMachine,
        settings=settings(
            max_examples=6,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        ),
    )
