"""Thousands of wrong FHIR, OAuth and form inputs: each is refused with 4xx, in the words of its door, cheaply.

In this process for most of them, over a real server for a sample. `CI=true` runs a short one; `--seed` repeats one.
"""

import argparse
import gc
import json
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

from accounts.kernel.actor import Role  # noqa: E402 (as above)
from tests.faults.mutations import FIELD_FAULTS, SEARCHES, TOKEN_CHANGES, Mutator  # noqa: E402 (as above)
from tests.support.installation import Installation, installation  # noqa: E402 (as above)
from tests.support.pace import IN_CI, SLACK  # noqa: E402 (the tree is found just above)

INPUTS, SAMPLE = (2_000, 100) if IN_CI else (20_000, 500)
WARM_UP = 400
MOST_CPU_MS = 250 * SLACK
MOST_GROWTH_MIB = 50
SHARES = {"fhir": 0.66, "search": 0.12, "headers": 0.06, "oauth": 0.06, "form": 0.10}
FHIR_FORM = "application/x-www-form-urlencoded"
UNKNOWN_CALLER, FORBIDDEN, UNKNOWN, TOO_MANY = 401, 403, 404, 429
CSRF = "csrfmiddlewaretoken"
CHAIN = "patient.name=x"
OWN = ("/compte/", "/connexion/")
"""Forms of a session: they end it, or are slowed down after some tries, which would hide what follows."""
FILES = {
    "a program": b"MZ\x90\x00" + b"\x00" * 200,
    "a page": b"<html><script>alert(1)</script></html>",
    "a PDF by its first bytes": b"%PDF-1.7\nnothing more",
    "a PDF that runs": b"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\ntrailer<</Root 1 0 R>>",
    "a cut picture": b"\x89PNG\r\n\x1a\n" + b"\x00" * 20,
    "an archive": b"PK\x03\x04" + b"\x00" * 60,
}
AT_THE_DAC = (Role.COORDINATOR, Role.SOCIAL_WORKER, Role.PRIVACY_OFFICER)
AT_THE_HOSPITAL = (Role.NURSE, Role.BED_MANAGER)
ELSEWHERE = (Role.TECHNICAL_ADMIN, Role.RIGHTS_MANAGER, Role.EMERGENCY_DISPATCHER, Role.REGIONAL_READER)
VERSIONS = re.compile(rb"Traceback|/site-packages/|Django/|granian|Python/\d", re.IGNORECASE)


@dataclass(frozen=True)
class Call:
    """One request: what is wrong with it, and how it is sent."""

    door: str
    wrong: str
    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    user: str = ""


@dataclass
class Figures:
    """What came back."""

    statuses: Counter[str] = field(default_factory=Counter)
    wrongs: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    dearest: tuple[float, str] = (0.0, "")

    def note(self, call: Call, status: int, kind: str, body: bytes, *, cpu: float | None, wall: float) -> None:
        """Count an answer, and what is not as promised."""
        self.statuses[f"{call.door} {status}"] += 1
        self.wrongs[f"{call.door}: {call.wrong}"] += 1
        self.wall.append(wall)
        if not 400 <= status < 500:
            self._fault("5xx" if status >= 500 else "not refused", call, status)
        elif not is_in_words_of(call.door, kind, body):
            self._fault("not in the words of its door", call, status)
        if is_stopped_before_the_gate(call, status):
            self._fault("stopped before the gate", call, status)
        if VERSIONS.search(body):
            self._fault("tells what runs", call, status)
        if cpu is not None:
            self.dearest = max(self.dearest, (cpu, f"{call.door}: {call.wrong}"))
            self.cpu.append(cpu)
            if cpu > MOST_CPU_MS:
                self._fault("too dear", call, status)

    def note_shut(self, forms: list[str]) -> None:
        """Count the forms that are shut to who was shown them."""
        self.faults.update({"a shut form": len(forms)} if forms else {})
        self.examples.update({f"a shut form / {one}": one for one in forms})

    def _fault(self, name: str, call: Call, status: int) -> None:
        self.faults[name] += 1
        shown = f"{call.method} {call.path[:120]} {call.wrong}: {status} {call.body[:400]!r}"
        self.examples.setdefault(f"{name} / {call.door} / {call.wrong}", shown)


def is_stopped_before_the_gate(call: Call, status: int) -> bool:
    """Tell whether a refusal is about who asks or how often, not about what was sent: nothing is learnt from it."""
    if status in (UNKNOWN_CALLER, TOO_MANY):
        return call.door in ("fhir", "search", "form")
    return status == FORBIDDEN and call.door == "form" and CSRF.encode() in call.body


