"""Invented identities through everything that is done with a person; then every place that outlives a request is searched for them.

The web server, the worker, the broker and the database are real ones. One identity more is planted in clear in each place, so
that the search is seen to find. `--postgres` runs on a PostgreSQL of our own; `CI=true` takes fewer identities.
"""

import argparse
import base64
import binascii
import email
import email.policy
import json
import logging
import os
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import httpx
from django.conf import settings
from django.core.cache import caches
from django.core.mail import send_mail
from django.test import Client
from django.test.utils import setup_test_environment

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

from tests.faults.attack import keep  # noqa: E402 (as above)
from tests.support import servers  # noqa: E402 (as above)
from tests.support.installation import Installation, installation  # noqa: E402 (as above)
from tests.support.pace import IN_CI  # noqa: E402 (the tree is found just above)

IDENTITIES = 12 if IN_CI else 300
WHOLE_FILE_EVERY = 2
DRAIN_SECONDS = 600
METRICS = "/systeme/", "/api/queues/", "/health/ready", "/health/live"
LETTERS = "bcdfghjklm"
PHONES, NUMBERS = "63998", 700_000
WORD = re.compile(rb"canari([nurwd])([b-df-hj-m]{4})", re.IGNORECASE)
NOT_WITHIN_HEX = rb"(?<![0-9a-f])", rb"(?![0-9a-f])"
"""Of some thirty megabytes of sealed values one spells a number by chance in every fourth run."""
PHONE = re.compile(rb"(?:33|0)63998(\d{4})".join(NOT_WITHIN_HEX))
INS = re.compile(rb"2550321(7\d{5})")
HEX, BASE64 = re.compile(rb"[0-9a-f]{16,}", re.IGNORECASE), re.compile(rb"[A-Za-z0-9+/_-]{16,}")


@dataclass(frozen=True)
class Identity:
    """One invented person, and what is written about her: every word of it is hers alone."""

    number: int

    def word(self, kind: str) -> str:
        """Return her birth name (n), usual name (u), relative (r), wish (w) or dossier (d)."""
        return f"CANARI{kind}{''.join(LETTERS[int(digit)] for digit in f'{self.number:04d}')}".upper()

    @property
    def phone(self) -> str:
        """Her telephone, of the numbers kept for fiction."""
        return f"+33{PHONES}{self.number:04d}"

    def registration(self) -> Any:
        """Return the input of her registration."""
        from accounts.people.records import Contact, Traits
        from accounts.people.states import Sex
        from tests.factories import people

        return people.registration(
            traits=Traits(
                birth_name=self.word("n"),
                birth_given_names=("Philomène",),
                birth_date=date(1955, 3, 12),
                sex=Sex.FEMALE,
                birthplace="21231",
            ),
            usual_name=self.word("u"),
            ins=people.ins(NUMBERS + self.number),
            contact=Contact(phones=(self.phone,), postal_code="21000", city="Dijon", commune="21231"),
        )


def found_in(content: bytes) -> set[int]:
    """Return the numbers of the identities that a content holds: as it stands, in hexadecimal, in base64 or in UTF-16."""
    forms = [content, content.replace(b"\0", b""), unquote_plus(content.decode("latin-1")).encode("latin-1", "replace")]
    forms += [b" ".join(_decoded(HEX, content, binascii.unhexlify)), b" ".join(_decoded(BASE64, content, _from_base64))]
    found: set[int] = set()
    for form in forms:
        found |= {
            int("".join(str(LETTERS.index(chr(one))) for one in match[2].lower())) for match in WORD.finditer(form)
        }
        found |= {int(match[1]) for match in PHONE.finditer(re.sub(rb"(?<=\d)[ .](?=\d\d)", b"", form))}
        found |= {int(match[1]) - NUMBERS for match in INS.finditer(form)}
    return found


def _decoded(runs: re.Pattern[bytes], content: bytes, decode: Any) -> Iterator[bytes]:
    for match in runs.finditer(content):
        try:
            yield decode(match[0])
        except ValueError:
            continue


