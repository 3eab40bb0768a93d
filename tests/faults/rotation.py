"""`make faults`, second part: every row moves to a new key while people read and write, and the move is killed midway.

Persons, relatives, texts that are written once and received messages lie under one key. Two readers and a writer go on
in a process of their own; `rotate_keys` is killed by SIGKILL half-way and started again. In the end no read failed, no
write was lost, nothing lies under the former key and every value opens. `CI=true` moves fewer rows.
"""

import argparse
import json
import os
import random
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

from tests.support.installation import Child, Installation, installation  # noqa: E402 (as above)
from tests.support.pace import IN_CI, SLACK  # noqa: E402 (the tree is found just above)

ROWS = 10_000 if IN_CI else 100_000
LEAST_ROWS_A_SECOND = 5_000 // SLACK
"""By the clock; the short form of CI, which shares its machine, is judged by processor time."""
SHARE = {"persons": 0.2, "relatives": 0.2, "texts": 0.2, "messages": 0.4}
WRITTEN_TO = 200
"""The writer works on so many persons, so that it meets the rows that move."""
READ_PAUSE, WRITE_PAUSE = 0.005, 0.02
ROTATION_SECONDS = 600


def fill(rows: int) -> dict[str, list[str]]:
    """Write the rows; return the ids of the persons and of the texts, in the order of their numbers."""
    from accounts.organisations.models import Organisation
    from accounts.people.models import Person, Relative
    from fhir_bridge.intake.models import ReceivedMessage
    from ppa.plans.models import Plan, PlanTopic, TopicText

    count = {name: int(rows * share) for name, share in SHARE.items()}
    day = Person._meta.get_field("birth_date").to_value(b"1950-02-03")
    persons = Person.objects.bulk_create(
        (
            Person(status="VALI", birth_name=f"CANARI{number}", birth_given_names=["Philomène"], birth_date=day,
                   birth_year=1950, sex="female", birthplace="21231", contact={"phones": ["+33639980001"]})
            for number in range(count["persons"])
        ),
        batch_size=500,
    )  # fmt: skip
    Relative.objects.bulk_create(
        (
            Relative(person=persons[number % len(persons)], family=f"CANARI{number}", given="Anatole", relation="FRND")
            for number in range(count["relatives"])
        ),
        batch_size=500,
    )
    plan = Plan.objects.create(
        person=persons[0], organisation=Organisation.objects.order_by("pk")[0], outline="fr-2026"
    )
    topic = PlanTopic.objects.create(plan=plan, code="what_matters", text="Canari")
    texts = TopicText.objects.bulk_create(
        (TopicText(topic=topic, topic_version=number, text=f"Souhait {number}") for number in range(count["texts"])),
        batch_size=500,
    )
    body = b'{"resourceType":"Bundle","type":"transaction"}' * 20
    ReceivedMessage.objects.bulk_create(
        (ReceivedMessage(correlation_id=plan.id, content=body) for _ in range(count["messages"])), batch_size=500
    )
    return {"persons": [str(one.pk) for one in persons], "texts": [str(one.pk) for one in texts]}


