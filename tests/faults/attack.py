"""Attacks: a stranger with every id, twin worlds, known and unknown numbers timed, races, replays, and a broken gate.

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
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import islice
from math import erfc, sqrt
from pathlib import Path
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

from tests.faults import forks, races, replays  # noqa: E402 (the tree is found just above)
from tests.support import servers  # noqa: E402 (as above)
from tests.support.pace import IN_CI, SLACK  # noqa: E402 (as above)

ATTEMPTS = 1_000 if IN_CI else 10_000
CALLS = 400 if IN_CI else 2_000
REQUESTS = 20 if IN_CI else 500
EVERY_ATTEMPT = 12 if IN_CI else 1
EVERY_QUESTION = 40 if IN_CI else 1
EVERY_MUTANT = 8 if IN_CI else 1
REPLAYS = 10 if IN_CI else 100
SHOWN = 40
FEW = 40


def sweep() -> dict[str, Any]:
    """Try the ids of one person from an organisation that does not know her: each function of it, and its system."""
    from accounts.kernel.actor import Role
    from tests.matrix.registrations import OUTSIDE, registered
    from tests.matrix.strangers import Report, Stranger
    from tests.matrix.world import PEOPLE, Place, Visitor, World
    from tests.support.undone import undone

    with undone(), forks.papers_in_copies():
        world = World()
        insider = Stranger(world, roles=[Role.PHYSICIAN], place=Place.TEAM)
        stranger = Stranger(world, roles=PEOPLE[::2] if IN_CI else PEOPLE)
        report = Report()
        for one in forks.each(stranger.parts(), lambda part: stranger.run(part(), every=EVERY_ATTEMPT), seconds=3600):
            report.add(one or Report(faults=["a part did not come to its end"]))
        told = insider.run(islice(insider.in_paths(Visitor(Role.PHYSICIAN, Place.TEAM)), FEW)).leaks
        posted = [
            wrong for place in OUTSIDE for one in [registered(world, place)] for wrong in (*one.wrongs, *one.told)
        ]
        told_to_her_team = registered(world, Place.TEAM).told
    tried = sum(report.tried.values())
    return {
        "different requests with an id of another organisation": tried,
        **{f"of which in {kind}": number for kind, number in sorted(report.tried.items())},
        "leaks": len(report.leaks),
        "answers unlike that of an unknown id": len(report.unlike),
        "faults of the server": len(report.faults),
        "found": report.wrongs[:SHOWN],
        "leaks found among some requests of her own physician": len(told),
        "her identity posted from outside, answers unlike a read": len(posted),
        "found where she was posted": posted[:SHOWN],
        "failures": ["an id tells a stranger something"] * bool(report.wrongs)
        + ["a registration tells what others wrote"] * bool(posted)
        + ["too few requests"] * (tried < ATTEMPTS)
        + ["nothing would be found"] * (not (told and told_to_her_team)),
    }


def oracle() -> dict[str, Any]:
    """Ask two worlds that differ in one hidden value the same questions."""
    from tests.matrix.twins import HIDDEN, Compared, differences

    lost = Compared(0, ["a world did not come to its end"], 0)
    of_each = [one or lost for one in forks.each(HIDDEN, lambda hidden: differences(hidden, every=EVERY_QUESTION))]
    found = [apart for one in of_each for apart in one.apart]
    return {
        "questions asked of both worlds": sum(one.asked for one in of_each),
        "hidden values": len(HIDDEN),
        "answers that tell the worlds apart": len(found),
        "found": found[:SHOWN],
        "answers to her own team that differ, at least": min(one.told for one in of_each),
        "failures": ["a search tells what is hidden"] * bool(found)
        + ["nothing would be found"] * (not all(one.told for one in of_each)),
    }


def timing() -> dict[str, Any]:
    """Time what another organisation knows and what nobody knows, interleaved: a search by number, a read, a person's page.

    The medians stay within a millisecond, and the ranks do not tell the two apart (p > 0.01). Chance alone goes below 0.01
    once in a hundred runs: that counts only with a gap of 0.05 ms, the least that a network would let through.
    """
    from accounts.kernel.actor import Role
    from accounts.kernel.clock import in_hours
    from accounts.kernel.ids import new_id
    from accounts.people.rules import OID_TEST
    from accounts.systems.models import AccessToken
    from tests.factories import fhir, people
    from tests.factories.plans import team
    from tests.support.screens import signed_in
    from tests.support.undone import undone

    figures: dict[str, Any] = {"calls of each kind": CALLS}
    with undone():
        number, nobodys = people.ins(), people.ins()
        hidden, unknown = team(ins=number).person_id, new_id()
        place = people.organisation()
        partner, physician = fhir.partner(place), signed_in(people.actor(Role.PHYSICIAN, place))
        AccessToken.objects.update(expires_at=in_hours(6))  # this takes longer than a token lasts
        doors: dict[str, tuple[int, tuple[Any, Any], Callable[[Any], Any]]] = {
            "a search by number": (
                200, (number, nobodys), lambda one: partner.search("Patient", identifier=f"urn:oid:{OID_TEST}|{one.value}"),
            ),
            "a read": (404, (hidden, unknown), lambda one: partner.get(f"Patient/{one}")),
            "a page": (404, (hidden, unknown), lambda one: physician.get(f"/personnes/{one}/")),
        }  # fmt: skip
        for door, (expected, both, ask) in doors.items():
            figures |= {f"{door}: {name}": value for name, value in _told_apart(ask, both, expected).items()}
    figures["failures"] = [
        f"{door}: what is known answers in another time"
        for door in doors
        if (figures[f"{door}: p (Mann-Whitney)"] <= 0.01 and figures[f"{door}: median gap (ms)"] >= 0.05 * SLACK)
        or figures[f"{door}: median gap (ms)"] >= 1 * SLACK
    ]
    return figures


def _told_apart(ask: Callable[[Any], Any], both: tuple[Any, Any], expected: int) -> dict[str, float]:
    """Ask for two things in a random order again and again; return how far apart the times of their answers are."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(CALLS):
        for which in random.sample((0, 1), 2):
            start = time.perf_counter()
            answer = ask(both[which])
            times[which].append(time.perf_counter() - start)
            assert answer.status_code == expected, answer.content
    gap = 1000 * abs(statistics.median(times[0]) - statistics.median(times[1]))
    return {"median gap (ms)": round(gap, 3), "p (Mann-Whitney)": round(mann_whitney(*times), 4)}