def _from_base64(run: bytes) -> bytes:
    return base64.b64decode(run.translate(bytes.maketrans(b"-_", b"+/"))[: len(run) // 4 * 4])


@dataclass
class Places:
    """What was gathered, by the name of the place."""

    texts: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))

    def add(self, place: str, *contents: bytes | str) -> None:
        """Gather something."""
        self.texts[place] += [one.encode() if isinstance(one, str) else one for one in contents]

    def watch(self, answer: Any, *, path: str) -> None:
        """Gather what an answer tells beside its page: where it sends to, links, and the whole of an error page."""
        body = b"".join(answer) if getattr(answer, "streaming", False) else answer.content
        self.add("addresses", path, answer.headers.get("Location", ""))
        self.add("addresses", *re.findall(rb'(?:href|action|src|hx-get|hx-post)="(?!tel:)([^"]*)"', body))
        if answer.status_code >= 400 and answer.status_code != 422:  # a form that is shown again is its author's
            self.add("error pages", body, str(dict(answer.headers)))


class Traffic:
    """What people and systems do with the identities."""

    def __init__(self, site: Installation, places: Places) -> None:
        from tests.factories import alerts, people, referrals

        self.places, self.token = places, site.token("system/*.cruds")
        self.http = httpx.Client(base_url=site.base, timeout=60, limits=httpx.Limits(max_keepalive_connections=0))
        people.coordination(departement="21")
        self.structure, self.rapid_team = referrals.structure(), alerts.rapid_team()
        service = people.organisation(kind=people.OrganisationKind.EMERGENCY)
        self.service = service
        officer = people.actor(people.Role.PRIVACY_OFFICER, service)
        _give_address(officer, "referente@exemple.example.test")
        self.operator = people.actor(people.Role.TECHNICAL_ADMIN)

    def announce(self, one: Identity) -> None:
        """A hospital's system announces her illness, then asks for her, rightly and wrongly."""
        from tests.factories import fhir

        registration = one.registration()
        bundle = fhir.announcement_bundle(registration)
        assert self.fhir("POST", "", bundle).status_code == 200
        assert registration.ins is not None
        number = f"urn:oid:{registration.ins.oid}|{registration.ins.value}"
        for form in ({"family": one.word("n")}, {"identifier": number}, {"phone": one.phone}):
            self.fhir("POST", "/Patient/_search", form)
        for path in (f"/Patient?family={one.word('n')}", f"/Patient/{one.word('n')}", f"/{one.word('n')}"):
            self.fhir("GET", path)
        patient = fhir.patient(registration)
        for wrong in (
            {**patient, "birthDate": one.word("n")},
            {**patient, one.word("n"): 1},
            {**patient, "gender": one.word("w")},
        ):
            self.fhir("POST", "/Patient", wrong)
        self.fhir("POST", "", json.dumps(bundle)[:-20].encode())
        for path, form in (
            ("/connexion/", {"login": one.word("n"), "password": one.word("w")}),
            ("/personnes/nouvelle/", {"birth_name": one.word("n")}),
        ):
            self.places.watch(self.http.post(path, data=form), path=path)
        self.places.watch(self.http.get(f"/personnes/{one.word('n')}/"), path="/personnes/")

    def fhir(self, method: str, path: str, content: Any = None) -> httpx.Response:
        """Call as the hospital's system; the addresses are its own affair, what comes back is ours."""
        headers = {"Authorization": f"Bearer {self.token}"}
        sent: dict[str, Any] = {"data": content} if path.endswith("_search") else {"content": content}
        if isinstance(content, dict) and not path.endswith("_search"):
            sent = {"content": json.dumps(content)}
        if "content" in sent:
            headers["Content-Type"] = "application/fhir+json"
        answer = self.http.request(method, f"/fhir{path}", headers=headers, **sent)
        assert answer.status_code < 500, (method, path, answer.text)
        if answer.status_code >= 400:
            self.places.add("error pages", answer.content, str(dict(answer.headers)))
        return answer

    def live_through(self, one: Identity) -> None:
        """All that is done with a person: her file, a plan, a request, an alert, an emergency, a copy, a guest; and its pages."""
        from accounts.people.records import Contact
        from accounts.rights.commands import approve_export, request_access
        from accounts.rights.records import RequestAccess, StepExport
        from pathway.rapid_response.commands import call_rapid_response
        from pathway.referrals.commands import choose_recipients, create_draft, send_with_consent
        from pathway.referrals.records import ChooseRecipients
        from tests.factories import (
            alerts,
            announcements,
            directives,
            emergencies,
            people,
            plans,
            referrals,
            trusted_persons,
        )

        given = one.registration()
        fields = {name: getattr(given, name) for name in ("traits", "ins", "contact", "usual_name")}
        team = plans.team(**fields)
        relative = people.relative(
            team.person_id, team.nurse, family=one.word("r"), contact=Contact(phones=(one.phone,))
        )
        announcements.announced(
            team.person_id, team.physician, diagnosis_label=one.word("d"), wishes_to_know=one.word("w")
        )
        directives.directive(team.person_id, team.physician, text=one.word("w"))
        trusted_persons.designation(team.person_id, relative, team.nurse)
        plan = plans.plan(team)
        plans.write(plan, team, one.word("w"))
        plans.need(plan, team, one.word("w"))
        sections = referrals.dossier(reason=one.word("d"), diagnosis=one.word("d"))
        request = create_draft(referrals.draft_record(team.person_id, dossier=sections), by=team.physician).id
        offers = frozenset({self.structure.offer.id})
        choose_recipients(ChooseRecipients(request_id=request, version=1, offer_ids=offers), by=team.physician)
        asked = referrals.Asked(team.physician, team.person_id, request, (self.structure,))
        send_with_consent(referrals.send_record(asked), by=team.physician)
        call_rapid_response(alerts.call(team.person_id, self.rapid_team, reason=one.word("d")), by=team.physician)
        dispatcher = emergencies.dispatcher(self.service)  # one opens a few files a day only
        opening = emergencies.opening(
            team.person_id, dispatcher, explanation=f"Sa fille {one.word('r')} appelle, elle suffoque"
        )
        emergencies.open_break_glass(opening, by=dispatcher)
        officer = people.actor(people.Role.PRIVACY_OFFICER, _organisation(team.coordinator))
        asking = RequestAccess(person_id=team.person_id, asked_on=people.today(), paper=directives.scan())
        export = request_access(asking, by=team.coordinator)
        approve_export(StepExport(export_id=export.id, version=export.version), by=officer)
        people.consented(team.person_id, self.structure.organisation, by=team.nurse)
        self.visit(one, team, dispatcher)

    def visit(self, one: Identity, team: Any, by: Any) -> None:
        """Open her pages, search for her in each way, send forms that are refused, invite a guest."""
        from tests.support.screens import signed_in

        person = f"/personnes/{team.person_id}/"
        client, dispatcher = signed_in(team.nurse), signed_in(by)
        for path in (person, f"{person}cercle/", f"{person}directives/", f"{person}plan/", "/dossiers/", "/"):
            self.ask(client, "get", path)
        for word in (one.word("n"), one.word("u"), one.phone):
            self.ask(client, "post", "/personnes/recherche/", {"q": word})
        self.ask(dispatcher, "post", "/urgence/", {"phone": one.phone, "q": one.phone})
        invitation = {
            "organisation": str(self.structure.organisation.id), "role": "medecin", "family": "Traitant", "given": "Camille",
            "email": "camille@cabinet.example.test", "days": "3",
        }  # fmt: skip
        self.ask(client, "post", f"{person}cercle/inviter/", invitation)
        for path in (
            f"{person}plan/besoins/nouveau/",
            f"{person}inconnu/{one.word('n')}/",
            f"/demandes/nouvelle/{team.person_id}/",
        ):
            self.ask(client, "post", path, {"need": one.word("w"), "reason": one.word("d"), "version": one.word("n")})

    def watch_the_machine(self) -> None:
        """Read, as who runs the machine, what it tells of itself: queues, health, what was given up."""
        from tests.support.screens import signed_in

        operator = signed_in(self.operator)
        for path in METRICS:
            answer = operator.get(path)
            assert answer.status_code == 200, (path, answer.content[:500])
            self.places.watch(answer, path=path)
            self.places.add("metrics", answer.content, str(dict(answer.headers)))

    def ask(self, client: Client, method: str, path: str, form: dict[str, str] | None = None) -> None:
        """Ask for one page in this process."""
        client.raise_request_exception = False
        answer = getattr(client, method)(path, form or {})
        assert answer.status_code < 500, (path, answer.content[:500])
        self.places.watch(answer, path=path.partition("inconnu/")[0])