class Live(threading.Thread, ABC):
    """Somebody at work until told to stop: counts what was done, and what failed."""

    def __init__(self, ids: dict[str, list[str]], stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.ids, self.stop_asked = ids, stop
        self.done: Counter[str] = Counter()
        self.errors: list[str] = []
        self.dice = random.Random(id(self))

    def run(self) -> None:
        """Go on until the end, seeing every row: the walls are tried elsewhere."""
        from accounts.kernel.wall import Reason, seeing_everything

        with seeing_everything(Reason.VOLUME):
            while not self.stop_asked.is_set():
                try:
                    self.once()
                except Exception as error:  # noqa: BLE001 (whatever a reader meets is what is counted)
                    self.done["failed"] += 1
                    self.errors.append(f"{type(error).__name__}: {error}"[:200])

    @abstractmethod
    def once(self) -> None:
        """Do one thing."""


class Reader(Live):
    """Reads persons and texts, and compares them with what was written."""

    def once(self) -> None:
        """Read one of each."""
        from accounts.people.models import Person
        from ppa.plans.models import TopicText

        number = self.dice.randrange(len(self.ids["persons"]))
        person = Person.objects.get(pk=UUID(self.ids["persons"][number]))
        assert (person.birth_name, person.birth_given_names) == (f"CANARI{number}", ["Philomène"])
        number = self.dice.randrange(len(self.ids["texts"]))
        assert TopicText.objects.get(pk=UUID(self.ids["texts"][number])).text == f"Souhait {number}"
        self.done["done"] += 2
        time.sleep(READ_PAUSE)


class Writer(Live):
    """Changes persons as a command does: locked, one version further, saved as a whole."""

    def __init__(self, ids: dict[str, list[str]], stop: threading.Event) -> None:
        super().__init__(ids, stop)
        self.last: dict[str, tuple[str, int]] = {}

    def once(self) -> None:
        """Write one."""
        from django.db import transaction

        from accounts.people.models import Person

        chosen = self.ids["persons"][self.dice.randrange(min(WRITTEN_TO, len(self.ids["persons"])))]
        with transaction.atomic():
            person = Person.objects.select_for_update(of=("self",), no_key=True).get(pk=UUID(chosen))
            person.usual_name, person.version = f"Usuel {self.done['done']}", person.version + 1
            person.save()
        self.last[chosen] = (person.usual_name, person.version)
        self.done["done"] += 1
        time.sleep(WRITE_PAUSE)


def live(folder: Path) -> None:
    """Read and write until the file `stop` appears, then tell what happened in `live.json`."""
    import django

    django.setup()
    ids, stop = json.loads((folder / "ids.json").read_text()), threading.Event()
    writer, readers = Writer(ids, stop), [Reader(ids, stop), Reader(ids, stop)]
    for one in (writer, *readers):
        one.start()
    (folder / "started").touch()
    while not (folder / "stop").exists():
        time.sleep(0.1)
    stop.set()
    for one in (writer, *readers):
        one.join()
    told = {
        "reads": sum(one.done["done"] for one in readers), "failed reads": sum(one.done["failed"] for one in readers),
        "writes": writer.done["done"], "failed writes": writer.done["failed"], "last": writer.last,
        "errors": [error for one in (writer, *readers) for error in one.errors][:5],
    }  # fmt: skip
    (folder / "live.json").write_text(json.dumps(told))


class Meter:
    """Watches how many rows have moved, by the clock: the start of a process is not counted, its pauses are."""

    def __init__(self) -> None:
        self.rows, self.seconds, self.processor_seconds = 0, 0.0, 0.0

    def follow(self, child: Child, *, until: int | None) -> None:
        """Watch until so many rows have moved, or until the process ends."""
        first = last = self._look(child)
        deadline = time.monotonic() + ROTATION_SECONDS
        while child.process.poll() is None and time.monotonic() < deadline:
            seen = self._look(child)
            if seen.moved == first.moved:
                first = seen
            if seen.moved > last.moved or seen.moved == first.moved:
                last = seen
            if until is not None and seen.moved >= until:
                break
            time.sleep(0.02)
        self.rows += last.moved - first.moved
        self.seconds += last.at - first.at
        self.processor_seconds += last.processor - first.processor

    @staticmethod
    def _look(child: Child) -> "Seen":
        from accounts.kernel.data_keys import KeyRotation

        moved = sum(KeyRotation.objects.values_list("done", flat=True))
        return Seen(time.monotonic(), child.cpu_ms / 1000, moved)


class Seen(NamedTuple):
    """What a rotation has done at an instant, and the processor time it took so far."""

    at: float
    processor: float
    moved: int


def trial(site: Installation, *, rows: int) -> dict[str, Any]:
    """Run the whole test and return its figures; `failures` says what did not hold."""
    from accounts.kernel.crypto import Purpose
    from accounts.kernel.data_keys import DataKey, KeyRotation
    from accounts.people.models import Person
    from accounts.safekeeping.tables import sealed_tables

    ids = fill(rows)
    (site.folder / "ids.json").write_text(json.dumps(ids))
    reading = site._start("live", str(Path(__file__)), "--live", str(site.folder))
    meter = Meter()
    try:
        while not (site.folder / "started").exists() and reading.pids:
            time.sleep(0.05)
        first = site._start("rotation", "manage.py", "rotate_keys", "--purpose", "fields")
        meter.follow(first, until=rows // 2)
        killed_at = 0 if first.process.poll() is not None else meter.rows
        first.kill()
        again = site._start("rotation", "manage.py", "rotate_keys", "--purpose", "fields")
        meter.follow(again, until=None)
        again.stop()
        (site.folder / "stop").touch()
        reading.process.wait(30)
    finally:
        reading.stop()
    told = json.loads((site.folder / "live.json").read_text())
    former = list(DataKey.objects.filter(purpose="fields", state="decrypt-only").values_list("number", flat=True))
    kept = {str(one.pk): [one.usual_name, one.version] for one in Person.objects.filter(pk__in=list(told["last"]))}
    touched = Person.objects.exclude(version=0).exclude(pk__in=list(told["last"]))
    faults = {
        "failed reads": told["failed reads"],
        "failed writes": told["failed writes"],
        "writes lost": sum(kept[one] != value for one, value in told["last"].items()),
        "versions moved": touched.filter(birth_name__isnull=False, pk__in=ids["persons"][:500]).count(),
        "rows under a former key": sum(table.count_under(former) for table in sealed_tables(Purpose.FIELDS)),
        "rotations that did not end": KeyRotation.objects.filter(finished_at=None).count(),
        "keys beyond one rotation": len(former) - 1,
    }
    by_clock, by_processor = (
        round(meter.rows / max(seconds, 0.001)) for seconds in (meter.seconds, meter.processor_seconds)
    )
    pace = by_processor if IN_CI else by_clock
    verified = site.manage("rotate_keys", "--purpose", "fields", "--verify").strip()
    return {
        "rows": rows, "rows a second": by_clock, "seconds": round(meter.seconds, 1),
        "rows a second of its processor": by_processor, "load of the machine": round(os.getloadavg()[0], 1),
        "killed at row": killed_at, "reads meanwhile": told["reads"], "writes meanwhile": told["writes"],
        "verified": verified, "faults": faults, "errors": told["errors"],
        "failures": [name for name, number in faults.items() if number]
        + ["not killed midway"] * (not killed_at)
        + ["too slow"] * (pace < LEAST_ROWS_A_SECOND),
    }  # fmt: skip


def main() -> int:
    """Run, print a table, keep the figures; return 1 when anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of our own, with fsync")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--live", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.live:
        live(chosen.live)
        return 0
    with installation(on_postgresql=chosen.postgres) as site:
        figures = trial(site, rows=chosen.rows)
    database = "postgresql" if chosen.postgres else "sqlite"
    report = ROOT / "var" / "faults" / f"rotation-{database}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    table = Table("figure", "value", title=f"Keys that change under work, {database}")
    for name, value in {**figures, **figures["faults"]}.items():
        if not isinstance(value, dict | list):
            table.add_row(name, str(value))
    console = Console(width=100)
    console.print(table)
    for line in figures["errors"]:
        console.print(line, markup=False)
    console.print("All of it holds." if not figures["failures"] else f"Does not hold: {', '.join(figures['failures'])}")
    return 1 if figures["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
