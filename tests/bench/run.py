"""`make bench`: what reading and writing cost, over HTTP and in-process, with a small volume of people.

CPU-ms of the server process per request is the figure that counts; beside it, in the same run, a Django view that
does nothing. Latencies are those of a closed loop, so they move with the machine. `--postgres` measures on a durable
PostgreSQL of our own, whose own processor time is not counted.

What was promised (`GOALS_MS`, and for the gate `at_most_ms`) is held against the empty view of the same run: a machine
on which it takes twice `NOTHING_MS` is given twice the time. The run fails where a promise is not kept.
"""

import argparse
import gc
import json
import os
import random
import re
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import chain, count
from math import comb
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

from tests.support.installation import HOSPITAL, Child, Installation, installation  # noqa: E402 (the tree is found just above)
from tests.support.pace import SLACK  # noqa: E402 (as above)

console = Console(width=120)
WARM_UP = 5
CLIENTS = 4
PAIRS = 100
LONGEST_SEED = 240
LONGEST_WORKLOAD = 30
LONGEST_COMPARISON = 90
"""Seconds after which a part of the run goes on with what it has: on a busy machine it measures less, and ends."""
FEWEST = 4
SEED_STEP = 25
DEPARTEMENT = "21"
NOTHING = "a view that does nothing"
NOTHING_MS = 0.2
"""What the empty view takes on the machine for which the promises were made."""
PLAN_PAGE, PLAN_TOPIC, PLAN_PDF = (
    "plan of 30 versions, page",
    "plan of 30 versions, save a topic",
    "PDF of a plan, six pages",
)
GOALS_MS = {PLAN_PAGE: 25.0, PLAN_TOPIC: 25.0, PLAN_PDF: 150.0}
"""CPU-ms that a request takes at most."""
MOST_STATEMENTS = {PLAN_PAGE: 12}
OK = (200, 201, 302, 304)

