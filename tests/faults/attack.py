"""Attacks, run by hand until each has held from end to end (then a part of `make faults`): a stranger with every id, twin worlds, known and unknown numbers timed, races, and a broken gate.

Each trial prints its figures and keeps them under var/faults/. `CI=true` runs a short form of each; names on the command line
choose among them; `--postgres` runs on a PostgreSQL of our own, which the race needs.
"""

import argparse
import json
import logging
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from math import erfc, sqrt
from pathlib import Path
from threading import Barrier
from typing import Any

import django
from django.core.management import call_command
from django.db import connections
from django.test.utils import setup_test_environment
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

from tests.support import servers  # noqa: E402 (the tree is found just above)

IN_CI = os.environ.get("CI") == "true"
ATTEMPTS = 2_000 if IN_CI else 10_000
CALLS = 400 if IN_CI else 2_000
REQUESTS = 20 if IN_CI else 500
EVERY_QUESTION = 10 if IN_CI else 1
EVERY_MUTANT = 20 if IN_CI else 1
THREADS = 16
DOUBLE_SUBMITS = 8
SHOWN = 10


def sweep() -> dict[str, Any]:
    """Try the ids of one person from an organisation that does not know her."""
    from tests.matrix.strangers import Stranger
    from tests.matrix.world import World, undone

    with undone():
        stranger = Stranger(World())
        every = max(1, sum(1 for _ in stranger.attempts()) // ATTEMPTS)
        report = stranger.run(every=every)
    tried = sum(report.tried.values())
    return {
        "requests with an id of another organisation": tried,
        **{f"of which in {kind}": number for kind, number in sorted(report.tried.items())},
        "leaks": len(report.leaks),
        "answers unlike that of an unknown id": len(report.unlike),
        "faults of the server": len(report.faults),
        "found": report.wrongs[:SHOWN],
        "failures": ["an id tells a stranger something"] * bool(report.wrongs)
        + ["too few requests"] * (tried < ATTEMPTS),
    }


def oracle() -> dict[str, Any]:
    """Ask two worlds that differ in one hidden value the same questions."""
    from tests.matrix.twins import HIDDEN, differences

    asked, found = 0, []
    for hidden in HIDDEN:
        number, unlike = differences(hidden, every=EVERY_QUESTION)
        asked, found = asked + number, found + unlike
    return {
        "questions asked of both worlds": asked,
        "hidden values": len(HIDDEN),
        "answers that tell the worlds apart": len(found),
        "found": found[:SHOWN],
        "failures": ["a search tells what is hidden"] * bool(found),
    }


def timing() -> dict[str, Any]:
    """Time the search of a number that another organisation knows, and of one that nobody knows, interleaved."""
    from accounts.people.rules import OID_TEST
    from tests.factories import fhir, people
    from tests.factories.plans import team
    from tests.matrix.world import undone

    with undone():
        known = people.ins()
        team(ins=known)
        stranger = fhir.partner(people.organisation())
        numbers = {"known": known.value, "unknown": people.ins().value}
        times: dict[str, list[float]] = {"known": [], "unknown": []}
        for _ in range(CALLS):
            for name in random.sample(sorted(numbers), 2):
                start = time.perf_counter()
                answer = stranger.search("Patient", identifier=f"urn:oid:{OID_TEST}|{numbers[name]}")
                times[name].append(time.perf_counter() - start)
                assert answer.status_code == 200, answer.content
    gap = 1000 * abs(statistics.median(times["known"]) - statistics.median(times["unknown"]))
    p = mann_whitney(times["known"], times["unknown"])
    return {
        "calls of each kind": CALLS,
        "median gap (ms)": round(gap, 3),
        "p (Mann-Whitney)": round(p, 4),
        "failures": ["a known number answers in another time"] * ((p <= 0.01 and gap >= 0.05) or gap >= 1),
    }


def mann_whitney(one: list[float], other: list[float]) -> float:
    """Return the two-sided p-value that two samples come from the same source, by the normal approximation (no ties)."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, start=1) if which == 0)
    first, second = len(one), len(other)
    mean = first * (first + second + 1) / 2
    deviation = sqrt(first * second * (first + second + 1) / 12)
    return erfc(abs(ranks - mean) / deviation / sqrt(2))


def at_once(calls: list[Callable[[], Any]]) -> list[str]:
    """Start every call at the same instant, each in a thread and a connection of its own; return how each ended."""
    from accounts.kernel.errors import DomainError

    barrier = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> str:
        barrier.wait(timeout=60)
        try:
            call()
        except DomainError as refusal:
            return f"{refusal.status}"
        except Exception as fault:  # noqa: BLE001 (any other end is what the trial looks for)
            return type(fault).__name__
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def race() -> dict[str, Any]:
    """Let sixteen threads take, refuse, withdraw and take the same lines at once, and submit one form eight times.

    A loser is told 404 when the winner took the line away from it.
    """
    from django.db import connection

    from accounts.kernel.models import Transition
    from accounts.outbox.models import StoredEvent
    from pathway.referrals.commands import agree_in_principle, decline_line, withdraw_line
    from pathway.referrals.models import RequestLine
    from pathway.referrals.records import DeclineLine, LineStep, WithdrawLine
    from pathway.referrals.states import DeclineReason, LineState, WithdrawReason
    from tests.factories import referrals

    if connection.vendor != "postgresql":
        return {"not run": "SQLite has one writer at a time: the race is PostgreSQL's", "failures": []}
    wrong: Counter[str] = Counter()
    refusals: Counter[str] = Counter()

    asked = referrals.sent(referrals.structure())
    structure, sender = asked.structures[0], asked.sender
    for _ in range(REQUESTS):
        asked = referrals.sent(structure, sender=sender)
        referrals.studied(asked)
        line = asked.line()
        step = {"line_id": line.id, "version": line.version}
        moves: list[Callable[[], Any]] = [
            lambda s=step: agree_in_principle(LineStep(**s), by=structure.manager),
            lambda s=step: decline_line(DeclineLine(**s, reason=DeclineReason.NO_PLACE), by=structure.manager),
            lambda s=step: withdraw_line(WithdrawLine(**s, reason=next(iter(WithdrawReason))), by=sender),
            lambda s=step: agree_in_principle(LineStep(**s), by=structure.physician),
        ]
        ends = at_once(moves * (THREADS // len(moves)))
        refusals.update(end for end in ends if end != "done")
        present = RequestLine.objects.get(pk=line.id)
        written = Transition.objects.filter(aggregate_id=line.id, aggregate_version__gt=line.version).count()
        told = StoredEvent.objects.filter(aggregate_id=line.id, aggregate_version__gt=line.version).count()
        wrong["lines with another number of transitions than one"] += ends.count("done") != 1 or written != 1
        wrong["lines with another number of events than one"] += told != 1
        wrong["lines in no state that a winner leads to"] += present.state not in (
            LineState.AGREED_IN_PRINCIPLE, LineState.DECLINED, LineState.WITHDRAWN
        )  # fmt: skip
    wrong["losers told anything but 404, 409 or 412"] += sum(
        number for end, number in refusals.items() if end not in ("404", "409", "412")
    )
    wrong["forms sent eight times with another number of effects than one"] += doubled_forms()
    return {
        "lines": REQUESTS,
        "threads": THREADS,
        "losers": dict(refusals),
        **wrong,
        "failures": [name for name, number in wrong.items() if number],
    }


def mutation() -> dict[str, Any]:
    """Break the gate in every small way and see whether its tests notice."""
    from tests.faults import mutants

    return mutants.trial(every=EVERY_MUTANT)


def doubled_forms() -> int:
    """Send the same form eight times at once; return how many forms had another number of effects than one."""
    from accounts.people.commands import register_person
    from accounts.people.models import Person
    from tests.factories import people

    doubled = 0
    for number in range(max(5, REQUESTS // 10)):
        before = Person.objects.count()
        by, record = replace(people.actor(people.Role.NURSE), idempotency_key=f"double-{number}"), people.registration()
        ends = at_once([lambda b=by, r=record: register_person(r, by=b)] * DOUBLE_SUBMITS)
        doubled += Person.objects.count() - before != 1 or set(ends) != {"done"}
    return doubled


TRIALS: dict[str, Callable[[], dict[str, Any]]] = {
    "sweep": sweep, "oracle": oracle, "timing": timing, "race": race, "mutation": mutation
}  # fmt: skip


@contextmanager
def prepared(*, on_postgresql: bool) -> Iterator[None]:
    """Give this process an empty database of its own, with the settings of the tests; nothing of it stays."""
    with tempfile.TemporaryDirectory(prefix="ppa-attack-", ignore_cleanup_errors=True) as folder:
        database = servers.postgresql() if on_postgresql else nullcontext(f"sqlite:///{folder}/db.sqlite3")
        with database as url:
            os.environ.update(DJANGO_SETTINGS_MODULE="pathway.settings.test", DATABASE_URL=url)
            django.setup()
            setup_test_environment()
            call_command("migrate", interactive=False, skip_checks=True, verbosity=0)
            logging.disable(logging.WARNING)
            yield
            connections.close_all()


def main() -> int:
    """Run the chosen trials, print a table of each, keep the figures; return 1 when anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help="all of them when none is named")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of our own")
    chosen = parser.parse_args()
    failed = False
    with prepared(on_postgresql=chosen.postgres):
        for name in chosen.trials or TRIALS:
            start = time.monotonic()
            figures = {**TRIALS[name](), "seconds": round(time.monotonic() - start, 1)}
            failed |= bool(figures["failures"])
            keep(name, figures, database="postgresql" if chosen.postgres else "sqlite")
    return 1 if failed else 0


def keep(name: str, figures: dict[str, Any], *, database: str) -> None:
    """Print one trial's figures and write them beside the others."""
    report = ROOT / "var" / "faults" / f"{name}-{database}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    table = Table("figure", "value", title=f"{name}, {database}")
    for figure, value in figures.items():
        table.add_row(figure, "\n".join(map(str, value)) if isinstance(value, list) else str(value))
    Console(width=120).print(table)


if __name__ == "__main__":
    sys.exit(main())
