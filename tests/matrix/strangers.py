"""What a stranger may try with the ids of somebody else's person: in paths, queries, bodies, bundles, references and headers.

Each attempt is made twice, with an id that exists and with one that never did: the two answers must be the same, and hold
nothing of the person. Routes, forms, resource types and search parameters are found where the application finds them.
"""

import ast
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import time_machine
from django.apps import apps
from django.db.models import ForeignKey, Model
from django.urls import get_resolver

from accounts.access.doors import _routes
from accounts.kernel.actor import Role
from accounts.kernel.clock import now
from accounts.people.rules import OID_TEST
from fhir_bridge.repository.catalogue import CATALOGUE, reverse_references
from fhir_bridge.repository.models import Resource
from tests.factories import fhir, people
from tests.matrix.world import APART, ARGUMENT, PEOPLE, WORDS, Place, Visitor, World
from tests.support.browser import _Reader
from tests.support.undone import undone

ROOT = Path(__file__).resolve().parents[2]
VERBS = ("get", "post", "head", "put", "patch", "delete", "options")
ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
CHANGES = re.compile(
    r'(?:nonce|csrfmiddlewaretoken|value|X-Request-Id)="[^"]*"|\d{4}-\d\d-\d\d[T ][\d:.+Z]*|_page=[\w-]+|\b\d\d:\d\d(?::\d\d)?\b|'
    r'data:image/svg\+xml[^"]*|(?<=<code class="num">)[A-Z2-7]{32}(?=</code>)|(?<="lag_seconds":)[\d.]+|'
    r'(?<=<span>)\d+ (?:s|min|h)(?=</span>)|(?<="challenge": ")[\w-]+|(?<="X-CSRFTOKEN"\] = ")\w+'
)
"""What differs from one answer to the next whatever was asked: tokens, instants, the key of a new authenticator, a wait."""
OWN_HEADERS = {"Expires", "Last-Modified", "Set-Cookie", "X-Request-Id", "Content-Length", "Content-Security-Policy"}
SOON = 100
"""Attempts after which the clock is set back: nobody's session or confirmation ends while he tries."""
NEVER_WERE = 6
OF_EVERYBODY = {"offer_id", "client_id", "coordinator_id"}
NO_ID = {"csrfmiddlewaretoken", "form_token", "version", "oldpassword", "password1", "password2"}
NOT_OF_A_PERSON = {"organisation", "careoffer", "professional", "user", "membership", "territory", "fhirclient"}


@dataclass(slots=True)
class Attempt:
    """One request that names an id; `send` makes it with that one, or with another."""

    kind: str
    what: str
    visitor: Visitor
    id: str
    method: str
    path: str
    body: Any = None
    content_type: str = "application/x-www-form-urlencoded"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def request(self) -> str:
        """The whole request as one text, to tell attempts apart."""
        return repr((self.visitor, self.method, self.path, self.body, self.content_type, sorted(self.headers.items())))


@dataclass(slots=True)
class Report:
    """What was tried, by kind, and what went wrong."""

    tried: Counter[str] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def wrongs(self) -> list[str]:
        """Everything that went wrong."""
        return [*self.leaks, *self.unlike, *self.faults]

    def add(self, other: "Report") -> None:
        """Take over what another report holds."""
        self.tried.update(other.tried)
        self.leaks += other.leaks
        self.unlike += other.unlike
        self.faults += other.faults