Send = Callable[[], httpx.Response]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What one kind of request costs; `sql` is `None` where it was not counted, `ratio` compares CPU with the empty view."""

    name: str
    requests: int
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    kilobytes: float
    sql: int | None = None
    ratio: float = 0


@dataclass(frozen=True, kw_only=True)
class GateCost:
    """What the gate and the wall add to one kind of reading, in ms of this process's CPU.

    Blocks with the gate and with the stand-in follow each other; `cost_ms` is the median of
    what the two of a pair differ by, so that a machine that slows down weighs on neither;
    `at_least_ms` is what few noisy pairs leave of it beyond chance: that is held against the promise.
    """

    name: str
    requests: int
    with_gate_ms: float
    with_stand_in_ms: float
    cost_ms: float
    at_least_ms: float
    at_most_ms: float
    sql: int
    sql_with_stand_in: int


@dataclass(frozen=True)
class Workload:
    """One kind of request: how to send it, how often, by how many at once, and how to repeat it in-process."""

    name: str
    send: Send
    requests: int
    clients: int = CLIENTS
    repeat: Callable[[], Any] | None = None


def measure(workload: Workload, server: Child) -> Figure:
    """Send the requests in a closed loop and return what they cost; raise `RuntimeError` at the first that fails.

    What takes longer than `LONGEST_WORKLOAD` ends there: the figure says of how many requests it is.
    """
    sizes = [_checked(workload, workload.send()) for _ in range(WARM_UP)]
    lock, left, times = threading.Lock(), count(), []
    faults: list[Exception] = []
    until = time.monotonic() + LONGEST_WORKLOAD

    def loop() -> None:
        while not faults:
            with lock:
                sent = next(left)
                if sent >= workload.requests or (sent >= FEWEST and time.monotonic() > until):
                    return
            start = time.perf_counter()
            try:
                _checked(workload, workload.send())
            except (RuntimeError, httpx.HTTPError) as fault:
                faults.append(fault)
            times.append(time.perf_counter() - start)

    before = server.cpu_ms
    threads = [threading.Thread(target=loop) for _ in range(workload.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    cuts = statistics.quantiles(times, n=20)
    return Figure(
        name=workload.name,
        requests=len(times),
        p50_ms=1000 * statistics.median(times),
        p95_ms=1000 * cuts[-1],
        cpu_ms=(server.cpu_ms - before) / len(times),
        kilobytes=sizes[0] / 1024,
        sql=statements(workload.repeat) if workload.repeat else None,
    )


def _checked(workload: Workload, response: httpx.Response) -> int:
    if response.status_code not in OK or "/connexion/" in response.headers.get("location", ""):
        raise RuntimeError(f"{workload.name}: {response.status_code} {response.text[:600]}")
    return len(response.content)


def statements(run: Callable[[], Any]) -> int:
    """Return how many SQL statements a piece of work sends, once it is warm; transaction marks are left out."""
    from django.db import connection

    sent: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    run()
    with connection.execute_wrapper(note):
        run()
    return sum(not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")) for sql in sent)


class Scene:
    """Who asks what: a hospital's system, a coordinator at her desk, and the people of the volume."""

    def __init__(self, site: Installation, *, scale: float) -> None:
        from accounts.access.models import CircleMembership
        from accounts.people.queries import person_snapshot
        from pathway.cases.models import Case
        from pathway.cases.states import CaseState
        from pathway.management.cast import areas
        from pathway.referrals.models import Request

        self.site, self.scale = site, scale
        self.token = site.token("system/*.cruds")
        area = next(one for one in areas() if one.departement == DEPARTEMENT)
        self.coordinator = area.coordinators[0]
        of_hospital = CircleMembership.objects.filter(organisation__finess=HOSPITAL).order_by("id")
        known = list(of_hospital.values_list("person_id", flat=True))
        known.sort(key=lambda one: -Request.objects.filter(person_id=one).count())  # searches by patient find something
        self.persons = [str(one) for one in known]
        self.families = [person_snapshot(one).traits.birth_name for one in known]
        mine = Case.objects.filter(organisation_id=self.coordinator.organisation_id, state=CaseState.ACTIVE).order_by(
            "id"
        )
        self.case_id, self.case_person = mine.values_list("id", "person_id")[0]
        self.http = httpx.Client(base_url=site.base, timeout=30, limits=httpx.Limits(max_connections=CLIENTS))
        self.dice = random.Random(1)
        self._sign_in()

    def workloads(self) -> Iterator[Workload]:
        """Yield every kind of request, reads before writes."""
        many, some = int(400 * self.scale), int(100 * self.scale)
        person, etag = self.persons[0], self._etag(self.persons[0])
        by_patient = {name: f"/fhir/{name}?patient={person}" for name in ("CarePlan", "ServiceRequest")}
        yield Workload(
            "FHIR read, Patient",
            self._fhir(lambda: f"/fhir/Patient/{self.dice.choice(self.persons)}"),
            many,
            repeat=self._local(f"/fhir/Patient/{person}"),
        )
        yield Workload(
            "FHIR read, not modified (304)",
            self._fhir(lambda: f"/fhir/Patient/{person}", {"If-None-Match": etag}),
            many,
        )
        for name, address in by_patient.items():
            yield Workload(
                f"FHIR search, {name} by patient",
                self._fhir(partial(str, address)),
                many,
                repeat=self._local(address),
            )
        yield Workload("FHIR search by name (POST)", self._search, many)
        yield Workload(
            "worklist page, coordinator",
            self._page("/dossiers/?onglet=toutes"),
            some,
            repeat=self._local_page("/dossiers/?onglet=toutes"),
        )
        yield Workload(
            "person’s page, coordinator",
            self._page(f"/personnes/{self.case_person}/"),
            some,
            repeat=self._local_page(f"/personnes/{self.case_person}/"),
        )
        yield Workload("command by form, next action", self._next_action, some, clients=1)
        yield Workload("FHIR create, Patient", self._create_patient, some)
        yield Workload("FHIR create, announcement of 6 entries", self._announce, some)

    def plan_workloads(self) -> Iterator[Workload]:
        """Yield what a plan with a long life behind it costs, under revision: 30 versions, 200 actions, 50 conversations."""
        from ppa.plans.commands import revise_plan
        from ppa.plans.records import RevisePlan
        from tests.factories import plans

        team, some = plans.team(), int(100 * self.scale)
        plan = plans.long_lived(team)
        revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=team.physician)
        page = f"/personnes/{team.person_id}/plan/"
        topic = f"{page}themes/review/"
        browser, desk = self._at_desk(team.coordinator)
        token, written = _csrf_of(desk.get(topic)), count(0)

        def text() -> dict[str, str]:
            number = next(written)
            return {"form_token": str(uuid4()), "version": str(number), "text": f"À revoir dans {number} jours."}

        yield Workload(
            PLAN_PAGE,
            lambda: desk.get(page),
            some,
            clients=1,
            repeat=lambda: browser.get(page, headers=HERE),
        )
        yield Workload(
            PLAN_TOPIC,
            lambda: desk.post(topic, data={"csrfmiddlewaretoken": token, **text()}),
            some,
            clients=1,
            repeat=lambda: browser.post(topic, text(), headers=HERE),
        )

    def in_process(self) -> Figure:
        """Measure one command called directly, with everything that follows it."""
        from pathway.cases.commands import plan_next_action

        by, requests, times = self.coordinator.at_work(), int(100 * self.scale), []
        for _ in range(WARM_UP):
            plan_next_action(self._next_record(), by=by)
        before = time.process_time()
        for _ in range(requests):
            start = time.perf_counter()
            plan_next_action(self._next_record(), by=by)
            times.append(time.perf_counter() - start)
        return Figure(
            name="command in-process, next action",
            requests=requests,
            p50_ms=1000 * statistics.median(times),
            p95_ms=1000 * statistics.quantiles(times, n=20)[-1],
            cpu_ms=1000 * (time.process_time() - before) / requests,
            kilobytes=0,
            sql=statements(lambda: plan_next_action(self._next_record(), by=by)),
        )

    def gate_costs(self) -> Iterator[GateCost]:
        """Measure two readings in-process, in turn through the gate and through one that lets everything pass."""
        gc.collect()
        gc.freeze()  # as the server does when it starts
        person = self.persons[0]
        read = self._local(f"/fhir/Patient/{person}")
        yield self._gate_cost("FHIR read, Patient", read, block=15, at_most_ms=0.3)
        page = self._local_page(f"/personnes/{self.case_person}/")
        yield self._gate_cost("person’s page, coordinator", page, block=3, at_most_ms=2)

    def _gate_cost(self, name: str, send: Callable[[], Any], *, block: int, at_most_ms: float) -> GateCost:
        """Return the cost of one reading; `block` of them follow each other before the gates change places.

        As many go before them, untimed: the interpreter forgets what it knew of functions that are replaced.
        """
        from tests.bench.stand_in import stand_in_gate

        gates = (nullcontext, partial(stand_in_gate, self.site.owner_url))
        times: tuple[list[float], list[float]] = ([], [])
        sql = []
        for gate in gates:
            with gate():
                assert send().status_code == OK[0]
                sql.append(statements(send))
        until = time.monotonic() + LONGEST_COMPARISON
        for pair in range(max(FEWEST, int(PAIRS * self.scale))):
            if pair >= FEWEST and time.monotonic() > until:
                break
            for which in (0, 1) if pair % 2 else (1, 0):
                with gates[which]():
                    for _ in range(block):
                        send()
                    times[which].append(1000 * statistics.median(_cpu_of(send) for _ in range(block)))
        costs = [gated - free for gated, free in zip(*times, strict=True)]
        return GateCost(
            name=name,
            requests=block * len(times[0]),
            with_gate_ms=statistics.median(times[0]),
            with_stand_in_ms=statistics.median(times[1]),
            cost_ms=statistics.median(costs),
            at_least_ms=median_at_least(costs),
            at_most_ms=at_most_ms,
            sql=sql[0],
            sql_with_stand_in=sql[1],
        )

    def _next_record(self) -> Any:
        from accounts.access.unit import ANY_VERSION
        from accounts.kernel.clock import today
        from pathway.cases.records import PlanNextAction

        return PlanNextAction(case_id=self.case_id, version=ANY_VERSION, action=f"Appeler {uuid4()}", due_on=today())

    def _sign_in(self) -> None:
        self.browser, self.desk = self._at_desk(self.coordinator.at_work())
        self.form = f"/dossiers/{self.case_id}/prochaine-action/"
        self.csrf = _csrf_of(self.desk.get(self.form))

    def _at_desk(self, actor: Any) -> tuple[Any, httpx.Client]:
        """Return somebody's session twice: for this process, and over HTTP."""
        from tests.support.screens import signed_in

        browser = signed_in(actor)
        cookies = {"sessionid": browser.cookies["sessionid"].value}
        return browser, httpx.Client(base_url=self.site.base, timeout=30, cookies=cookies)

    def _fhir(self, address: Callable[[], str], headers: dict[str, str] | None = None) -> Send:
        return lambda: self.http.get(address(), headers=self._bearer(headers))

    def _bearer(self, headers: dict[str, str] | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **(headers or {})}

    def _etag(self, person_id: str) -> str:
        return self.http.get(f"/fhir/Patient/{person_id}", headers=self._bearer()).headers["etag"]

    def _local(self, address: str) -> Callable[[], Any]:
        from django.test import Client

        client = Client()  # a new one would load every middleware again
        return lambda: client.get(address, headers=self._bearer(HERE))

    def _local_page(self, address: str) -> Callable[[], Any]:
        return lambda: self.browser.get(address, headers=HERE)

    def _page(self, address: str) -> Send:
        return lambda: self.desk.get(address)

    def _search(self) -> httpx.Response:
        family = self.dice.choice(self.families)
        return self.http.post("/fhir/Patient/_search", data={"family": family[:3]}, headers=self._bearer())

    def _create_patient(self) -> httpx.Response:
        from tests.factories import fhir, people

        body = json.dumps(fhir.patient(people.registration()))
        return self.http.post("/fhir/Patient", content=body, headers=self._bearer(FHIR_JSON))

    def _announce(self) -> httpx.Response:
        from tests.factories import fhir, people

        body = json.dumps(fhir.announcement_bundle(people.registration()))
        return self.http.post(
            "/fhir", content=body, headers=self._bearer({**FHIR_JSON, "Idempotency-Key": str(uuid4())})
        )

    def _next_action(self) -> httpx.Response:
        """Fill the form with the version now, which one client alone moves on."""
        from accounts.kernel.clock import today
        from pathway.cases.queries import case_snapshot

        fields = {
            "csrfmiddlewaretoken": self.csrf, "form_token": str(uuid4()), "version": case_snapshot(self.case_id).version,
            "action": "Appeler sa fille", "due_on": today().isoformat(),
        }  # fmt: skip
        return self.desk.post(self.form, data=fields)


