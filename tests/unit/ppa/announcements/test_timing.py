"""When a proposal is due: by the rule of the day, from the file."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppa.announcements.states import Trigger
from ppa.announcements.timing import Duty, Wording, due_after, timing_rules

LAW = date(2026, 5, 28)


@given(trigger=st.sampled_from(Trigger), day=st.dates(min_value=date(1900, 1, 1), max_value=date(9990, 1, 1)))
def test_each_trigger_has_a_rule_on_any_day(trigger, day):
    due = due_after(trigger, day)
    assert due.rule.trigger == trigger
    assert due.rule.starts_on <= day
    assert due.rule.source


@pytest.mark.parametrize(
    ("trigger", "day", "duty", "by"),
    [
        (Trigger.SERIOUS_ILLNESS, LAW, Duty.DUE, LAW + timedelta(days=30)),
        (Trigger.CHRONIC_WORSENING, LAW, Duty.DUE, LAW + timedelta(days=30)),
        (Trigger.EARLY_LOSS_OF_AUTONOMY, LAW, Duty.IF_USEFUL, LAW + timedelta(days=90)),
        (Trigger.SERIOUS_ILLNESS, LAW - timedelta(days=1), Duty.IF_USEFUL, None),
    ],
)
def test_the_rule_of_the_day_of_the_announcement_holds(trigger, day, duty, by):
    due = due_after(trigger, day)
    assert (due.rule.duty, due.by) == (duty, by)


def test_only_a_proposal_that_is_asked_for_can_be_late():
    much_later = LAW + timedelta(days=400)
    assert due_after(Trigger.SERIOUS_ILLNESS, LAW).is_late(much_later)
    assert not due_after(Trigger.SERIOUS_ILLNESS, LAW).is_late(LAW + timedelta(days=30))
    assert not due_after(Trigger.EARLY_LOSS_OF_AUTONOMY, LAW).is_late(much_later)


def test_no_wording_of_the_law_is_told_to_be_verified_before_it_was_read():
    assert {rule.wording for rule in timing_rules()} == {Wording.ASSUMED, Wording.BILL}