def _organisation(actor: Any) -> Any:
    from accounts.organisations.models import Organisation

    return Organisation.objects.get(pk=actor.organisation_id)


def _give_address(actor: Any, address: str) -> None:
    from accounts.organisations.models import Professional

    Professional.objects.filter(pk=actor.professional_id).update(email=address)


def plant(one: Identity, site: Installation, broker: Any) -> None:
    """Leave an identity in clear in every place, so that each search has something to find."""
    from tests.factories import people

    people.organisation(f"Cabinet {one.word('n')}")
    send_mail("Essai", f"Madame {one.word('n')}", None, ["essai@exemple.example.test"])
    logging.getLogger("accounts.essai").error(one.word("n"))
    caches["default"].set("essai", one.phone)
    (site.folder / "files").mkdir(exist_ok=True)
    (site.folder / "files" / "essai").write_text(base64.b64encode(one.phone.encode()).decode())
    if broker is not None:
        broker.rpush("essai", json.dumps({"args": [one.phone]}))


def gather(site: Installation, places: Places, broker: Any) -> None:
    """Gather what lies in every place that outlives a request."""
    places.add("logs", *(path.read_bytes() for path in site.folder.glob("*.log")))
    places.add("e-mails", *(text for path in (site.folder / "mails").iterdir() for text in _mail(path.read_bytes())))
    places.add("caches", repr(vars(caches["default"])))
    places.add(
        "files",
        *(
            path.read_bytes()
            for name in ("files", "audit", "reserve")
            for path in (site.folder / name).rglob("*")
            if path.is_file()
        ),
    )
    if site.owner_url:
        places.add("database", *_tables(site.owner_url))
        places.add("log of the database", _log_of_postgresql(site.owner_url))
    else:
        places.add("database", *(path.read_bytes() for path in site.folder.glob("db.sqlite3*")))
    if broker is not None:
        places.add("broker", *_held_by(broker))