def _cpu_of(send: Callable[[], Any]) -> float:
    start = time.thread_time()
    send()
    return time.thread_time() - start


def _csrf_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    return found[1] if found else ""


HERE = {"Host": "127.0.0.1"}
FHIR_JSON = {"Content-Type": "application/fhir+json"}


def of_nothing(site: Installation) -> Figure:
    """Measure the view that does nothing, on the same server program."""
    server = site.start_web("tests.bench.nothing:application")
    try:
        site.wait_until_ready(server)
        http = httpx.Client(base_url=site.base, timeout=30)
        return measure(Workload(NOTHING, lambda: http.get("/health/ready"), 1000), server)
    finally:
        server.stop()


def of_paper(*, scale: float) -> Figure:
    """Measure the PDF of a plan of six pages, another text each time: nothing is known from the one before."""
    from ppa.plans.paper import plan_pdf
    from tests.unit.ppa.plans.test_paper import paper

    def made(number: int) -> bytes:
        words = f"Philomène souhaite, pour la {number}e fois, que les soins se passent chez elle. " * 22
        return plan_pdf(paper(words, topics=13))

    requests, times = int(100 * scale), []
    sizes = [len(made(number)) for number in range(WARM_UP)]
    before = time.process_time()
    for number in range(requests):
        start = time.perf_counter()
        made(WARM_UP + number)
        times.append(time.perf_counter() - start)
    return Figure(
        name=PLAN_PDF,
        requests=requests,
        p50_ms=1000 * statistics.median(times),
        p95_ms=1000 * statistics.quantiles(times, n=20)[-1],
        cpu_ms=1000 * (time.process_time() - before) / requests,
        kilobytes=sizes[0] / 1024,
    )


