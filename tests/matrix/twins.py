"""Two worlds that differ in one hidden value, and every question that a stranger may ask: both must answer the same.

Questions are made of what the server declares: each search parameter of each type, with the hidden value and its twin, alone,
through a chain, reversed, with totals, counts, includes and orders; and what people type into the search of a page. Her own
team is asked too, as a control: its answers differ.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, count, product
from typing import Any
from urllib.parse import quote

from accounts.access.circle import enter
from accounts.access.records import OpenMembership
from accounts.access.states import Basis
from accounts.kernel.actor import Role
from accounts.kernel.clock import in_hours
from accounts.organisations.models import Organisation
from accounts.people.records import Contact, Traits
from accounts.people.rules import OID_TEST
from accounts.systems.models import AccessToken
from fhir_bridge.repository.catalogue import CATALOGUE, Kind, reverse_references
from ppa.announcements.states import Trigger
from tests.factories import announcements, directives, fhir, people, plans, referrals
from tests.support.screens import signed_in
from tests.support.undone import undone

CHANGES = re.compile(
    r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|\d{4}-\d\d-\d\d[T ][\d:.+Z]*|_page=[\w=-]+|\b\d\d:\d\d(?::\d\d)?\b|"
    r'(?:nonce|csrfmiddlewaretoken|value)="[^"]*"'
)


IDENTITY = frozenset({"birth name", "birth date", "national number"})
REGISTERED: Mapping[str, dict[str, str]] = {
    "as new": {},
    "unless known": {"if_none_exist": f"identifier=urn:oid:{OID_TEST}|{people.ins(773).value}"},
}
"""The ways of posting the person herself, whose strict traits are the same in both worlds."""


@dataclass(frozen=True)
class Hidden:
    """The one value: what it is called, its two forms, the words by which one might find it, the FHIR type that shows it."""

    name: str
    one: Any
    other: Any
    words: tuple[str, ...]
    shown_by: str

    @property
    def is_identity(self) -> bool:
        """Tell whether it is one of the strict traits: to post them is to know them (`docs/security.md`, "Existence by deduction")."""
        return self.name in IDENTITY

    @property
    def control(self) -> tuple[str, str]:
        """The question that tells her own team the two worlds apart."""
        return "fhir", f"{self.shown_by}?_total=accurate&_sort=_lastUpdated"


HIDDEN: tuple[Hidden, ...] = (
    Hidden(
        "birth name", "VAUDORIANE", "MERLUCHARD", ("VAUDORIANE", "MERLUCHARD", "vaudo", "merlu", "VA", "ME"), "Patient"
    ),
    Hidden("telephone", "+33639985511", "+33639985522", ("+33639985511", "+33639985522", "5511", "5522"), "Patient"),
    Hidden(
        "birth date", "1955-03-12", "1957-08-21", ("1955-03-12", "1957-08-21", "1955", "1957", "1955-03"), "Patient"
    ),
    Hidden("national number", 771, 772, ("771", "772"), "Patient"),
    Hidden("diagnosis", "c341", "c509", ("C34.1", "C50.9", "c341", "c509"), "Condition"),
    Hidden("wish", "allow", "deny", ("allow", "deny", "permit"), "Consent"),
    Hidden("a whole plan", True, False, ("plan", "active", "draft"), "Consent"),
)


ASKERS = (STRANGER, RECEIVER, HER_TEAM) = ("stranger", "receiver", "her own team")
TURNED_AWAY = frozenset({302, 401, 403, 429})


@dataclass(frozen=True)
class Compared:
    """What the questions told: from outside nothing may; to her own team, which reads the value, something must."""

    asked: int
    apart: list[str]
    told: int

    @property
    def wrongs(self) -> list[str]:
        """What did not hold."""
        return [*self.apart, *([] if self.told else ["nothing would be found: her own team is answered alike"])]


_TRAITS = Traits(
    birth_name="SERINVAL",
    birth_given_names=("Rose",),
    birth_date=people.date.fromisoformat("1951-02-02"),
    sex=people.Sex.FEMALE,
    birthplace="21231",
)
"""Of the person, but where one of them is the hidden value."""


class Twins:
    """Makes the two worlds, one after the other, and asks both the same questions."""

    def questions(self, hidden: Hidden) -> list[tuple[str, str]]:
        """Return each question as a way and what is asked."""
        words = [word for word in hidden.words if word]
        if hidden.name == "national number":
            words = [people.ins(number).value for number in (hidden.one, hidden.other)]
        asked: list[tuple[str, str]] = []
        for rtype, served in CATALOGUE.items():
            for name, param in served.params.items():
                for word in words:
                    asked += [("fhir", f"{rtype}?{name}={quote(_form(param.kind, word))}&_total=accurate")]
                    if param.kind == Kind.REFERENCE:
                        target = min(param.targets)
                        asked += [("fhir", f"{rtype}?{name}:{target}.name={quote(word)}")]
            asked += [("fhir", f"{rtype}?_total=accurate&{extra}") for extra in _extras(rtype)]
        for word in words:
            asked += [("search", word), ("fhir", f"Patient?_has:Condition:patient:code={quote(word)}")]
        return asked

    def registrations(self, hidden: Hidden) -> list[tuple[str, str]]:
        """Return each way of posting the person, unless what is hidden would be posted too."""
        return [] if hidden.is_identity else [("register", way) for way in REGISTERED]

    def answers(self, hidden: Hidden, value: Any, asked: list[tuple[str, str]]) -> Iterator[str]:
        """Make one world, ask every question as each of `ASKERS`, and take it back."""
        people._numbers = count(50_000)
        with undone():
            stranger = people.organisation("Structure qui demande", finess="990000017")
            receiver, team = self._story(hidden, value)
            for place in (stranger, receiver, team):
                yield from self._answers_at(place, asked)

    def posted(self) -> dict[str, Any]:
        """Return the person as an outsider posts her."""
        return fhir.patient(people.registration(traits=_TRAITS, ins=people.ins(773)))

    def _answers_at(self, place: Organisation, asked: list[tuple[str, str]]) -> Iterator[str]:
        partner = fhir.partner(place)
        AccessToken.objects.update(expires_at=in_hours(6))  # the questions take longer than a token lasts
        browser = cache(lambda: signed_in(people.actor(Role.PHYSICIAN, place)))  # comes when he types
        for way, question in asked:
            if way == "register":
                with undone():
                    response = partner.post("Patient", self.posted(), **REGISTERED[question])
            elif way == "search":
                response = browser().post("/personnes/recherche/", {"q": question})
            elif "identifier=" in question and question.startswith("Patient"):
                response = partner.search("Patient", identifier=question.partition("identifier=")[2].partition("&")[0])
            else:
                response = partner.get(question)
            if response.status_code in TURNED_AWAY or response.status_code >= 500:
                raise AssertionError(f"{question}: {response.status_code}, which says nothing of the question")
            yield self._plain(response, place)

    def _story(self, hidden: Hidden, value: Any) -> tuple[Organisation, Organisation]:
        """Make the people of one world; return who only received a request, and who cares for them."""

        def of(name: str, usual: Any) -> Any:
            return value if hidden.name == name else usual

        team = plans.team(
            traits=Traits(
                birth_name="PASSEREAUX",
                birth_given_names=("Philomène",),
                birth_date=people.date.fromisoformat("1950-01-01"),
                sex=people.Sex.FEMALE,
                birthplace="21231",
            ),
            ins=people.ins(770),
            contact=Contact(phones=("+33639985500",), postal_code="21000", city="Dijon", commune="21231"),
        )
        other = people.person(
            team.nurse,
            traits=replace(
                _TRAITS,
                birth_name=of("birth name", _TRAITS.birth_name),
                birth_date=people.date.fromisoformat(of("birth date", _TRAITS.birth_date.isoformat())),
            ),
            ins=people.ins(of("national number", 773)),
            contact=Contact(
                phones=(of("telephone", "+33639985501"),), postal_code="21000", city="Dijon", commune="21231"
            ),
        )
        asked = referrals.draft(sender=team.physician)
        referrals.send_with_consent(referrals.send_record(asked), by=team.physician)
        for person_id in (other, asked.person_id):
            announcements.announced(
                person_id, team.physician, diagnosis_code=of("diagnosis", "c341"), trigger=Trigger.SERIOUS_ILLNESS
            )
            if of("a whole plan", True):
                directives.directive(person_id, team.physician, text=f"Un souhait : {of('wish', 'allow')}")
        assert team.coordinator.organisation_id is not None
        enter(
            OpenMembership(person_id=other, organisation_id=team.coordinator.organisation_id, basis=Basis.COORDINATION)
        )
        return asked.structures[0].organisation, Organisation.objects.get(pk=team.physician.organisation_id)

    def _plain(self, response: Any, place: Organisation) -> str:
        body = response.content.decode("utf-8", "replace")
        headers = {name: value for name, value in response.headers.items() if name in ("Content-Type", "ETag", "Allow")}
        return f"{response.status_code} {CHANGES.sub('…', body)} {headers}".replace(place.name, "…")


def _form(kind: Kind, word: str) -> str:
    if kind == Kind.NUMBER_OF_PERSON:
        return f"urn:oid:{OID_TEST}|{word}"
    return word


def _extras(rtype: str) -> Iterator[str]:
    yield from ("_summary=count", "_sort=_lastUpdated", "_sort=-_lastUpdated", "_count=1")
    yield from (f"_include={rtype}:{name}" for name in CATALOGUE[rtype].references())
    yield from (f"_revinclude={source}:{name}" for source, name in reverse_references(rtype))


def differences(hidden: Hidden, *, every: int = 1) -> Compared:
    """Ask both worlds the same questions, or each nth of them."""
    twins = Twins()
    asked = [*twins.questions(hidden)[::every], *twins.registrations(hidden), hidden.control]
    both = zip(twins.answers(hidden, hidden.one, asked), list(twins.answers(hidden, hidden.other, asked)), strict=True)
    unlike: dict[str, list[str]] = {asker: [] for asker in ASKERS}
    for (asker, (_, question)), (one, other) in zip(product(ASKERS, asked), both, strict=True):
        unlike[asker] += [f"{hidden.name}, {asker}: {question}"] if one != other else []
    told = len(unlike.pop(HER_TEAM))
    return Compared(asked=2 * len(asked), apart=[*chain(*unlike.values())], told=told)
