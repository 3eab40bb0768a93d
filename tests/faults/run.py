"""`make faults`: while partners and people send commands, web server and worker are killed at random; nothing may be lost or doubled.

Each command carries its own key and is sent again, unchanged, until it is answered. A ledger outside the database
keeps what was answered. In the end the database must hold each answered command once, its audit, counters and FHIR
store must hold, and no work may wait. `--postgres` runs on a PostgreSQL of our own with fsync; `CI=true` runs a
short one; `--seed` repeats the same marks of the kills.
"""

import argparse
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

from tests.support.browser import Browser, first_uuid  # noqa: E402 (as above)
from tests.support.installation import Child, Installation, installation  # noqa: E402 (as above)
from tests.support.pace import IN_CI  # noqa: E402 (the tree is found just above)

COMMANDS, KILLS, SEND_SECONDS = (300, 5, 240) if IN_CI else (2000, 50, 900)
CLIENTS = 4
EVERY_NTH_BY_FORM = 5
DRAIN_SECONDS = 90
"""Longer than the lease of a piece of work, which a killed process leaves behind."""


@dataclass(frozen=True)
class Order:
    """One command to send: an announcement by FHIR, or a person registered through a form."""

    key: str
    by_form: bool
    body: bytes = b""
    fields: dict[str, str] = field(default_factory=dict)