def _mail(content: bytes) -> Iterator[bytes]:
    """Give the headers and the decoded parts of what one file holds."""
    for one in content.split(b"\n" + b"-" * 79):
        message = email.message_from_bytes(one.lstrip(), policy=email.policy.default)
        yield str(message.items()).encode()
        for part in message.walk():
            yield part.get_payload(decode=True) or b""  # type: ignore[misc]  # (bytes, since it decodes)


def _tables(url: str) -> Iterator[bytes]:
    """Give every row of every table, as a plain dump writes them."""
    import psycopg

    with psycopg.connect(url) as owner:
        names = owner.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        for (name,) in names:
            with owner.cursor().copy(f"COPY {name} TO STDOUT") as rows:
                yield b"".join(bytes(row) for row in rows)


def _log_of_postgresql(url: str) -> bytes:
    import psycopg

    with psycopg.connect(url) as owner:
        (cluster,) = owner.execute("SHOW data_directory").fetchone() or ("",)
    return (Path(cluster).parent / "server.log").read_bytes()


def _held_by(broker: Any) -> Iterator[bytes]:
    """Give every key of the broker and what it holds."""
    for key in broker.keys("*"):
        read = {
            b"list": lambda k: broker.lrange(k, 0, -1),
            b"set": broker.smembers,
            b"hash": broker.hgetall,
            b"string": broker.get,
        }
        yield repr((key, read.get(broker.type(key), repr)(key))).encode()


