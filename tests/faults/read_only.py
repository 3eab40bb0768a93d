"""`make faults`: the database begins to refuse writes while a SAMU works; reading and break-glass go on, nothing is lost.

On a PostgreSQL of our own with `default_transaction_read_only = on`, then on an SQLite file opened read-only, through
the web server. Dispatchers find people by phone, break the glass and read, before and during; every answer's time is
kept. Afterwards the reserve must be in the audit, once, with each break-glass; the audit must hold.
"""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

from accounts.authentication.rules import STEP_SECONDS  # noqa: E402 (the tree is found just above)
from tests.support.browser import Browser, PageError  # noqa: E402 (as above)
from tests.support.installation import Installation, installation  # noqa: E402 (as above)
from tests.support.pace import SLACK  # noqa: E402 (as above)
from tests.support.roles import APPLICATION  # noqa: E402 (as above)

PEOPLE = 60
EACH = 5
"""Break-glasses a dispatcher opens before, and again during: ten an hour is the limit."""
LONGEST = 2.0 * SLACK
BACK_SECONDS = 100
EXPLANATION = "Appel au 15, détresse respiratoire au domicile"


class Times:
    """How long each kind of answer took, in seconds."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def of(self, name: str) -> Any:
        """Keep the time of one answer."""
        start = time.perf_counter()
        yield
        self.taken[name].append(time.perf_counter() - start)

    def figures(self) -> dict[str, dict[str, float]]:
        """Return how many, the middle and the 99th hundredth, in milliseconds."""
        return {
            name: {
                "n": len(taken),
                "p50_ms": round(1000 * sorted(taken)[len(taken) // 2]),
                "p99_ms": round(1000 * sorted(taken)[min(len(taken) - 1, int(0.99 * len(taken)))]),
            }
            for name, taken in self.taken.items()
        }


def phone_of(number: int) -> str:
    """Return the phone of one invented person."""
    return f"+33639981{number:03}"


def register_people(count: int) -> None:
    """Register invented people, each with a phone of her own."""
    from accounts.kernel.actor import Role
    from accounts.people.records import Contact
    from tests.factories import people

    nurse = people.actor(Role.NURSE)
    for number in range(count):
        people.person(nurse, contact=Contact(phones=(phone_of(number),), city="Dijon"))


def dispatchers(site: Installation) -> list[dict[str, str]]:
    """Return the demo logins of the regulating physicians."""
    return [row for row in site.accounts().values() if row["role"] == "samu_regulateur"]


def one_call(browser: Browser, number: int, times: Times, spell: str) -> None:
    """Find somebody by phone, break the glass, read the essential."""
    browser.open("/urgence/")
    with times.of(f"{spell} : retrouver"):
        browser.submit(to="/urgence/", q=phone_of(number))
    browser.follow("Ouvrir en urgence")
    with times.of(f"{spell} : ouvrir et lire"):
        browser.submit(to="/urgence/ouvrir/", identity_confirmed="on", reason="regulated_call", explanation=EXPLANATION)
    with times.of(f"{spell} : relire"):
        browser.open(str(browser.page.url.path))


def work(browsers: list[Browser], *, first: int, times: Times, spell: str) -> int:
    """Let each dispatcher take his calls; return how many."""
    for turn in range(EACH):
        for place, browser in enumerate(browsers):
            one_call(browser, (first + turn * len(browsers) + place) % PEOPLE, times, spell)
    return EACH * len(browsers)


def signed_in_again(site: Installation, login: Any) -> Browser:
    """Sign in with the next code: the present one has served, and a wrong one cannot be counted in this mode.

    The first write that a process sees refused tells it of the mode, and its visitor begins again.
    """
    time.sleep(STEP_SECONDS - time.time() % STEP_SECONDS)
    try:
        return Browser(site.base).sign_in(login)
    except PageError:
        time.sleep(STEP_SECONDS - time.time() % STEP_SECONDS)
        return Browser(site.base).sign_in(login)


def refusals(site: Installation, browser: Browser, token: str) -> list[str]:
    """Return what is not as it should be of writing and reading while nothing can be written."""
    wrong = []
    fhir = httpx.Client(base_url=site.base, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    if not fhir.get("/fhir/Organization?_count=1").is_success:
        wrong.append("a system does not read")
    body = {"resourceType": "Patient", "name": [{"family": "X", "given": ["Y"]}], "birthDate": "1950-01-01"}
    answer = fhir.post("/fhir/Patient", json=body, headers={"Content-Type": "application/fhir+json"})
    if (answer.status_code, answer.headers.get("Retry-After")) != (503, "30"):
        wrong.append(f"a system's write: {answer.status_code}")
    ready = httpx.get(f"{site.base}/health/ready").json()
    if ready["status"] != "read-only":
        wrong.append(f"readiness: {ready}")
    if "Lecture seule" not in browser.open("/").page.text:
        wrong.append("no banner")
    return wrong


@contextmanager
def refusing_postgresql(site: Installation, url: str) -> Any:
    """Let PostgreSQL take no writes while the web server goes on."""
    for value in ("on", "off"):
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("SET default_transaction_read_only = off")
            server.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
            server.execute("SELECT pg_reload_conf()")
        time.sleep(2)
        if value == "on":
            yield
    del site


@contextmanager
def refusing_sqlite(site: Installation, _url: str) -> Any:
    """Serve from the same file, opened read-only."""
    before = site.environment["DATABASE_URL"]
    site.environment["DATABASE_URL"] = f"sqlite:///file:{site.database}%3Fmode=ro"
    yield
    site.environment["DATABASE_URL"] = before


def trial(site: Installation, *, on_postgresql: bool) -> dict[str, Any]:
    """Run the whole test and return its figures; `failures` says what did not hold."""
    from django.db import connection

    from accounts.break_glass.models import BreakGlass

    register_people(PEOPLE)
    token, times, wrong = site.token("system/*.cruds"), Times(), []
    logins = dispatchers(site)
    url = site.environment["DATABASE_URL"].replace(f"{APPLICATION}@", "pathway@") if on_postgresql else ""
    web, worker = site.start_web(), site.start_worker()
    try:
        site.wait_until_ready(web)
        browsers = [Browser(site.base).sign_in(login) for login in logins]
        opened = work(browsers, first=0, times=times, spell="en écriture")
        connection.close()
        refusing = refusing_postgresql if on_postgresql else refusing_sqlite
        if not on_postgresql:
            web.stop()
            worker.stop()
        with refusing(site, url):
            if not on_postgresql:
                web = site.start_web()
                site.wait_until_ready(web)
            new = signed_in_again(site, logins[0])
            during = work([new, *browsers[1:]], first=EACH * len(logins), times=times, spell="en lecture seule")
            wrong += refusals(site, new, token)
            kept = (Path(site.environment["RESERVE_DIR"]) / "audit.reserve").stat().st_size
            if not on_postgresql:
                web.stop()
        if not on_postgresql:
            web, worker = site.start_web(), site.start_worker()
            site.wait_until_ready(web)
        start = time.monotonic()
        while BreakGlass.objects.count() < opened + during and time.monotonic() < start + BACK_SECONDS:
            time.sleep(0.5)
        back = time.monotonic() - start
    finally:
        web.stop()
        worker.stop()
    site.manage("audit_reingest")
    audit = site.manage("audit_verify").strip().splitlines()[-1]
    lost = opened + during - BreakGlass.objects.count()
    figures = times.figures()
    slow = [name for name, one in figures.items() if one["p99_ms"] > 1000 * LONGEST]
    return {
        "accès d’urgence en écriture": opened,
        "accès d’urgence en lecture seule": during,
        "octets de réserve": kept,
        "secondes jusqu’à la reprise": round(back, 1),
        "perdus ou doublés": lost,
        "journal": audit,
        "temps": figures,
        "failures": [*wrong, *(f"lent : {name}" for name in slow), *(["accès perdus ou doublés"] if lost else [])],
    }


def main() -> int:
    """Run on both databases, each in a process of its own; print a table, keep the figures."""
    if len(sys.argv) == 1:
        codes = [
            subprocess.run([sys.executable, __file__, name], check=False).returncode
            for name in ("postgresql", "sqlite")
        ]
        return max(codes)
    on_postgresql = sys.argv[1] == "postgresql"
    with installation(on_postgresql=on_postgresql) as site:
        figures = trial(site, on_postgresql=on_postgresql)
    report = ROOT / "var" / "faults" / f"read-only-{sys.argv[1]}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    table = Table("figure", "value", title=f"Read-only mode, {sys.argv[1]}")
    for name, value in {**figures, **figures["temps"]}.items():
        if name not in ("temps", "failures"):
            table.add_row(name, str(value))
    console = Console(width=110)
    console.print(table)
    console.print("All of it holds." if not figures["failures"] else f"Does not hold: {', '.join(figures['failures'])}")
    return 1 if figures["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