def _seed(patients: int) -> int:
    """Invent that many people, a few at a time, or as many as `LONGEST_SEED` allows; return how many there are."""
    from django.core.management import call_command

    start = time.monotonic()
    for total in range(SEED_STEP, patients + SEED_STEP, SEED_STEP):
        call_command("seed_volume", patients=min(total, patients), verbosity=0)
        if time.monotonic() - start > LONGEST_SEED:
            break
    return min(total, patients)


def run(site: Installation, *, patients: int, scale: float, only: str = "") -> dict[str, Any]:
    """Seed, serve, measure; return every figure. `only`: nothing but what the gate costs ("gate"), or plans ("plans")."""
    start = time.monotonic()
    patients = _seed(patients)
    seeded = time.monotonic() - start
    figures = [of_nothing(site)]
    server = site.start_web()
    try:
        ready = site.wait_until_ready(server)
        scene = Scene(site, scale=scale)
        parts = {"": chain(scene.workloads(), scene.plan_workloads()), "plans": scene.plan_workloads()}
        for workload in parts.get(only, ()):
            figures.append(measure(workload, server))
            console.print(f"  {workload.name}", style="dim")
        memory = server.memory_mib
        figures.append(scene.in_process())
        figures.append(of_paper(scale=scale))
        gate = [] if only == "plans" else [asdict(one) for one in scene.gate_costs()]
    finally:
        server.stop()
    base = figures[0].cpu_ms
    return {
        "patients": patients,
        "people_per_second": round(patients / seeded, 1),
        "server_ready_s": round(ready, 2),
        "server_memory_mib": round(memory),
        "gate": gate,
        "figures": [asdict(replace(one, ratio=one.cpu_ms / base if base else 0)) for one in figures],
    }