def drained() -> int:
    """Wait until the worker has nothing left to do; return how much it gave up."""
    from accounts.outbox.models import Work

    end = time.monotonic() + DRAIN_SECONDS
    while Work.objects.filter(state="pending").exists() and time.monotonic() < end:
        time.sleep(0.5)
    return Work.objects.exclude(state="done").count()


def trial(site: Installation, broker: Any, *, identities: int) -> dict[str, Any]:
    """Run it all and return the figures; `failures` says what did not hold."""
    backend = settings.EMAIL_BACKEND
    setup_test_environment()
    settings.EMAIL_BACKEND = backend
    places = Places()
    trace = logging.FileHandler(site.folder / "here.log")
    trace.setFormatter(logging.getLogger().handlers[0].formatter)
    logging.getLogger().addHandler(trace)
    everybody = [Identity(number) for number in range(identities)]
    with site.serving():
        traffic = Traffic(site, places)
        for one in everybody:
            (traffic.live_through if one.number % WHOLE_FILE_EVERY else traffic.announce)(one)
        traffic.watch_the_machine()
        undone = drained()
        traffic.watch_the_machine()
    planted = Identity(identities)
    gather(site, places, broker)
    ours = set(range(identities))
    clean = {name: ours & set().union(*map(found_in, texts)) for name, texts in places.texts.items()}
    sizes = {name: sum(map(len, texts)) for name, texts in places.texts.items()}
    plant(planted, site, broker)
    after = Places()
    gather(site, after, broker)
    after.add("addresses", f"/personnes/?nom={planted.word('n')}".replace("N", "%4E"))
    after.add("metrics", json.dumps({"topic": planted.word("n")}))
    after.add("error pages", f"Nous ne connaissons pas {planted.phone}")
    seen = {name: any(planted.number in found_in(text) for text in texts) for name, texts in after.texts.items()}
    shown = {
        name: [(number, _context(places.texts[name], number)) for number in sorted(found)[:SHOWN]]
        for name, found in clean.items()
        if found
    }
    expected = {
        "logs",
        "e-mails",
        "caches",
        "files",
        "database",
        "addresses",
        "error pages",
        "metrics",
        *(["broker"] if broker else []),
    }
    return {
        "identities": identities,
        **{f"{name}: bytes searched": size for name, size in sorted(sizes.items())},
        "identities found": len(set().union(*clean.values())),
        "found": shown,
        "places where a planted identity was found": sorted(name for name, is_seen in seen.items() if is_seen),
        "failures": [f"{name} names somebody" for name in shown]
        + [f"nothing was gathered of {name}" for name in sorted(expected) if not sizes.get(name)]
        + [
            f"a planted identity was not found in {name}"
            for name, is_seen in seen.items()
            if not is_seen and name not in UNPLANTED
        ]
        + [f"work left undone: {undone}"] * bool(undone),
    }


SHOWN = 5
UNPLANTED = {"log of the database"}


def _context(texts: Iterable[bytes], number: int) -> str:
    """Return what stands round an identity, where it was found."""
    for text in texts:
        for run in re.split(rb"[\n\0]", text):
            if number in found_in(run):
                return repr(run[:300])
    return "in parts"


def main() -> int:
    """Run, print the table, keep the figures; return 1 when anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of our own")
    parser.add_argument("--identities", type=int, default=IDENTITIES)
    chosen = parser.parse_args()
    start = time.monotonic()
    with servers.broker() as url, installation(on_postgresql=chosen.postgres, BROKER_URL=url) as site:
        import redis

        figures = trial(site, redis.Redis.from_url(url), identities=chosen.identities)
    keep(
        "canaries",
        {**figures, "seconds": round(time.monotonic() - start, 1)},
        database="postgresql" if chosen.postgres else "sqlite",
    )
    return 1 if figures["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
