"""Any sequence of steps: each command does what the table says, or refuses and changes nothing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.kernel.actor import system_actor
from accounts.kernel.clock import now, today
from accounts.kernel.errors import DomainError
from accounts.kernel.ids import new_id
from pathway.referrals.commands import (
    acknowledge_line,
    admit_line,
    agree_in_principle,
    close_request,
    decline_line,
    end_line,
    expire_line,
    offer_place,
    request_info,
    review_line,
    supply_info,
    waitlist_line,
    withdraw_line,
)
from pathway.referrals.records import (
    AdmitLine,
    CloseRequest,
    DeclineLine,
    EndLine,
    LineStep,
    OfferPlace,
    WaitlistLine,
    WithdrawLine,
    WriteOnLine,
)
from pathway.referrals.states import (
    LINE,
    ClosingReason,
    DeclineReason,
    Destination,
    LineAction,
    RequestState,
    WithdrawReason,
)
from tests.factories import referrals

pytestmark = pytest.mark.django_db

ACTIONS = [action for action in LineAction if action != LineAction.SEND]


@dataclass
class Walk:
    """One line, walked by whoever the table names."""

    asked: referrals.Asked

    def take(self, action: LineAction) -> None:
        """Do one step with the right actor at the present version."""
        line, structure = self.asked.line(), self.asked.structures[0]
        step: dict[str, Any] = {"line_id": line.id, "version": line.version}
        recipient, sender, clock = structure.manager, self.asked.sender, system_actor("test")
        {
            LineAction.ACKNOWLEDGE: lambda: acknowledge_line(LineStep(**step), by=recipient),
            LineAction.REVIEW: lambda: review_line(LineStep(**step), by=recipient),
            LineAction.AGREE: lambda: agree_in_principle(LineStep(**step), by=recipient),
            LineAction.REQUEST_INFO: lambda: request_info(WriteOnLine(**step, text="?"), by=recipient),
            LineAction.SUPPLY_INFO: lambda: supply_info(WriteOnLine(**step, text="!"), by=sender),
            LineAction.WAITLIST: lambda: waitlist_line(WaitlistLine(**step, rank=1), by=recipient),
            LineAction.OFFER: lambda: offer_place(OfferPlace(**step, on=today(), stay_id=new_id()), by=recipient),
            LineAction.DECLINE: lambda: decline_line(DeclineLine(**step, reason=DeclineReason.OTHER), by=recipient),
            LineAction.WITHDRAW: lambda: withdraw_line(WithdrawLine(**step, reason=WithdrawReason.OTHER), by=sender),
            LineAction.ADMIT: lambda: admit_line(AdmitLine(**step, at=now(), stay_id=new_id()), by=recipient),
            LineAction.END: lambda: end_line(
                EndLine(line_id=line.id, at=now(), destination=Destination.OTHER), by=structure.nurse
            ),
            LineAction.EXPIRE: lambda: expire_line(LineStep(**step), by=clock),
            LineAction.CLOSE: lambda: close_request(
                CloseRequest(
                    request_id=self.asked.request_id,
                    version=self.asked.request.version,
                    reason=ClosingReason.RETURNED_HOME,
                ),
                by=sender,
            ),
        }[action]()


@settings(max_examples=15, deadline=timedelta(seconds=20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=12))
def test_commands_follow_the_table_whatever_the_order(steps):
    walk = Walk(referrals.sent())
    for action in steps:
        before, request_is_open = walk.asked.line(), walk.asked.request.state == RequestState.ACTIVE
        try:
            walk.take(action)
        except DomainError:
            assert not LINE.may(action, before.state) or (action == LineAction.CLOSE and not request_is_open)
            after = walk.asked.line()
            assert (after.state, after.version) == (before.state, before.version)
        else:
            closes_nothing = action == LineAction.CLOSE and not LINE.may(action, before.state)
            wanted = before.state if closes_nothing else LINE.target(action, before.state)
            assert walk.asked.line().state == wanted
        settled = [line for line in walk.asked.request.lines.all() if line.state == "admitted"]
        assert len(settled) <= 1