class Stranger:
    """Somebody of every function, and a system, at an organisation that does not know the person of the world."""

    def __init__(
        self,
        world: World,
        *,
        roles: Iterable[Role] = PEOPLE,
        has_system: bool = True,
        place: Place = Place.STRANGER,
    ) -> None:
        self.world, self.roles, self.has_system, self.place = world, tuple(roles), has_system, place
        self.ids = ids_of(world)
        self.known = {str(one) for many in self.ids.values() for one in many}
        self.own_person = people.person(world.actor(Visitor(Role.PHYSICIAN, place)))
        self.bearer = Visitor(Role.FHIR_CLIENT, place)
        self.partner = world.partner(self.bearer)
        self.made_at = now()
        self.faults: list[str] = []

    def parts(self) -> list[Callable[[], Iterator[Attempt]]]:
        """Return every attempt, in parts that can be made apart: those of each function, and three of the system."""
        people = [partial(self.attempts_of, Visitor(role, self.place)) for role in self.roles]
        system = [self.in_fhir_addresses, self.in_fhir_searches, self.in_fhir_bodies]
        return [*people, *(system if self.has_system else [])]

    def attempts_of(self, visitor: Visitor) -> Iterator[Attempt]:
        """Give what one person may try."""
        yield from self.in_paths(visitor)
        yield from self.in_queries(visitor)
        yield from self.in_forms(visitor)

    def run(self, attempts: Iterable[Attempt], *, every: int = 1) -> Report:
        """Try each different attempt (each nth with `every`), at the instant at which the stranger came."""
        report = Report()
        with time_machine.travel(self.made_at, tick=True):
            different = list({attempt.request: attempt for attempt in attempts}.values())[::every]
        for start in range(0, len(different), SOON):
            with time_machine.travel(self.made_at, tick=True):
                for attempt in different[start : start + SOON]:
                    self.try_one(attempt, report)
                report.faults += self.not_let_in()
        return report

    def not_let_in(self) -> Iterator[str]:
        """Give who is no longer signed in: what he asked last was not answered to him."""
        for role in self.roles:
            with undone():
                answer = self.world.client(Visitor(role, self.place)).get("/compte/sessions/")
            if answer.status_code != 200:
                yield f"{role} is no longer signed in: {answer.status_code}"
        if (status := self.partner.get("Patient?_count=1").status_code) != 200:
            yield f"the system is no longer signed in: {status}"

    def try_one(self, attempt: Attempt, report: Report) -> None:
        """Make one attempt and compare."""
        report.tried[attempt.kind] += 1
        name = f"{attempt.kind}: {attempt.what} by {attempt.visitor.role}"
        here = self.send(attempt, attempt.id)
        text = _text(here)
        asked = json.dumps([attempt.path, attempt.headers, attempt.body], default=str).casefold()
        told = [one for one in self.world.marks if one in text.casefold() and one not in asked]
        told += [one for one in ID.findall(text) if one in self.known and one not in asked]
        if told:
            report.leaks.append(f"{name}: {here.status_code} tells {told[:3]}")
        if difference := self.difference(attempt, _plain(here)):
            report.unlike.append(f"{name}: {difference}")
        report.faults += [f"{name}: {fault}" for fault in self.faults]
        self.faults.clear()

    def difference(self, attempt: Attempt, here: Any) -> str:
        """Return where an answer differs from those for ids that never were, "" when one of a few of them is the same.

        A few, for what depends on the characters of an id alone, such as what a search takes for a telephone number.
        """
        never = (_plain(self.send(attempt, str(uuid4()))) for _ in range(NEVER_WERE))
        there = next((one for one in never if one == here), None)
        return "" if there else _first_difference(repr(here), repr(_plain(self.send(attempt, str(uuid4())))))

    def send(self, attempt: Attempt, id: str) -> Any:
        """Send the attempt with this id in the place of its own, and take back what it wrote."""
        path = attempt.path.replace(attempt.id, id)
        body = _with(attempt.body, attempt.id, id)
        headers = {name: value.replace(attempt.id, id) for name, value in attempt.headers.items()}
        if attempt.visitor == self.bearer:
            client, headers = self.partner.client, {**self.partner.headers(), **headers}
            client.raise_request_exception = False
        else:
            client = self.world.client(attempt.visitor)
        kept = deepcopy(client.cookies)
        with undone():
            if attempt.method in ("get", "head"):
                response = getattr(client, attempt.method)(path, headers=headers)
            else:
                data = body if isinstance(body, bytes | str) else "" if body is None else _encoded(body)
                response = client.generic(
                    attempt.method.upper(), path, data, content_type=attempt.content_type, headers=headers
                )
            response.text_sent = b"".join(response) if response.streaming else response.content
            self.note_fault(path, response)
        client.cookies = kept  # a message to show next, or another session, is gone like the rows
        return response

    def note_fault(self, path: str, response: Any) -> None:
        """Keep an answer that is a fault of ours, whatever was asked; a 503 says that something waits, such as the queue."""
        if response.status_code >= 500 and response.status_code != 503:
            self.faults.append(f"{path} answers {response.status_code}")

    def in_paths(self, visitor: Visitor) -> Iterator[Attempt]:
        """Give each route with an argument, each verb, the person's own id in its place."""
        own = {name: id for name, id in self.world.ids_at(Place.STRANGER).items() if name not in OF_EVERYBODY}
        for pattern, _ in _routes(get_resolver()):
            names = [name for _, name in ARGUMENT.findall(pattern) if name in own]
            if not names or pattern.startswith(APART):
                continue
            key = str(own[names[-1]])
            path = "/" + ARGUMENT.sub(lambda found: str(own.get(found[2]) or _word(found)), pattern)
            for verb in VERBS:
                yield Attempt("path", f"{verb} /{pattern}", visitor, key, verb, path)
            for wrong in self.some("Need", "Directive", "Resource"):
                other = "/" + ARGUMENT.sub(
                    lambda found: wrong if found[2] == names[-1] else str(own.get(found[2]) or _word(found)),  # noqa: B023 (used at once)
                    pattern,
                )
                yield Attempt("path", f"get /{pattern} with the id of something else", visitor, wrong, "get", other)
            yield Attempt("header", f"/{pattern}", visitor, key, "get", path, headers=_headers(key))

    def in_queries(self, visitor: Visitor) -> Iterator[Attempt]:
        """Give each page without an argument, each name that views read in an address, some ids of the person."""
        for pattern in plain_routes():
            for name in sorted(query_names()):
                for key in self.some("Person"):
                    yield Attempt("query", f"/{pattern}?{name}=", visitor, key, "get", f"/{pattern}?{name}={key}")

    def in_forms(self, visitor: Visitor) -> Iterator[Attempt]:
        """Give each form of each page that the stranger has, an id of the person in each field."""
        client = self.world.client(visitor)
        pages = [f"/{pattern}" for pattern in plain_routes()]
        own = {"person_id": self.own_person}
        for pattern, _ in _routes(get_resolver()):
            names = [name for _, name in ARGUMENT.findall(pattern)]
            if names == ["person_id"]:
                pages.append("/" + ARGUMENT.sub(lambda found: str(own[found[2]]), pattern))
        for page in pages:
            with undone():
                response = client.get(page)
            self.note_fault(page, response)
            if response.status_code != 200 or "html" not in response.headers.get("Content-Type", ""):
                continue
            read = _Reader()
            read.feed(response.content.decode())
            for form in read.forms:
                target = form.action or page
                if form.method != "post" or "deconnexion" in target:
                    continue
                for name in sorted({*form.fields, *form.choices} - NO_ID):
                    for key in self.some("Person", "Relative"):
                        sent = {one: (values or [""])[0] for one, values in form.fields.items()} | {name: key}
                        yield Attempt("body", f"{target} {name}", visitor, key, "post", target, sent)

    def in_fhir_addresses(self) -> Iterator[Attempt]:
        """Give each stored resource of the person, by each address and verb."""
        for row in self.rows():
            base = f"/fhir/{row.rtype}/{row.fid}"
            for path in (base, f"{base}/_history", f"{base}/_history/1"):
                for verb in VERBS:
                    body = {"resourceType": row.rtype, "id": row.fid} if verb in ("post", "put", "patch") else None
                    yield self.fhir("fhir path", f"{verb} {row.rtype}", row.fid, verb, path, body)
                yield self.fhir("header", f"{row.rtype}", row.fid, "get", path, headers=_headers(row.fid))

    def in_fhir_searches(self) -> Iterator[Attempt]:
        """Give each search parameter that takes a reference or an id, by GET and by POST; chains and reversals too."""
        by_type = {row.rtype: row.fid for row in self.rows()}
        for rtype, served in CATALOGUE.items():
            asked = [("_id", one) for kind, one in by_type.items() if kind == rtype]
            for name, param in served.references().items():
                kinds = [kind for kind in sorted(param.targets or by_type) if kind in by_type]
                asked += [(name, f"{kind}/{by_type[kind]}") for kind in kinds]
                asked += [(f"{name}:{kind}._id", by_type[kind]) for kind in kinds]
                asked += [(name, by_type[kind]) for kind in kinds]
            asked += [
                (f"_has:{source}:{name}:_id", by_type[source])
                for source, name in reverse_references(rtype)
                if source in by_type
            ]
            for name, value in asked:
                for extra in (
                    "",
                    "&_total=accurate",
                    "&_summary=count",
                    f"&_revinclude={_first(reverse_references(rtype))}",
                ):
                    key = value.rpartition("/")[2]
                    query = f"{name}={value}{extra}"
                    yield self.fhir("reference", f"{rtype}?{name}{extra}", key, "get", f"/fhir/{rtype}?{query}")
                    attempt = self.fhir(
                        "reference", f"{rtype}/_search {name}", key, "post", f"/fhir/{rtype}/_search", query
                    )
                    attempt.content_type = "application/x-www-form-urlencoded"
                    yield attempt

    def in_fhir_bodies(self) -> Iterator[Attempt]:
        """Give Bundles and resources that point at the person's own ids, in each place that takes a reference or an id."""
        for row in self.rows():
            target = f"{row.rtype}/{row.fid}"
            for place in ("subject", "for", "focus", "id", "request", "fullUrl"):
                yield self.fhir(
                    "bundle", f"{place} = {row.rtype}", row.fid, "post", "/fhir", _bundle(place, target, row)
                )
            patient = fhir.patient(people.registration())
            yield self.fhir(
                "fhir body", f"Patient id {row.rtype}", row.fid, "post", "/fhir/Patient", {**patient, "id": row.fid}
            )
            for clause in (f"_id={row.fid}", f"identifier={row.fid}", f"urn:oid:{OID_TEST}|{row.fid}"):
                headers = {"If-None-Exist": clause}
                yield self.fhir(
                    "header", f"If-None-Exist {row.rtype}", row.fid, "post", "/fhir/Patient", patient, headers=headers
                )
            task = {
                "resourceType": "Task",
                "id": row.fid,
                "status": "accepted",
                "intent": "order",
                "for": {"reference": target},
            }
            headers = {"If-Match": 'W/"1"'}
            yield self.fhir(
                "fhir body", f"Task of {row.rtype}", row.fid, "put", f"/fhir/Task/{row.fid}", task, headers=headers
            )

    def fhir(
        self,
        kind: str,
        what: str,
        id: str,
        verb: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Attempt:
        """Return an attempt of the stranger's system."""
        return Attempt(kind, what, self.bearer, id, verb, path, body, "application/fhir+json", headers or {})

    def rows(self) -> list[Resource]:
        """Return the stored resources of the person."""
        return list(Resource.objects.filter(person_id=self.world.story.person_id).order_by("pk"))

    def some(self, *models: str) -> list[str]:
        """Return one id of each of these models."""
        return [str(self.ids[model][0]) for model in models if self.ids.get(model)]


def ids_of(world: World) -> dict[str, list[Any]]:
    """Return the ids of every row that hangs on the person, by the name of its model."""
    found: dict[str, list[Any]] = {"Person": [world.story.person_id]}
    kept: dict[type[Model], set[Any]] = {apps.get_model("accounts", "Person"): {world.story.person_id}}
    models = [model for model in apps.get_models() if model._meta.model_name not in NOT_OF_A_PERSON]
    for _ in range(3):
        for model in models:
            held: set[Any] = set(kept.get(model, set()))
            for one in model._meta.get_fields():
                if isinstance(one, ForeignKey) and one.related_model in kept:
                    parents = kept[one.related_model]
                    rows = model._default_manager.filter(**{f"{one.name}__in": parents}).order_by("pk")
                    held |= set(rows.values_list("pk", flat=True))
                elif one.name == "person_id" and not isinstance(one, ForeignKey):
                    rows = model._default_manager.filter(person_id=world.story.person_id).order_by("pk")
                    held |= set(rows.values_list("pk", flat=True))
            if held:
                kept[model] = held
    for model, held in kept.items():
        if any(isinstance(one, UUID) for one in held):
            found[model.__name__] = sorted(held)
    rows = Resource.objects.filter(person_id=world.story.person_id).order_by("pk")
    found["Resource"] = list(rows.values_list("fid", flat=True))
    return found


def plain_routes() -> list[str]:
    """Return the routes without an argument that a session may ask for."""
    return [
        pattern
        for pattern, _ in _routes(get_resolver())
        if not ARGUMENT.search(pattern) and not pattern.startswith(APART)
    ]


@cache
def query_names() -> set[str]:
    """Return the names of parameters that any view reads in an address: `request.GET` with a constant."""
    found = {"person", "personne", "id", "next"}
    for path in [*ROOT.glob("*/*/views.py"), *ROOT.glob("*/*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("get", "getlist")
            ):
                inner = node.func.value
                if isinstance(inner, ast.Attribute) and inner.attr == "GET" and isinstance(node.args[0], ast.Constant):
                    found.add(str(node.args[0].value))
    return found


def _word(found: re.Match[str]) -> str:
    return str(WORDS.get(found[2]) or "inconnu")


def _headers(key: str) -> dict[str, str]:
    return {
        "Referer": f"http://testserver/personnes/{key}/", "X-Request-Id": key, "If-None-Match": f'W/"{key}"',
        "HX-Current-URL": f"http://testserver/personnes/{key}/", "HX-Request": "true", "Idempotency-Key": key,
        "X-Original-URL": f"/personnes/{key}/", "X-Forwarded-Host": f"{key}.example",
    }  # fmt: skip


def _bundle(place: str, target: str, row: Resource) -> dict[str, Any]:
    made = fhir.announcement_bundle(people.registration())
    parts = {entry["resource"]["resourceType"]: entry for entry in made["entry"]}
    task, condition, patient = parts["Task"], parts["Condition"], parts["Patient"]
    if place == "subject":
        condition["resource"]["subject"] = {"reference": target}
    elif place == "for":
        task["resource"]["for"] = {"reference": target}
    elif place == "focus":
        task["resource"]["focus"] = {"reference": target}
    elif place == "id":
        patient["resource"]["id"] = row.fid
    elif place == "request":
        patient["request"] = {"method": "PUT", "url": target}
    else:
        patient["fullUrl"] = f"urn:uuid:{row.fid}"
    return made


def _first(pairs: Iterable[tuple[str, str]]) -> str:
    return next((f"{source}:{name}" for source, name in pairs), "Task:patient")


def _with(body: Any, old: str, new: str) -> Any:
    if body is None:
        return None
    if isinstance(body, str):
        return body.replace(old, new)
    return json.loads(json.dumps(body, default=str).replace(old, new))


def _encoded(body: dict[str, Any]) -> str | bytes:
    from urllib.parse import urlencode

    return json.dumps(body) if "resourceType" in body else urlencode(body)


def _first_difference(one: str, other: str) -> str:
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{one[max(0, start - 40) : start + 40]!r}, but {other[max(0, start - 40) : start + 40]!r} of what never was"


def _text(response: Any) -> str:
    headers = " ".join(f"{name}: {value}" for name, value in response.headers.items())
    return response.text_sent.decode("utf-8", "replace") + headers  # type: ignore[no-any-return]


def _plain(response: Any) -> tuple[int, str, dict[str, str]]:
    text = ID.sub("ID", CHANGES.sub("", response.text_sent.decode("utf-8", "replace")))
    headers = {name: ID.sub("ID", value) for name, value in response.headers.items() if name not in OWN_HEADERS}
    return response.status_code, text, headers