def is_in_words_of(door: str, kind: str, body: bytes) -> bool:
    """Tell whether a refusal is an OperationOutcome, an OAuth error or a French page, as its door promises."""
    if door == "form":
        return kind.startswith("text/html") and b'lang="fr"' in body
    try:
        said = json.loads(body)
    except ValueError:
        return False
    if door == "oauth":
        return isinstance(said.get("error"), str)
    return (
        kind.startswith("application/fhir+json") and said["resourceType"] == "OperationOutcome" and bool(said["issue"])
    )


class Site:
    """The right inputs of one installation, the system and the people that send them, and what is made of these."""

    def __init__(self, by: Mutator) -> None:
        from accounts.kernel.clock import now
        from accounts.systems.models import AccessToken
        from fhir_bridge.repository.catalogue import CATALOGUE
        from tests.factories import fhir, people, referrals, systems, whole_story

        people.coordination(departement="21")
        self.by, self._systems = by, systems
        self._bundle = lambda: fhir.announcement_bundle(people.registration())
        self._patient = lambda: fhir.patient(people.registration())
        asked = referrals.sent(referrals.structure(), referrals.structure())
        self.sender = fhir.partner(people.organisation())
        self.recipient = fhir.partner(asked.structures[0].organisation)
        found = self.recipient.search("Task", _count=1).json()["entry"][0]["resource"]
        self.task = {**found, "status": "received"}
        AccessToken.objects.update(expires_at=now() + timedelta(hours=6))  # this takes longer than a token lasts
        self.client_id = systems.fhir_client()
        self.types = ["Patient", *sorted(rtype for rtype, served in CATALOGUE.items() if "patient" in served.params)]
        self.story = whole_story.told()
        self._check_right_inputs()
        self.forms = list(self._forms())

    def calls(self, number: int) -> Iterator[Call]:
        """Give wrong inputs of every door, mixed."""
        makers: dict[str, Callable[[], Call]] = {
            "fhir": self._fhir, "search": self._search, "headers": self._headers, "oauth": self._oauth, "form": self._form,
        }  # fmt: skip
        doors = self.by.dice.choices(list(SHARES), weights=list(SHARES.values()), k=number)
        for door in doors:
            yield makers[door]()

    def _check_right_inputs(self) -> None:
        """Raise when a right input is refused: then nothing would be learnt from wrong ones."""
        answers = {
            "transaction": self.sender.post("", self._bundle()).status_code,
            "create": self.sender.post("Patient", self._patient()).status_code,
            "update": self._put_right_task(),
            "search": self.sender.search("Patient", name="canari").status_code,
            "form": self._right_form(),
        }
        if answers != {"transaction": 200, "create": 201, "update": 200, "search": 200, "form": 302}:
            raise AssertionError(f"Right inputs are refused: {answers}")

    def _right_form(self) -> int:
        """Send the form of her contact back as it was shown; return the status."""
        from tests.support.browser import forms_of

        client, path = self.people()["physician"], f"/personnes/{self.story.person_id}/coordonnees/"
        shown = next(form for form in forms_of(client.get(path).content.decode()) if "postal_code" in form.fields)
        return int(client.post(path, shown.fields).status_code)

    def shut(self) -> list[str]:
        """Return the forms that are shut to who was shown them, with an empty one: a wrong one would be refused for that."""
        return [
            f"{path}: {status}"
            for user, path, fields, _ in self.forms
            for status in [self.people()[user].post(path, {CSRF: fields.get(CSRF, [""])[0]}).status_code]
            if status in (UNKNOWN_CALLER, FORBIDDEN, UNKNOWN, TOO_MANY)
        ]

    def _put_right_task(self) -> int:
        etag = self.recipient.get(f"Task/{self.task['id']}")["ETag"]
        status = self.recipient.put(f"Task/{self.task['id']}", self.task, if_match=etag).status_code
        self.task_tag = self.recipient.get(f"Task/{self.task['id']}")["ETag"]
        return int(status)

    def _fhir(self) -> Call:
        kind = self.by.dice.choice(["transaction", "create", "update"])
        right = {"transaction": self._bundle, "create": self._patient, "update": lambda: dict(self.task)}[kind]()
        wrong, body, more = self.by.fhir_body(right)
        headers = {**self._bearer(kind), "Content-Type": "application/fhir+json", **more}
        if kind == "transaction":
            return Call("fhir", wrong, "POST", "/fhir", body, headers)
        if kind == "create":
            return Call("fhir", wrong, "POST", "/fhir/Patient", body, headers)
        return Call("fhir", wrong, "PUT", f"/fhir/Task/{self.task['id']}", body, {**headers, "If-Match": self.task_tag})

    def _search(self) -> Call:
        asked, rtype = self.by.dice.choice(SEARCHES), self.by.dice.choice(self.types)
        if asked == CHAIN:  # right for every type but the first
            rtype = "Patient"
        wrong = f"{rtype}?{asked[:30]}"
        if self.by.dice.random() < 0.5:
            address = f"/fhir/{rtype}?{quote(asked, safe='=&%:.-_;,*|')}"
            return Call("search", wrong, "GET", address, headers=self._bearer())
        headers = {**self._bearer(), "Content-Type": FHIR_FORM}
        return Call("search", wrong, "POST", f"/fhir/{rtype}/_search", asked.encode(), headers)

    def _headers(self) -> Call:
        body = json.dumps(self._patient()).encode()
        usual = {**self._bearer(), "Content-Type": "application/fhir+json"}
        task = json.dumps(self.task).encode()
        address = f"/fhir/Task/{self.task['id']}"
        wrongs = (
            ("If-Match", address, "PUT", task, self.by.dice.choice(["x", "*", 'W/"a"', 'W/"99999999999"', 'W/"0"', ""])),
            ("Accept", "/fhir/Patient", "POST", body, self.by.dice.choice(["text/html", "application/fhir+xml", "x/y"])),
            ("If-None-Exist", "/fhir/Patient", "POST", body, self.by.dice.choice(["x=1", "name=%00", "_count=x", "identifier"])),
            ("Authorization", "/fhir/Patient", "POST", body, self.by.dice.choice(["", "Bearer", "Bearer x", "Basic YTpi"])),
            ("Content-Encoding", "/fhir/Patient", "POST", body, self.by.dice.choice(["gzip", "br", "x"])),
            ("", self.by.dice.choice(["/fhir/Grille", "/fhir/Patient/é", "/fhir/a/b/c/d", "/fhir/%00"]), "GET", b"", ""),
            ("", self.by.dice.choice(["/fhir/Patient/1", "/fhir/Task", "/fhir/Patient/1/_history"]), "DELETE", b"", ""),
        )  # fmt: skip
        name, path, method, content, value = self.by.dice.choice(wrongs)
        headers = {**(self._bearer("update") | {"Content-Type": "application/fhir+json"} if path == address else usual)}
        if name:
            headers[name] = value
        return Call("headers", name or method, method, path, content, headers)

    def _oauth(self) -> Call:
        systems = self._systems
        form = systems.token_request(systems.signed(systems.claims(self.client_id)))
        name = self.by.dice.choice(sorted(TOKEN_CHANGES))
        form[name] = self.by.dice.choice(TOKEN_CHANGES[name])
        path = self.by.dice.choice(["/oauth/token", "/oauth/keys"] if name.startswith("client") else ["/oauth/token"])
        return Call("oauth", name, "POST", path, urlencode(form).encode(), {"Content-Type": FHIR_FORM})

    def _form(self) -> Call:
        user, path, fields, kinds = self.by.dice.choice(self.forms)
        sent = {name: list(values) for name, values in fields.items()}
        wrong = self.by.dice.choice([*kinds, "", ""])
        if wrong and kinds[wrong] == "file":
            return self._wrong_file(user, path, wrong, sent)
        if wrong:
            kind = kinds[wrong] if kinds[wrong] in FIELD_FAULTS else "text"
            sent[wrong] = [self.by.dice.choice(FIELD_FAULTS[kind])]
            return Call(
                "form", kind, "POST", path, urlencode(sent, doseq=True).encode(), {"Content-Type": FHIR_FORM}, user
            )
        return self._broken_form(user, path)

    def _wrong_file(self, user: str, path: str, name: str, sent: dict[str, list[str]]) -> Call:
        what = self.by.dice.choice(sorted(FILES))
        parts = [(field, value) for field, values in sent.items() for value in values]
        body = b"".join(
            f'--b\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
            for field, value in parts
        )
        head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="directives.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
        body += head.encode() + FILES[what] + b"\r\n--b--\r\n"
        return Call(
            "form", f"file: {what}", "POST", path, body, {"Content-Type": "multipart/form-data; boundary=b"}, user
        )

    def _broken_form(self, user: str, path: str) -> Call:
        multipart = "multipart/form-data; boundary=b"
        broken = {
            "too many fields": (FHIR_FORM, b"&".join(b"a%d=1" % n for n in range(1_100))),
            "too many bytes": (FHIR_FORM, b"a=" + b"x" * 1_100_000),
            "no boundary": ("multipart/form-data", b"--b\r\n\r\n--b--"),
            "cut multipart": (multipart, b'--b\r\nContent-Disposition: form-data; name="a'),
            "file for a text": (multipart, b'--b\r\nContent-Disposition: form-data; name="a"; filename="\x00"\r\n\r\nx\r\n--b--\r\n'),
        }  # fmt: skip
        name = self.by.dice.choice(sorted(broken))
        kind, body = broken[name]
        return Call("form", name, "POST", path, body, {"Content-Type": kind}, user)

    def _bearer(self, kind: str = "") -> dict[str, str]:
        return (self.recipient if kind == "update" else self.sender).headers()

    def _forms(self) -> Iterator[tuple[str, str, dict[str, list[str]], dict[str, str]]]:
        """Give the forms that people of the story are shown, each to the first who is, as (who, address, fields, kinds)."""
        from tests.support.browser import forms_of

        seen: set[tuple[str, frozenset[str]]] = set()
        for user, client in self.people().items():
            for path in addresses(self.story.ids):
                page = client.get(path)
                if page.status_code != 200 or page.streaming or not page["Content-Type"].startswith("text/html"):
                    continue
                for form in forms_of(page.content.decode()):
                    target = form.action or path
                    kinds = {
                        name: form.kinds.get(name, "choice" if name in form.choices else "text") for name in form.fields
                    }
                    kinds = {
                        name: kind for name, kind in kinds.items() if kind not in ("checkbox", "file") and name != CSRF
                    }
                    is_new = (target, frozenset(form.kinds)) not in seen
                    if is_new and form.method == "post" and target.startswith("/") and not target.startswith(OWN):
                        seen.add((target, frozenset(form.kinds)))
                        files = {name: kind for name, kind in form.kinds.items() if kind == "file"}
                        yield user, target, form.fields, kinds | files

    def people(self) -> dict[str, Any]:
        """Return the clients of people with a session, by a name."""
        from accounts.access.models import CircleMembership
        from accounts.access.states import Basis
        from accounts.organisations.models import Organisation
        from tests.factories import people
        from tests.support.screens import signed_in

        if not hasattr(self, "_people"):
            hospital = Organisation.objects.get(pk=self.story.physician.organisation_id)
            circle = CircleMembership.objects.get(person_id=self.story.person_id, basis=Basis.COORDINATION)
            self._people = {"physician": signed_in(self.story.physician)}
            self._people |= {str(role): signed_in(people.actor(role, circle.organisation)) for role in AT_THE_DAC}
            self._people |= {str(role): signed_in(people.actor(role, hospital)) for role in AT_THE_HOSPITAL}
            self._people |= {str(role): signed_in(people.actor(role)) for role in ELSEWHERE}
            for client in self._people.values():
                client.raise_request_exception = False
                client.handler.enforce_csrf_checks = True
        return self._people


