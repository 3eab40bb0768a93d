"""Acts at the same instant: two processes of eight threads take, refuse, withdraw and take each line; forms are sent eight times.

Needs PostgreSQL: SQLite has one writer at a time.
"""

import multiprocessing
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Barrier
from typing import Any
from uuid import UUID

from django.db import connections

from tests.faults import forks

PROCESSES, THREADS = 2, 8
TOGETHER = 60
"""Seconds that one waits for the others."""
ACTS = ("agree", "decline", "withdraw", "agree too")
CLOSING = {"decline", "withdraw"}
"""After these the structure no longer sees the line."""


@dataclass(frozen=True)
class End:
    """How one attempt ended: "done", the status of a refusal, or the name of what should not have happened."""

    line_id: UUID
    act: str
    how: str


def lines(number: int) -> dict[str, Any]:
    """Race for that many lines; return the figures, those of faults first."""
    from pathway.referrals.models import RequestLine
    from tests.factories import referrals

    asked = referrals.sent(referrals.structure())
    structure, sender = asked.structures[0], asked.sender
    prepared = []
    for _ in range(number):
        asked = referrals.sent(structure, sender=sender)
        referrals.studied(asked)
        prepared.append((asked.line().id, asked.line().version))
    connections.close_all()
    start = multiprocessing.get_context("fork").Barrier(PROCESSES * THREADS)

    def one_process(first: int) -> list[End]:
        def one_thread(thread: int) -> list[End]:
            act = ACTS[(first + thread) % len(ACTS)]
            ends = []
            for line_id, version in prepared:
                start.wait(TOGETHER)
                ends.append(End(line_id, act, how_it_ends(_moves(structure, sender, line_id, version)[act])))
            connections.close_all()
            return ends

        with ThreadPoolExecutor(THREADS) as pool:
            return [end for ends in pool.map(one_thread, range(THREADS)) for end in ends]

    told = forks.each([0, 1], one_process, at_once=PROCESSES)
    ends = [end for one in told if one for end in one]
    present = {row.id: row for row in RequestLine.objects.filter(pk__in=[line_id for line_id, _ in prepared])}
    faults: Counter[str] = Counter({"attempts without an end": PROCESSES * THREADS * number - len(ends)})
    for line_id, version in prepared:
        faults.update(_wrongs(present[line_id], version, [end for end in ends if end.line_id == line_id]))
    return {
        "faults": {name: count for name, count in faults.items() if count},
        "winners": dict(Counter(end.act for end in ends if end.how == "done")),
        "losers": dict(Counter(end.how for end in ends if end.how != "done")),
    }


def _moves(structure: Any, sender: Any, line_id: UUID, version: int) -> dict[str, Callable[[], Any]]:
    from pathway.referrals.commands import agree_in_principle, decline_line, withdraw_line
    from pathway.referrals.records import DeclineLine, LineStep, WithdrawLine
    from pathway.referrals.states import DeclineReason, WithdrawReason

    step = {"line_id": line_id, "version": version}
    return {
        "agree": lambda: agree_in_principle(LineStep(**step), by=structure.manager),
        "decline": lambda: decline_line(DeclineLine(**step, reason=DeclineReason.NO_PLACE), by=structure.manager),
        "withdraw": lambda: withdraw_line(WithdrawLine(**step, reason=next(iter(WithdrawReason))), by=sender),
        "agree too": lambda: agree_in_principle(LineStep(**step), by=structure.physician),
    }


def _wrongs(line: Any, version: int, ends: list[End]) -> list[str]:
    """Return what is wrong about one line after its race."""
    from accounts.access.permissions import Permission
    from accounts.audit.models import AuditRow
    from accounts.kernel.models import Transition
    from accounts.outbox.models import StoredEvent
    from pathway.referrals.states import LineState

    since = {"aggregate_id": line.id, "aggregate_version__gt": version}
    rights = [Permission.REFERRAL_ACCEPT, Permission.REFERRAL_REFUSE, Permission.REFERRAL_CANCEL]
    allowed = AuditRow.objects.filter(object_id=line.id, action__in=rights, outcome="allowed").count()
    winners = [end.act for end in ends if end.how == "done"]
    leads_to = {"decline": LineState.DECLINED, "withdraw": LineState.WITHDRAWN}
    found = {
        "lines with another number of winners than one": len(winners) != 1,
        "lines with another number of transitions than one": Transition.objects.filter(**since).count() != 1,
        "lines with another number of events than one": StoredEvent.objects.filter(**since).count() != 1,
        "lines with another number of allowed acts in the audit than one": allowed != 1,
        "lines in another state than the winner's": [
            leads_to.get(act, LineState.AGREED_IN_PRINCIPLE) for act in winners
        ]
        != [line.state],
    }
    lost_sight = set(ACTS) - {"withdraw"} if CLOSING & set(winners) else set()
    unlike = [
        end.how
        for end in ends
        if end.how not in ("done", "409", "412") and not (end.how == "404" and end.act in lost_sight)
    ]
    return [name for name, is_so in found.items() if is_so] + [f"losers told {how}" for how in unlike]


def how_it_ends(call: Callable[[], Any]) -> str:
    """Run one act and say how it ended."""
    from accounts.kernel.errors import DomainError

    try:
        call()
    except DomainError as refusal:
        return str(refusal.status)
    except Exception as fault:  # noqa: BLE001 (any other end is what the trial looks for)
        return f"{type(fault).__name__}: {fault}"[:200]
    return "done"


def at_once(calls: list[Callable[[], str]]) -> list[str]:
    """Start every call at the same instant, each in a thread and a connection of its own; return what each gave."""
    barrier = Barrier(len(calls))

    def one(call: Callable[[], str]) -> str:
        barrier.wait(TOGETHER)
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def doubled_forms(number: int) -> int:
    """Send that many forms eight times at once each; return how many had another number of effects than one."""
    from accounts.people.commands import register_person
    from accounts.people.models import Person
    from tests.factories import people

    doubled = 0
    for form in range(number):
        before = Person.objects.count()
        by = replace(people.actor(people.Role.NURSE), idempotency_key=f"double-{form}")
        record = people.registration()
        ends = at_once([lambda b=by, r=record: how_it_ends(lambda: register_person(r, by=b))] * THREADS)  # type: ignore[misc]  # (bound at once)
        doubled += Person.objects.count() - before != 1 or set(ends) != {"done"}
    return doubled