class Ledger:
    """What was answered, in a file that only grows, flushed to the disk before the next command leaves."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()
        self.answered = 0

    def note(self, line: dict[str, Any]) -> None:
        """Keep one answer."""
        with self._lock:
            self._file.write(json.dumps(line).encode() + b"\n")
            os.fsync(self._file.fileno())
            self.answered += 1

    def lines(self) -> list[dict[str, Any]]:
        """Return every answer kept."""
        return [json.loads(line) for line in self.path.read_text().splitlines()]


class Client(threading.Thread):
    """Sends its share of the orders, each until it is answered."""

    def __init__(self, orders: Iterator[Order], ledger: Ledger, *, base: str, token: str, browser: Browser) -> None:
        super().__init__(daemon=True)
        self._orders, self._ledger = orders, ledger
        self._http = httpx.Client(base_url=base, timeout=30)
        self._bearer = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
        self._browser = browser
        self._form_page = browser.open("/personnes/nouvelle/")
        self._csrf = next(
            form.fields["csrfmiddlewaretoken"][0] for form in browser.forms() if "birth_name" in form.fields
        )
        self.refused: list[str] = []
        self.retries = 0

    def run(self) -> None:
        """Send until no order is left."""
        for order in self._orders:
            send = self._by_form if order.by_form else self._by_fhir
            while not self._is_answered(order, send):
                self.retries += 1
                time.sleep(0.1)

    def _is_answered(self, order: Order, send: Callable[[Order], httpx.Response]) -> bool:
        try:
            response = send(order)
        except httpx.HTTPError:
            return False
        if response.status_code >= 500:
            return False
        if response.status_code == (302 if order.by_form else 200):
            self._ledger.note(self._line(order, response))
            return True
        self.refused.append(f"{order.key}: {response.status_code} {response.text[:300]}")
        return True

    def _by_fhir(self, order: Order) -> httpx.Response:
        return self._http.post("/fhir", content=order.body, headers={**self._bearer, "Idempotency-Key": order.key})

    def _by_form(self, order: Order) -> httpx.Response:
        fields = {**order.fields, "form_token": order.key, "csrfmiddlewaretoken": self._csrf}
        headers = {"Referer": f"{self._browser.origin}/personnes/nouvelle/"}
        return self._browser.http.post("/personnes/nouvelle/", data=fields, headers=headers, follow_redirects=False)

    @staticmethod
    def _line(order: Order, response: httpx.Response) -> dict[str, Any]:
        if order.by_form:
            return {"key": order.key, "by_form": True, "person": first_uuid(response.headers["location"])}
        located = [entry["response"]["location"] for entry in response.json()["entry"]]
        person = next(first_uuid(one) for one in located if "/Patient/" in one)
        replayed = response.headers.get("idempotency-replayed") == "true"
        return {"key": order.key, "by_form": False, "person": person, "replayed": replayed}


class Shared:
    """Hands each order out once, whichever thread asks."""

    def __init__(self, orders: list[Order]) -> None:
        self._orders = iter(orders)
        self._lock = threading.Lock()

    def __iter__(self) -> "Shared":
        return self

    def __next__(self) -> Order:
        with self._lock:
            return next(self._orders)


class Killer:
    """Keeps web and worker running, and kills one of them whenever the answers pass a random mark."""

    def __init__(self, site: Installation, ledger: Ledger, *, dice: random.Random, commands: int, kills: int) -> None:
        self._ledger, self._dice = ledger, dice
        self._marks = sorted(dice.sample(range(1, commands - CLIENTS), kills))
        self._start: dict[str, Callable[[], Child]] = {"web": site.start_web, "worker": site.start_worker}
        self.children = {name: start() for name, start in self._start.items()}
        self.kills: Counter[str] = Counter()

    def run(self, *, until: Callable[[], bool], deadline: float) -> None:
        """Kill at each mark until the clients are done; runs in the main thread, whose end would end the children."""
        while not until() and time.monotonic() < deadline:
            if self._marks and self._ledger.answered >= self._marks[0]:
                self._marks.pop(0)
                time.sleep(self._dice.uniform(0, 0.1))
                self._kill(self._dice.choice(["web", "web", "worker"]))
            time.sleep(0.01)

    def stop(self, name: str) -> None:
        """End one child in order."""
        self.children[name].stop()

    def _kill(self, name: str) -> None:
        self.children[name].kill()
        self.children[name] = self._start[name]()
        self.kills[name] += 1


def orders(commands: int) -> list[Order]:
    """Return the commands to send: mostly announcements, some persons registered by form; every person is another one."""
    from tests.factories import fhir, people

    made = []
    for number in range(commands):
        if number % EVERY_NTH_BY_FORM == 0:
            fields = {
                "birth_name": f"CANARIVEAU{number}", "birth_given_names": "Philomène", "birth_date": "1950-02-03",
                "sex": "female",
            }  # fmt: skip
            made.append(Order(str(uuid4()), by_form=True, fields=fields))
        else:
            bundle = fhir.announcement_bundle(people.registration())
            made.append(Order(f"annonce-{number}", by_form=False, body=json.dumps(bundle).encode()))
    return made


def findings(lines: list[dict[str, Any]]) -> dict[str, int]:
    """Return what the database lacks, or has too much, against the answers in the ledger: every figure must be 0."""
    from accounts.audit.verification import verify
    from accounts.outbox.models import Work
    from accounts.people.models import Person
    from fhir_bridge.projection.refresh import differences
    from pathway.cases.counters import drift
    from pathway.cases.models import Case
    from ppa.announcements.models import Announcement, PlanProposal

    persons = {UUID(line["person"]) for line in lines}
    announced = {UUID(line["person"]) for line in lines if not line["by_form"]}
    kept = {
        "persons": (persons, list(Person.objects.values_list("id", flat=True))),
        "announcements": (announced, list(Announcement.objects.values_list("person_id", flat=True))),
        "proposals": (announced, list(PlanProposal.objects.values_list("person_id", flat=True))),
        "coordination files": (announced, list(Case.objects.values_list("person_id", flat=True))),
    }
    lost = {f"{name} lost": len(wanted - set(held)) for name, (wanted, held) in kept.items()}
    doubled = {f"{name} doubled": len(held) - len(wanted & set(held)) for name, (wanted, held) in kept.items()}
    return {
        "answers that share a person": len(lines) - len(persons),
        **lost,
        **doubled,
        "work not done": Work.objects.exclude(state=Work.State.DONE).count(),
        "chains of the audit that do not hold": len(verify().faults),
        "counters that are wrong": len(drift()),
        "resources that differ from the domain": len(list(differences())),
    }


def wait_for_the_queue() -> float:
    """Wait until no work is left, or the time is over; return the seconds it took."""
    from accounts.outbox.models import Work

    start = time.monotonic()
    while time.monotonic() < start + DRAIN_SECONDS:
        if not Work.objects.filter(state=Work.State.PENDING).exists():
            break
        time.sleep(0.5)
    return time.monotonic() - start


def trial(site: Installation, *, commands: int, kills: int, seed: int) -> dict[str, Any]:
    """Run the whole test and return its figures; `failures` says what did not hold."""
    token = site.token("system/*.cruds")
    ledger = Ledger(site.folder / "ledger.jsonl")
    killer = Killer(site, ledger, dice=random.Random(seed), commands=commands, kills=kills)
    try:
        site.wait_until_ready(killer.children["web"])
        logins = [one for one in site.accounts().values() if one["role"] == "gestionnaire_dac"][:CLIENTS]
        shared = Shared(orders(commands))
        clients = [
            Client(shared, ledger, base=site.base, token=token, browser=Browser(site.base).sign_in(login))
            for login in logins
        ]
        start = time.monotonic()
        for client in clients:
            client.start()
        killer.run(until=lambda: not any(client.is_alive() for client in clients), deadline=start + SEND_SECONDS)
        seconds = time.monotonic() - start
        killer.stop("web")
        drained = wait_for_the_queue()
    finally:
        for name in killer.children:
            killer.stop(name)
    lines = ledger.lines()
    refused = [text for client in clients for text in client.refused]
    faults = {"commands unanswered": commands - len(lines), **findings(lines)}
    return {
        "commands": commands,
        "answered": len(lines),
        "sent again": sum(client.retries for client in clients),
        "answered from the key": sum(bool(line.get("replayed")) for line in lines),
        "kills of the web server": killer.kills["web"],
        "kills of the worker": killer.kills["worker"],
        "seconds": round(seconds, 1),
        "seconds to empty the queue": round(drained, 1),
        "seed": seed,
        "faults": faults,
        "refused": refused[:5],
        "failures": [name for name, number in faults.items() if number]
        + ["too few kills"] * (sum(killer.kills.values()) < kills),
    }


def main() -> int:
    """Run, print a table, keep the figures; return 1 when anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of our own, with fsync")
    parser.add_argument("--commands", type=int, default=COMMANDS)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=None, help="of the marks of the kills")
    chosen = parser.parse_args()
    seed = random.randrange(10**6) if chosen.seed is None else chosen.seed
    with installation(on_postgresql=chosen.postgres) as site:
        figures = trial(site, commands=chosen.commands, kills=chosen.kills, seed=seed)
    database = "postgresql" if chosen.postgres else "sqlite"
    report = ROOT / "var" / "faults" / f"kills-{database}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    show(figures, database=database)
    return 1 if figures["failures"] else 0


def show(figures: dict[str, Any], *, database: str) -> None:
    """Print the figures as a table, and what was refused."""
    table = Table("figure", "value", title=f"Kills at random, {database}")
    for name, value in {**figures, **figures["faults"]}.items():
        if not isinstance(value, dict | list):
            table.add_row(name, str(value))
    console = Console(width=100)
    console.print(table)
    for line in figures["refused"]:
        console.print(line, markup=False)
    console.print("All of it holds." if not figures["failures"] else f"Does not hold: {', '.join(figures['failures'])}")


if __name__ == "__main__":
    sys.exit(main())