def mann_whitney(one: list[float], other: list[float]) -> float:
    """Return the two-sided p-value that two samples come from the same source, by the normal approximation (no ties)."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(rank for rank, (_, which) in enumerate(ranked, start=1) if which == 0)
    first, second = len(one), len(other)
    mean = first * (first + second + 1) / 2
    deviation = sqrt(first * second * (first + second + 1) / 12)
    return erfc(abs(ranks - mean) / deviation / sqrt(2))


def race() -> dict[str, Any]:
    """Let sixteen threads of two processes take, refuse and withdraw the same lines at once, and submit one form eight times.

    A loser is told 409 or 412; 404 only at the structure, once the winner closed the line to it: from then on the structure
    may not know of it, whoever asks.
    """
    if connections["default"].vendor != "postgresql":
        return {"not run": "SQLite has one writer at a time: the race is PostgreSQL's", "failures": []}
    forms = max(5, REQUESTS // 10)
    figures, doubled = races.lines(REQUESTS), races.doubled_forms(forms)
    return {
        "lines": REQUESTS,
        "threads": races.PROCESSES * races.THREADS,
        **figures,
        "forms sent eight times at once": forms,
        "forms with another number of effects than one": doubled,
        "failures": [*figures["faults"], *["a form sent twice has two effects"] * bool(doubled)],
    }


def replay() -> dict[str, Any]:
    """Send again what serves once, plant the keys of sessions, follow them through each rise of rights."""
    if connections["default"].vendor != "postgresql":
        return {"not run": "at the same instant means PostgreSQL", "failures": []}
    told = (
        replays.assertions(REPLAYS)
        + replays.codes(REPLAYS)
        + replays.authorization_codes(REPLAYS // 2)
        + replays.sessions(REPLAYS)
    )
    accepted = {name: told[name] for name in replays.NEVER}
    tried = {name: number for name, number in told.items() if name not in accepted}
    return {
        **tried,
        **accepted,
        "failures": [name for name, number in accepted.items() if number]
        + [f"too few: {name}" for name in replays.FOR_EACH if tried.get(name, 0) < REPLAYS // 2],
    }


def mutation() -> dict[str, Any]:
    """Break the gate in every small way and see whether its tests notice."""
    from tests.faults import mutants

    return mutants.run(every=EVERY_MUTANT)


TRIALS: dict[str, Callable[[], dict[str, Any]]] = {
    "sweep": sweep, "oracle": oracle, "timing": timing, "race": race, "replay": replay, "mutation": mutation
}  # fmt: skip


ELSEWHERE = {"mutation"}
"""Trials in processes of their own, which need no database of this one."""


@contextmanager
def prepared(*, on_postgresql: bool) -> Iterator[None]:
    """Give this process an empty database of its own, with the settings of the tests; nothing of it stays."""
    with servers.postgresql() if on_postgresql else nullcontext("sqlite://:memory:") as url:
        os.environ.update(DJANGO_SETTINGS_MODULE="pathway.settings.test", DATABASE_URL=url)
        django.setup()
        setup_test_environment()
        from accounts.kernel.wall import Reason, seeing_everything

        call_command("migrate", interactive=False, skip_checks=True, verbosity=0)
        logging.disable(logging.WARNING)
        with _as_application(), seeing_everything(Reason.VOLUME):
            yield
        connections.close_all()


@contextmanager
def _as_application() -> Iterator[None]:
    """On PostgreSQL, go on as the role of the application, whom row-level security binds."""
    from tests.support import roles

    if connections["default"].vendor != "postgresql":
        yield
        return
    roles.make_application_role()
    with roles.connected_as(roles.APPLICATION):
        yield


def main() -> int:
    """Run the chosen trials, print a table of each, keep the figures; return 1 when anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help="all of them when none is named")
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of our own")
    chosen = parser.parse_args()
    failed = False
    names = chosen.trials or list(TRIALS)
    here = prepared(on_postgresql=chosen.postgres) if set(names) - ELSEWHERE else nullcontext()
    with here:
        for name in names:
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