def addresses(ids: dict[str, object]) -> Iterator[str]:
    """Give every address of the site that names nothing, or something of the story."""
    from django.urls import get_resolver

    from accounts.access.doors import _routes

    for pattern, _ in _routes(get_resolver()):
        names = re.findall(r"<(?:\w+:)?(\w+)>", pattern)
        if all(name in ids for name in names) and not pattern.startswith(("fhir", "static", "oauth", "health")):
            yield "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(ids[found[1]]), pattern)


def send(call: Call, site: Site, anybody: Any) -> tuple[int, str, bytes]:
    """Send one call in this process."""
    client = site.people()[call.user] if call.user else anybody
    headers = {name: value for name, value in call.headers.items() if name != "Content-Type"}
    answer = client.generic(
        call.method, call.path, call.body, content_type=call.headers.get("Content-Type", ""), headers=headers
    )
    return answer.status_code, answer.get("Content-Type", ""), b"".join(answer) if answer.streaming else answer.content


def timed(call: Call, site: Site, anybody: Any) -> tuple[tuple[int, str, bytes], float]:
    """Send one call and return its answer with the ms of this process's CPU that it took."""
    start = time.process_time()
    answer = send(call, site, anybody)
    return answer, 1000 * (time.process_time() - start)


def in_process(site: Site, figures: Figures, number: int) -> float:
    """Send the calls; return by how much the memory of this process grew after the first ones, in MiB."""
    from django.test import Client

    anybody = Client(raise_request_exception=False)
    figures.note_shut(site.shut())  # it also makes the process read each template once
    gc.collect()
    gc.freeze()  # as pathway.wsgi does
    before = 0.0
    for index, call in enumerate(site.calls(number)):
        if index == min(WARM_UP, number // 4):
            before = memory_mib()
        wall = time.perf_counter()
        (status, kind, body), spent = timed(call, site, anybody)
        took = 1000 * (time.perf_counter() - wall)
        if spent > MOST_CPU_MS:  # what is dear is so again: nothing was changed
            spent = min(spent, timed(call, site, anybody)[1])
        figures.note(call, status, kind, body, cpu=spent, wall=took)
    growth = memory_mib() - before
    figures.note_shut(site.shut())
    return growth


def over_http(site: Site, place: Installation, figures: Figures, number: int) -> None:
    """Send a sample to a real server."""
    with place.serving(), httpx.Client(base_url=place.base, timeout=30) as http:
        for call in site.calls(10 * number):
            if call.door == "form" or not sendable(call):
                continue
            wall = time.perf_counter()
            answer = http.request(call.method, call.path, content=call.body, headers=call.headers)
            spent = 1000 * (time.perf_counter() - wall)
            figures.note(
                call, answer.status_code, answer.headers.get("Content-Type", ""), answer.content, cpu=None, wall=spent
            )
            number -= 1
            if not number:
                return


def sendable(call: Call) -> bool:
    """Tell whether an HTTP client lets a call out at all."""
    return all(value.isascii() for value in call.headers.values()) and call.path.isascii() and "\x00" not in call.path


def memory_mib() -> float:
    """Return what this process holds."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def share(values: list[float], part: float) -> float:
    """Return a quantile, in milliseconds."""
    return round(sorted(values)[min(len(values) - 1, int(part * len(values)))], 1) if values else 0.0


def trial(place: Installation, *, inputs: int, sample: int, seed: int) -> dict[str, Any]:
    """Run it all and return the figures; `failures` says what did not hold."""
    from django.test.utils import setup_test_environment

    setup_test_environment()
    site = Site(Mutator(seed))
    here, there = Figures(), Figures()
    start = time.monotonic()
    growth = in_process(site, here, inputs)
    seconds = time.monotonic() - start
    over_http(site, place, there, sample)
    faults = {**here.faults, **{f"over HTTP: {name}": number for name, number in there.faults.items()}}
    if growth > MOST_GROWTH_MIB:
        faults["memory grew"] = round(growth)
    return {
        "inputs": sum(here.statuses.values()),
        "over a real server": sum(there.statuses.values()),
        "kinds of wrong": len(here.wrongs),
        "forms": len(site.forms),
        "statuses": dict(sorted(here.statuses.items())),
        "CPU ms, median": share(here.cpu, 0.5),
        "CPU ms, p99": share(here.cpu, 0.99),
        "CPU ms, most": share(here.cpu, 1),
        "the dearest": here.dearest[1],
        "wall ms over HTTP, p99": share(there.wall, 0.99),
        "memory growth, MiB": round(growth, 1),
        "seconds": round(seconds, 1),
        "seed": seed,
        "faults": faults,
        "examples": dict(list((here.examples | there.examples).items())[:200]),
        "failures": sorted(faults),
    }


def main() -> int:
    """Run, print a table, keep the figures; return 1 when anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=INPUTS)
    parser.add_argument("--sample", type=int, default=SAMPLE)
    parser.add_argument("--seed", type=int, default=None)
    chosen = parser.parse_args()
    seed = random.randrange(10**6) if chosen.seed is None else chosen.seed
    with installation() as place:
        figures = trial(place, inputs=chosen.inputs, sample=chosen.sample, seed=seed)
    report = ROOT / "var" / "faults" / "malformed.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    show(figures)
    return 1 if figures["failures"] else 0


def show(figures: dict[str, Any]) -> None:
    """Print the figures as a table, and an example of each fault."""
    table = Table("figure", "value", title="Wrong inputs")
    for name, value in figures.items():
        if not isinstance(value, dict | list):
            table.add_row(name, str(value))
    for name, value in figures["statuses"].items():
        table.add_row(name, str(value))
    console = Console()
    console.print(table)
    for name, shown in figures["examples"].items():
        console.print(f"{name}: {shown}", style="red", markup=False)
    console.print("holds" if not figures["failures"] else f"does not hold: {figures['failures']}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
