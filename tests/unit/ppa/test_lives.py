"""Thousands of steps through the life of a plan, of directives and of a designation: what the law asks holds after each.

The tables and rules run by themselves, without a database; `tests/faults/lifecycles.py` runs the commands as long.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import count
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.kernel.errors import DomainError
from accounts.kernel.states import Lifecycle
from ppa.directives.states import DIRECTIVE
from ppa.directives.states import Action as Deed
from ppa.plans.outline import outline
from ppa.plans.records import ActionSnapshot, EntrySnapshot, FollowGoal, GoalSnapshot, NeedSnapshot, TopicSnapshot
from ppa.plans.rules import (
    changes_between,
    check_abandonable,
    check_settled,
    check_shareable,
    check_signable,
    content_of,
    digest_of,
    is_kept_beside,
    standing,
    way_back,
)
from ppa.plans.states import DRAFTS, IN_FORCE, PLAN, ActionStatus, EntryKind, GoalStatus, PlanAction, PlanState, Words
from ppa.trusted_persons.states import DESIGNATION
from ppa.trusted_persons.states import Action as Step

LIVES, STEPS = 100, 50
TEXTS = st.sampled_from(["", "Rester chez moi.", "Voir le jardin.", "Voir le jardin ; ne pas peser sur mon fils."])
AT_LEAST = 2000


class Life(RuleBasedStateMachine):
    """A life that counts its steps."""

    steps: ClassVar[Iterator[int]]

    def taken(self) -> None:
        """Count one more step."""
        self.last = next(type(self).steps)


class PlanLife(Life):
    """The content of a plan, what she agreed to and what was signed; each rule is asked as the commands ask it."""

    def __init__(self) -> None:
        super().__init__()
        self.state: str = PLAN.initial
        self.texts = dict.fromkeys((one.code for one in outline()), "")
        self.actions: list[ActionSnapshot] = []
        self.goal, self.dropped_on = GoalStatus.IN_PROGRESS, None
        self.agreed: str | None = None
        self.agreed_to: dict[str, Any] = {}
        self.signed: list[dict[str, Any]] = []
        self.noted: list[EntrySnapshot] = []

    @property
    def topics(self) -> tuple[TopicSnapshot, ...]:
        """What is written."""
        return tuple(TopicSnapshot(topic=one, text=self.texts[one.code]) for one in outline())

    @property
    def needs(self) -> tuple[NeedSnapshot, ...]:
        """What is planned."""
        day = None if self.goal == GoalStatus.IN_PROGRESS else date(2026, 12, 1)
        goal = GoalSnapshot(
            id=UUID(int=1),
            text="Dormir",
            words=Words.PERSON,
            speaker="",
            actions=tuple(self.actions),
            status=self.goal,
            settled_on=day,
        )
        need = NeedSnapshot(id=UUID(int=2), text="Le sommeil", topic="", goals=(goal,), dropped_on=self.dropped_on)
        return (need,) if self.actions else ()

    @property
    def content(self) -> dict[str, Any]:
        """What she would agree to now."""
        return content_of(outline="2026-1", topics=self.topics, needs=self.needs)

    def move(self, action: PlanAction) -> bool:
        """Take a step of the table; nothing moves where it has none."""
        self.taken()
        try:
            self.state = PLAN.target(action, self.state)
        except DomainError:
            return False
        return True

    @rule(code=st.sampled_from([one.code for one in outline()]), text=TEXTS)
    def write(self, code: str, text: str) -> None:
        """Write, while it may change."""
        self.taken()
        if self.state in DRAFTS:
            self.texts[code] = text

    @rule(what=TEXTS)
    def plan(self, what: str) -> None:
        """Plan an action, while it may change."""
        self.taken()
        if self.state in DRAFTS and len(self.actions) < 9:
            number = len(self.actions)
            fields = {"what": what, "who": "SSIAD (fictif)", "due_on": date(2026, 12, 1), "outcome": ""}
            self.actions.append(ActionSnapshot(id=UUID(int=number), version=1, status=ActionStatus.PLANNED, **fields))

    @rule(number=st.integers(0, 8), status=st.sampled_from([ActionStatus.DOING, ActionStatus.DONE]))
    def follow(self, number: int, status: ActionStatus) -> None:
        """How an action goes never undoes an agreement."""
        self.taken()
        before = digest_of(self.content)
        if number < len(self.actions):
            self.actions[number] = replace(self.actions[number], status=status, outcome="Fait ensemble")
        assert digest_of(self.content) == before

    @rule(status=st.sampled_from(GoalStatus))
    def settle(self, status: GoalStatus) -> None:
        """Say where the goal stands, while the plan may change; it is given up once nothing is left to do."""
        self.taken()
        record = FollowGoal(goal_id=UUID(int=1), version=1, status=status, settled_on=date(2026, 12, 1))
        life = {"born_on": date(1950, 1, 1), "today": date(2026, 12, 2)}
        for need in self.needs if self.state in DRAFTS else ():
            try:
                check_settled(record, need.goals[0], **life)
            except DomainError:
                assert any(action.is_to_do for action in self.actions)
                continue
            self.goal = status

    @rule(dropped_on=st.sampled_from([None, date(2026, 12, 1)]))
    def set_aside(self, dropped_on: date | None) -> None:
        """Set the need aside, or take it up again: it leaves the content and comes back as it was."""
        self.taken()
        if self.state in DRAFTS:
            before, self.dropped_on = self.dropped_on, None
            as_it_was = digest_of(self.content)
            self.dropped_on = dropped_on
            assert (dropped_on is None) == (digest_of(self.content) == as_it_was) or not self.actions
            self.dropped_on = before if any(action.is_to_do for action in self.actions) else dropped_on

    @rule()
    def share(self) -> None:
        """Read it with her, when there is something to read."""
        try:
            check_shareable(self.topics, self.needs)
        except DomainError:
            assert not any(self.texts.values())
            return self.taken()
        self.move(PlanAction.SHARE)
        return None

    @rule()
    def agree(self) -> None:
        """She agrees to what is there."""
        if (any(self.texts.values()) or standing(self.needs)) and self.move(PlanAction.AGREE):
            self.agreed, self.agreed_to = digest_of(self.content), self.content

    @rule()
    def take_back(self) -> None:
        """She goes back on it: possible until the signature, and never after."""
        before = self.state
        if self.move(PlanAction.TAKE_AGREEMENT_BACK):
            assert before == PlanState.AGREED
            self.agreed, self.agreed_to = None, {}

    @rule()
    def sign(self) -> None:
        """A physician signs what she agreed to, and that only."""
        try:
            check_signable(agreed_digest=self.agreed, present_digest=digest_of(self.content))
        except DomainError:
            assert self.content != self.agreed_to
            return self.taken()
        if self.move(PlanAction.SIGN):
            assert not changes_between(self.agreed_to, self.content)
            self.signed.append(self.content)
            self.in_force = dict(self.texts), len(self.actions), self.goal, self.dropped_on
        return None

    @rule()
    def revise(self) -> None:
        """Take it up again: the next version asks for another agreement."""
        if self.move(PlanAction.REVISE):
            self.agreed, self.agreed_to = None, {}

    @rule()
    def abandon(self) -> None:
        """Write the next version no more: where it leads back to is told by what was noted of the signed one."""
        signed = self.signed[-1] if self.signed else {**self.content, "needs": []}
        added = [action.status for action in self.actions[self.in_force[1] if self.signed else 0 :]]
        try:
            check_abandonable(signed, self.content, self.needs, added=added)
        except DomainError:
            moved = (self.goal, self.dropped_on) != self.in_force[2:] if self.signed else True
            assert added or moved or any(action.is_to_do for action in self.actions)
            return self.taken()
        kinds = {one.kind for one in self.noted if one.number == len(self.signed)}
        if self.signed and self.move(way_back(self.noted, number=len(self.signed))):
            assert (self.state == PlanState.PUBLISHED) == (EntryKind.DEPOSIT in kinds)
            assert kinds or self.state == PlanState.SIGNED
            self.texts, self.goal, self.dropped_on = dict(self.in_force[0]), *self.in_force[2:]
        return None

    @rule(action=st.sampled_from([PlanAction.PUBLISH, PlanAction.REFUSE_PUBLICATION]))
    def circulate(self, action: PlanAction) -> None:
        """Deposit it, or not."""
        before, beside = self.state, is_kept_beside(action, self.state, is_signed=bool(self.signed))
        if self.move(action):
            assert not beside
            assert before in IN_FORCE
            assert before != PlanState.PUBLISHED or action == PlanAction.PUBLISH, "what was deposited stays told so"
        else:
            assert beside == bool(self.signed), "of what is signed it is always noted"
        if self.signed:
            kind = EntryKind.DEPOSIT if action == PlanAction.PUBLISH else EntryKind.REFUSAL
            told = {
                "happened_on": date(2026, 12, 1),
                "content": {},
                "author": "",
                "kept_at": datetime(2026, 12, 1, tzinfo=UTC),
            }
            self.noted.append(EntrySnapshot(id=UUID(int=3), kind=kind, number=len(self.signed), **told))

    @rule()
    def close(self) -> None:
        """Bring it to its end: another life begins."""
        if self.move(PlanAction.CLOSE):
            assert PLAN.is_terminal(self.state)
            self.__init__()  # type: ignore[misc]  # (the next plan knows nothing of this one)

    @invariant()
    def only_what_she_agreed_to_is_in_force(self) -> None:
        """What is in force is what was signed last, word for word; a draft before any signature has no version."""
        if self.state in IN_FORCE:
            assert self.signed
            assert digest_of(self.content) == digest_of(self.signed[-1])
        if self.state == PlanState.AGREED:
            assert self.agreed is not None
        if self.state in {PlanState.SHARED, PlanState.UNDER_REVIEW}:
            assert self.agreed is None, "a yes that was taken back holds no more"


class TableLife(Life):
    """A life by its table alone, with the path that led to where it stands."""

    lifecycle: ClassVar[Lifecycle]

    def __init__(self) -> None:
        super().__init__()
        self.state: str = self.lifecycle.initial
        self.path: list[tuple[str, str, str]] = []

    def step(self, action: StrEnum) -> None:
        """Try one action; begin again once nothing leads further."""
        self.taken()
        try:
            target = self.lifecycle.target(action, self.state)
        except DomainError:
            assert not self.lifecycle.may(action, self.state)
            return
        self.path.append((self.state, action, target))
        self.state = target

    @rule()
    def begin_again(self) -> None:
        """Once nothing leads further, a next document or designation begins."""
        self.taken()
        if self.lifecycle.is_terminal(self.state):
            self.state, self.path = self.lifecycle.initial, []


class DirectiveLife(TableLife):
    """One document of directives."""

    lifecycle = DIRECTIVE

    @rule(action=st.sampled_from(list(Deed)))
    def act(self, action: Deed) -> None:
        """Try any deed."""
        self.step(action)

    @invariant()
    def holds(self) -> None:
        """Taken back is taken back; nothing is valid that was not verified; no deed makes it expire."""
        states = [target for _, _, target in self.path]
        for ended in ("revoked", "entered_in_error"):
            assert ended not in states[:-1], "nothing comes to life again"
        if self.state in ("valid", "superseded"):
            assert self.path[0][1] == "confirm"
        if self.state == "revoked":
            assert self.path[-1][:2] in {(one, "revoke") for one in ("to_verify", "valid", "legal_basis_to_confirm")}


class DesignationLife(TableLife):
    """One designation."""

    lifecycle = DESIGNATION

    @rule(action=st.sampled_from(list(Step)))
    def act(self, action: Step) -> None:
        """Try any deed."""
        self.step(action)

    @invariant()
    def holds(self) -> None:
        """Active only once both signed, or given back by the judge; whoever gave up the role never holds it again.

        What has ended is left by one way only: the record was a mistake, which nothing brings back.
        """
        actions = [action for _, action, _ in self.path]
        left = {source: target for source, _, target in self.path}
        assert "entered_in_error" not in left
        for ended in ("revoked", "renounced", "replaced", "lapsed"):
            assert left.get(ended, "entered_in_error") == "entered_in_error"
        if self.state in ("active", "suspended", "replaced"):
            assert actions.count("sign") + actions.count("overtake") == 1
        if self.state == "active":
            assert actions[-1] in ("sign", "resume")
        assert actions.count("resume") <= actions.count("suspend")


@pytest.mark.parametrize("life", [PlanLife, DirectiveLife, DesignationLife])
def test_thousands_of_steps_keep_what_the_law_asks(life: type[Life]) -> None:
    life.steps = count(1)
    run_state_machine_as_test(
        life,
        settings=settings(
            max_examples=LIVES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    assert next(life.steps) > AT_LEAST
