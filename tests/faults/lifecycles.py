"""`make faults`: plans, directives and designations go through thousands of steps; each is refused or kept as a model says.

The commands run as they do for people, on a database and files of their own, with everything that follows them. A
step that the model lets pass and the house refuses, or the other way round, or a row that stands elsewhere than the
model says, ends the run with the shortest life that shows it.
"""

import json
import os
import sys
import time
import traceback
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

from rich.console import Console  # noqa: E402 (the tree is found just above)
from rich.table import Table  # noqa: E402

from tests.faults.tampers import prepare  # noqa: E402 (as above)
from tests.support.pace import IN_CI  # noqa: E402 (as above)

LIVES, STEPS = (8, 40) if IN_CI else (60, 50)
FEWEST = 0.25
"""The share of the longest lives that must have been lived: hypothesis ends some early."""


@dataclass(frozen=True, kw_only=True)
class Lived:
    """What the lives of one kind went through; `fault` is empty when the model held."""

    kind: str
    lives: int
    steps: int
    done: int
    refused: int
    seconds: float
    fault: str = ""


def machines() -> dict[str, Any]:
    """Return the machines by what they run; each checks its model after every step."""
    from tests.integration.ppa.directives.test_machine import DirectiveMachine
    from tests.integration.ppa.plans.test_machine import PlanMachine
    from tests.integration.ppa.trusted_persons.test_machine import DesignationMachine

    return {"plan": PlanMachine, "directives": DirectiveMachine, "designation": DesignationMachine}


def live(kind: str, machine: Any) -> Lived:
    """Run the lives of one kind to their end, or to the first fault."""
    from hypothesis import HealthCheck, settings
    from hypothesis.stateful import invariant, run_state_machine_as_test

    steps: Counter[str] = Counter()

    class Counted(machine):  # type: ignore[misc]  # (one of the machines)
        def __init__(self) -> None:
            super().__init__()
            steps["lives"] += 1

        @invariant()
        def counts(self) -> None:
            steps["steps"] += 1

        def attempt(self, *given: Any, **named: Any) -> Any:
            answer = super().attempt(*given, **named)
            steps["done" if answer else "refused"] += 1
            return answer

    begun, fault = time.monotonic(), ""
    chosen = settings(
        max_examples=LIVES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(Counted, settings=chosen)
    except BaseException as error:  # noqa: BLE001 (pytest's own failures are no exceptions)
        where = traceback.extract_tb(error.__traceback__)[-1]
        fault = "\n".join([f"{where.name}: {where.line}", *getattr(error, "__notes__", ()), str(error)])
    return Lived(
        kind=kind,
        lives=steps["lives"],
        steps=steps["steps"],
        done=steps["done"],
        refused=steps["refused"],
        seconds=round(time.monotonic() - begun, 1),
        fault=fault,
    )


def main() -> int:
    """Run, print a table, keep the figures; return 1 when a model did not hold, or too few steps were tried."""
    with TemporaryDirectory() as name:
        prepare(Path(name))
        from django.conf import settings

        settings.MEDIA_ROOT, settings.AUDIT_DIRECTORY = f"{name}/files", Path(name) / "audit"
        lived = [live(kind, machine) for kind, machine in machines().items()]
    steps = sum(one.steps for one in lived)
    report = ROOT / "var" / "faults" / "lifecycles.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps([asdict(one) for one in lived], indent=2, ensure_ascii=False) + "\n")
    table = Table("life of", "lives", "steps", "kept", "refused", "s", "model", title=f"{steps} steps against a model")
    for one in lived:
        figures = (str(one.lives), str(one.steps), str(one.done), str(one.refused), f"{one.seconds:.0f}")
        table.add_row(one.kind, *figures, one.fault or "held")
    Console(width=120).print(table)
    enough = all(one.steps >= FEWEST * LIVES * STEPS for one in lived)
    return 0 if enough and not any(one.fault for one in lived) else 1


if __name__ == "__main__":
    sys.exit(main())
