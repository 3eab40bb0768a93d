"""Run the whole suite on SQLite, then what opens a database on PostgreSQL, both with a real broker.

The crawl of the rights matrix is told on SQLite alone, where no wall hides a hole of the gate: unless other places are named,
the run on PostgreSQL gathers the tests of integration only.
What is given is used, the rest is started.

Arguments go to pytest. The last line is pytest's own; the exit code says whether both runs held. With `thorough` as the
first argument the others run, which walk every door or every migration or add an example: `make faults` does so.
"""

import os
import subprocess
import sys
from contextlib import ExitStack, nullcontext
from pathlib import Path

from tests.support import servers

ROOT = Path(__file__).resolve().parents[2]
PYTEST = [
    sys.executable, "-m", "pytest", "-n", "auto", "--maxprocesses", "4", "--dist", "worksteal", "--durations", "10",
]  # fmt: skip
THOROUGH = "thorough"
BYTECODE = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(ROOT / "var" / "bytecode")}
"""Compiling everything again would double the start of each process."""


def main(arguments: list[str]) -> int:
    """Run both suites and return the exit code."""
    given = os.environ.get("DATABASE_URL", "")
    is_thorough = arguments[:1] == [THOROUGH]
    part, arguments = (THOROUGH, arguments[1:]) if is_thorough else (f"not {THOROUGH}", arguments)
    with ExitStack() as stack:
        broker_url = os.environ.get("BROKER_URL") or stack.enter_context(servers.broker())
        database = nullcontext(given) if given.startswith("postgres") else servers.postgresql()
        database_url = stack.enter_context(database)
        stack.enter_context(template(database_url))
        outcomes = [
            run("SQLite", [*arguments, "-m", f"{part} and not postgresql"], environment={"BROKER_URL": broker_url}),
            run(
                "PostgreSQL",
                [*arguments, "-m", part, *where(arguments)],
                environment={"BROKER_URL": broker_url, "DATABASE_URL": database_url},
            ),
        ]
    failed = [closing_line for code, closing_line in outcomes if code]
    if failed and outcomes[-1][0] == 0:
        print(f"SQLite :\n{failed[-1]}", flush=True)
    return 1 if failed else 0


def where(arguments: list[str]) -> list[str]:
    """Return where the tests of PostgreSQL are, when no place is named."""
    named = any((ROOT / argument.partition("::")[0]).exists() for argument in arguments)
    return [] if named else ["tests/integration"]


def template(database_url: str) -> subprocess.Popen[bytes]:
    """Start to migrate what the databases of PostgreSQL are copied from: the run on SQLite leaves it the time."""
    environment = {**os.environ, **BYTECODE, "DATABASE_URL": database_url}
    return subprocess.Popen([sys.executable, "-m", "tests.support.migrated"], cwd=ROOT, env=environment)


def run(name: str, arguments: list[str], *, environment: dict[str, str]) -> tuple[int, str]:
    """Run one suite, showing its output as it comes; return its exit code and its last line."""
    print(f"\n### {name}", flush=True)
    inherited = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    suite = subprocess.Popen(
        [*PYTEST, *arguments],
        cwd=ROOT,
        env=inherited | BYTECODE | environment,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    last_line = ""
    for line in suite.stdout or ():
        print(line, end="", flush=True)
        last_line = line.rstrip() or last_line
    return suite.wait(), last_line


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
