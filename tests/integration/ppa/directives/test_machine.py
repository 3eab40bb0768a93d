"""Any sequence of deeds leaves the documents of a person where a small model says: the latest by its own date prevails."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.kernel.actor import Role
from accounts.kernel.errors import DomainError
from ppa.directives.commands import confirm_directive, record_deposit, revoke_directive, withdraw_directive
from ppa.directives.models import Directive
from ppa.directives.queries import directive_snapshot
from ppa.directives.records import ConfirmDirective, RecordDeposit, RevokeDirective, WithdrawDirective
from ppa.directives.states import Place, RevocationMeans
from tests.factories import directives, people

pytestmark = pytest.mark.django_db

ALIVE = {"to_verify", "valid"}
YEARS = st.integers(2017, 2022)
LATE = date(2026, 9, 1)


@dataclass
class Paper:
    """What the model knows of one document: its day, its state, what took its place, its copies."""

    number: int
    day: date | None
    state: str
    after: UUID | None = None
    copies: int = 0


class DirectiveMachine(RuleBasedStateMachine):
    """The documents of one person and their model."""

    def __init__(self) -> None:
        super().__init__()
        self.nurse = people.actor(Role.NURSE)
        self.person_id = people.person(self.nurse)
        self.papers: dict[UUID, Paper] = {}

    def attempt(self, command, record, *, passes):
        """Do a deed that the model lets pass, or see it refused."""
        if passes:
            command(record, by=self.nurse)
            return True
        with pytest.raises(DomainError):
            command(record, by=self.nurse)
        return False

    def one(self, number):
        ids = list(self.papers)
        return ids[number % len(ids)] if ids else None

    def valid(self):
        return next((one for one, paper in self.papers.items() if paper.state == "valid"), None)

    def version(self, one):
        return {"directive_id": one, "version": directive_snapshot(one).version}

    def prevail(self, one):
        """Let the later of this document and the current one stand."""
        current, paper = self.valid(), self.papers[one]
        paper.state = "valid"
        if current is None:
            return
        other = self.papers[current]
        if (paper.day, paper.number) > (other.day, other.number):
            other.state, other.after = "superseded", one
        else:
            paper.state, paper.after = "superseded", current

    @rule(year=YEARS)
    def record(self, year):
        """A signed scan comes in."""
        day = date(year, 1, 1)
        overtaken = self.valid() is None and any(
            paper.state in {"superseded", "revoked"} and paper.day and paper.day > day for paper in self.papers.values()
        )
        made = directives.directive(self.person_id, self.nurse, signed_on=day)
        self.papers[made] = Paper(len(self.papers), day, "to_verify")
        if not overtaken:
            self.prevail(made)

    @rule()
    def record_undated(self):
        """A scan without a date comes in, and waits."""
        made = directives.directive(self.person_id, self.nurse, signed_on=None, is_undated=True)
        self.papers[made] = Paper(len(self.papers), None, "to_verify")

    @rule(number=st.integers(0, 9), year=YEARS)
    def confirm(self, number, year):
        """The date of a waiting document is found."""
        if (one := self.one(number)) is None:
            return
        day = date(year, 6, 1)
        record = ConfirmDirective(**self.version(one), signed_on=day)
        if self.attempt(confirm_directive, record, passes=self.papers[one].state == "to_verify"):
            self.papers[one].day = day
            self.prevail(one)

    @rule(number=st.integers(0, 9))
    def revoke(self, number):
        """She takes a document back: nothing comes to life again."""
        if (one := self.one(number)) is None:
            return
        record = RevokeDirective(
            **self.version(one), revoked_on=LATE, means=RevocationMeans.WRITTEN, received_by="Essai"
        )
        if self.attempt(revoke_directive, record, passes=self.papers[one].state in ALIVE):
            self.papers[one].state = "revoked"

    @rule(number=st.integers(0, 9))
    def withdraw(self, number):
        """A record was a mistake: what it had replaced stands again."""
        if (one := self.one(number)) is None:
            return
        paper = self.papers[one]
        passes = paper.state in ALIVE | {"superseded"}
        if not self.attempt(withdraw_directive, WithdrawDirective(**self.version(one)), passes=passes):
            return
        was, paper.state = paper.state, "entered_in_error"
        followers = [kept for kept in self.papers.values() if kept.after == one and kept.state == "superseded"]
        if was == "superseded":
            for kept in followers:
                kept.after = paper.after
        elif was == "valid" and followers:
            heir = max(followers, key=lambda kept: (kept.day, kept.number))
            heir.state, heir.after = "valid", None
            for kept in followers:
                if kept is not heir:
                    kept.after = next(id for id, found in self.papers.items() if found is heir)

    @rule(number=st.integers(0, 9))
    def deposit(self, number):
        """A copy of a document that may still speak is put somewhere."""
        if (one := self.one(number)) is None:
            return
        record = RecordDeposit(**self.version(one), place=Place.HEALTH_RECORD, deposited_on=LATE, deposited_by="Essai")
        if self.attempt(record_deposit, record, passes=self.papers[one].state in ALIVE):
            self.papers[one].copies += 1

    @invariant()
    def is_as_the_model_says(self):
        """States, order and copies are those of the model, and one document at most is valid."""
        rows = {row.id: row for row in Directive.objects.filter(person_id=self.person_id)}
        assert {one: row.state for one, row in rows.items()} == {one: paper.state for one, paper in self.papers.items()}
        for one, paper in self.papers.items():
            if paper.state == "superseded":
                assert rows[one].superseded_by_id == paper.after
            assert rows[one].deposits.count() == paper.copies
        assert sum(paper.state == "valid" for paper in self.papers.values()) <= 1


def test_any_sequence_of_deeds_leaves_the_documents_where_the_model_says():
    run_state_machine_as_test(
        DirectiveMachine,
        settings=settings(
            max_examples=6,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        ),
    )