def median_at_least(values: list[float]) -> float:
    """Return what the true median is above, with a risk of one in a hundred (sign test)."""
    number, below = len(values), 0
    while sum(comb(number, k) for k in range(below + 1)) <= 0.01 * 2**number:
        below += 1
    return sorted(values)[max(0, below - 1)]


def slowness(report: dict[str, Any]) -> float:
    """Return by how much more time than promised each piece of work may take on this machine: 1 on a quick one."""
    return max(float(SLACK), report["figures"][0]["cpu_ms"] / NOTHING_MS)


def broken_promises(report: dict[str, Any]) -> list[str]:
    """Return each figure that is above what was promised of it, in words."""
    slow = slowness(report)
    costs = [
        (one["name"], one["cpu_ms"], GOALS_MS[one["name"]]) for one in report["figures"] if one["name"] in GOALS_MS
    ]
    costs += [(f"the gate, {one['name']}", one["at_least_ms"], one["at_most_ms"]) for one in report["gate"]]
    sent = {one["name"]: one["sql"] for one in report["figures"] if one["name"] in MOST_STATEMENTS}
    return [
        *(f"{name}: {ms:.2f} ms of {most * slow:.2f}" for name, ms, most in costs if ms > most * slow),
        *(
            f"{name}: {sent[name]} statements of {most}"
            for name, most in MOST_STATEMENTS.items()
            if sent.get(name, 0) > most
        ),
    ]


def show(report: dict[str, Any], *, database: str) -> None:
    """Print the figures as a table."""
    table = Table("request", "n", "p50 ms", "p95 ms", "CPU ms", "× nothing", "SQL", "KB", title=f"Costs on {database}")
    for one in report["figures"]:
        sql = "" if one["sql"] is None else str(one["sql"])
        numbers = (f"{one[key]:.1f}" for key in ("p50_ms", "p95_ms", "cpu_ms", "ratio"))
        table.add_row(one["name"], str(one["requests"]), *numbers, sql, f"{one['kilobytes']:.1f}")
    console.print(table)
    gate = Table(
        "the gate, audit row apart",
        "n",
        "CPU ms",
        "with a stand-in",
        "cost ms",
        "at least",
        "at most",
        "SQL",
        "stand-in",
    )
    columns = ("with_gate_ms", "with_stand_in_ms", "cost_ms", "at_least_ms", "at_most_ms")
    for one in report["gate"]:
        numbers = (f"{one[key]:.2f}" for key in columns)
        gate.add_row(one["name"], str(one["requests"]), *numbers, str(one["sql"]), str(one["sql_with_stand_in"]))
    console.print(gate)
    console.print(
        f"{report['patients']} people seeded at {report['people_per_second']} a second; "
        f"server ready in {report['server_ready_s']} s, {report['server_memory_mib']} MiB after the run; "
        f"promises × {slowness(report):.1f} on this machine."
    )


def main() -> int:
    """Measure, print, keep the figures under `var/bench/`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="on a durable PostgreSQL of our own")
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--only", choices=["gate", "plans"], default="", help="only what the gate costs, or only plans")
    parser.add_argument("--scale", type=float, default=1, help="share of the usual number of requests")
    chosen = parser.parse_args()
    database = "postgresql" if chosen.postgres else "sqlite"
    with installation(on_postgresql=chosen.postgres) as site:
        report = run(site, patients=chosen.patients, scale=chosen.scale, only=chosen.only)
    kept = ROOT / "var" / "bench" / f"{database}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    show(report, database=database)
    broken = broken_promises(report)
    for one in broken:
        console.print(f"above what was promised: {one}", style="red")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
