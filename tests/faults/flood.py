"""A flood of sign-ins on a real server, from many addresses: each is answered, none by a fault, and other pages go on.

`CI=true` runs a short one. The server is one process as `deploy/` starts them; sign-ins are offered at a fixed pace, whatever
comes back. Requests leave by plain sockets, for the sender to cost little beside the server.
"""

import asyncio
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

from tests.faults.attack import keep  # noqa: E402 (as above)
from tests.support.browser import Browser  # noqa: E402 (as above)
from tests.support.installation import installation  # noqa: E402 (as above)
from tests.support.pace import IN_CI, SLACK  # noqa: E402 (the tree is found just above)

SECONDS = 4 if IN_CI else 20
A_SECOND = 500
PATIENCE = 30
PROBES_A_SECOND = 10
EXPECTED = {200, 302, 403, 429, 503}
SLOWEST_MS = 1000 * SLACK


@dataclass
class Answers:
    """What came back: statuses, and how long each took, in milliseconds."""

    statuses: Counter[str] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)

    def share(self, part: float) -> float:
        """Return a quantile of the times, rounded."""
        return round(sorted(self.times)[min(len(self.times) - 1, int(part * len(self.times)))], 1)


async def ask(port: int, request: bytes, answers: Answers) -> None:
    """Send one request and note its answer."""
    start = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(from_anywhere(request))
            status = (await reader.readline()).split()[1].decode()
            await reader.read()
            writer.close()
    except (OSError, IndexError, TimeoutError) as failure:
        status = type(failure).__name__
    answers.statuses[status] += 1
    answers.times.append(1000 * (time.perf_counter() - start))


async def offered(port: int, requests: list[bytes], answers: Answers, *, a_second: float) -> None:
    """Send the requests at a pace, without waiting for what comes back; return when all of it came."""
    start = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for number, request in enumerate(requests):
            await asyncio.sleep(max(0.0, start + number / a_second - time.perf_counter()))
            tasks.create_task(ask(port, request, answers))


def sign_in(browser: Browser, name: str) -> bytes:
    """Return a sign-in with a wrong password, from an address of its own."""
    browser.open("/connexion/")
    token = next(form.fields["csrfmiddlewaretoken"][0] for form in browser.forms() if "login" in form.fields)
    body = urlencode({"login": name, "password": "une phrase que personne n’a choisie", "csrfmiddlewaretoken": token})
    cookies = "; ".join(f"{one.name}={one.value}" for one in browser.http.cookies.jar)
    return request_bytes("POST", "/connexion/", cookies, body)


def request_bytes(method: str, path: str, cookies: str = "", body: str = "") -> bytes:
    """Return one HTTP request, its address left open."""
    lines = [
        f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", f"Cookie: {cookies}",
        "X-Forwarded-For: ADDRESS",
        "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "", body,
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def from_anywhere(request: bytes) -> bytes:
    """Return a request that comes from an address drawn by lot."""
    address = f"198.{random.choice([18, 19])}.{random.randrange(256)}.{random.randrange(256)}"
    return request.replace(b"ADDRESS", address.encode())


def trial() -> dict[str, Any]:
    """Run it and return the figures; `failures` says what did not hold."""
    with installation() as site:
        site.environment["TRUSTED_PROXIES"] = "1"
        web = site.start_web()
        try:
            site.wait_until_ready(web)
            login = next(one for one in site.accounts().values() if one["role"] == "gestionnaire_dac")
            at_work = Browser(site.base).sign_in(login)
            cookies = "; ".join(f"{one.name}={one.value}" for one in at_work.http.cookies.jar)
            pages = [request_bytes("GET", path) for path in ("/connexion/", "/fhir/metadata")]
            pages.append(request_bytes("GET", "/compte/sessions/", cookies))
            wrong = [sign_in(Browser(site.base), name) for name in (login["username"], "personne", "inconnue")]
            before, flood, others = Answers(), Answers(), Answers()
            probes = [pages[number % len(pages)] for number in range(PROBES_A_SECOND * SECONDS)]
            asyncio.run(offered(site.port, probes[:30], before, a_second=PROBES_A_SECOND))
            cpu, start = web.cpu_ms, time.perf_counter()
            asyncio.run(
                _both(site.port, [wrong[number % 3] for number in range(A_SECOND * SECONDS)], flood, probes, others)
            )
            seconds = time.perf_counter() - start
            again = Browser(site.base)
            again.http.timeout = PATIENCE
            signs_in_after = again.open("/connexion/").where == "/connexion/" and web.pids
            memory = round(web.memory_mib)
            load = round((web.cpu_ms - cpu) / 1000 / seconds, 2)
        finally:
            web.stop()
    unexpected = {
        status: number
        for status, number in (flood.statuses + others.statuses).items()
        if status not in map(str, EXPECTED)
    }
    return {
        "sign-ins offered a second": round(A_SECOND * SECONDS / seconds),
        "sign-ins": len(flood.times),
        "their answers": dict(flood.statuses),
        "their time, ms, median and p99": (flood.share(0.5), flood.share(0.99)),
        "other pages before, ms, p99": before.share(0.99),
        "other pages meanwhile": dict(others.statuses),
        "other pages meanwhile, ms, median and p99": (others.share(0.5), others.share(0.99)),
        "processors busy with it": load,
        "memory, MiB": memory,
        "failures": [f"{number} × {status}" for status, number in unexpected.items()]
        + ["other pages wait"] * (others.share(0.99) > SLOWEST_MS)
        + ["other pages are refused"] * (set(others.statuses) != {"200"})
        + ["the server does not come back"] * (not signs_in_after)
        + ["nobody was let in"] * (not {"200", "429"} & set(flood.statuses)),
    }


async def _both(port: int, flood: list[bytes], told: Answers, probes: list[bytes], others: Answers) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(offered(port, flood, told, a_second=A_SECOND))
        tasks.create_task(offered(port, probes, others, a_second=PROBES_A_SECOND))


def main() -> int:
    """Run, print the table, keep the figures; return 1 when anything did not hold."""
    figures = trial()
    keep("flood", figures, database="sqlite")
    return 1 if figures["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
