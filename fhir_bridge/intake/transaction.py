"""A transaction Bundle as one unit of work: each entry runs its own command, all of it is kept or nothing.

The order of the entries does not matter: who is named comes first, then persons, then
what is said about them. Source: FHIR R4 http.html, transaction processing rules.
"""

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from urllib.parse import parse_qsl
from uuid import UUID

from accounts.access.gate import permit
from accounts.access.permissions import Permission
from accounts.access.records import Facts, Receipt
from accounts.access.rules import scope_grants
from accounts.access.unit import Unit, run_together
from accounts.kernel.actor import Actor
from accounts.organisations.directory import match_organisation, match_professional
from accounts.organisations.records import OutsideOrganisation, OutsideProfessional
from accounts.people.commands import register_person
from accounts.people.lineage import standing_record
from fhir_bridge.intake.entries import MATCHED_ONLY, Entry
from fhir_bridge.intake.models import ReceivedMessage
from fhir_bridge.mappers import announced
from fhir_bridge.mappers.patient import to_registration
from fhir_bridge.r4.outcomes import bad_request, forbidden, precondition_failed, unprocessable
from fhir_bridge.r4.references import Target, parse_reference
from fhir_bridge.r4.systems import FINESS, RPPS
from fhir_bridge.repository.query import read_query
from fhir_bridge.repository.search import search
from ppa.announcements.commands import propose_plan, record_announcement
from ppa.announcements.records import ProposePlan
from ppa.announcements.rules import NoCoordinationHere

CREATED, FOUND = 201, 200
_TWO: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What one entry became: the aggregate behind it, and whether it is new."""

    rtype: str
    source_type: str
    source_id: UUID
    status: int

    def as_json(self) -> dict[str, Any]:
        """Return it as kept with the answer of an idempotency key."""
        return {
            "rtype": self.rtype, "source_type": self.source_type, "source_id": str(self.source_id),
            "status": self.status,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a whole transaction became, in the order of its entries; `replayed`: the same key had done it before."""

    placed: tuple[Placed, ...]
    replayed: bool = False


def take(entries: list[Entry], *, body: bytes, by: Actor, base_url: str) -> Taken:
    """Do a transaction and return what its entries became; raises `FhirError` or `DomainError`, nothing then is kept."""
    check_scopes(entries, by)
    fingerprint = f"fhir.transaction|{hashlib.sha256(body).hexdigest()}"
    answer = run_together(
        lambda run: _Work(entries=entries, run=run, body=body, base_url=base_url).done(), by=by, fingerprint=fingerprint
    )
    assert isinstance(answer, dict)  # noqa: S101 (the work answers a dict)
    placed = tuple(Placed(**{**one, "source_id": UUID(one["source_id"])}) for one in answer["placed"])
    return Taken(placed=placed, replayed=bool(answer.get("replayed")))


def check_scopes(entries: list[Entry], by: Actor) -> None:
    """Raise 403 unless the scopes of the token cover the creation of each entry, and more than names is created."""
    wanted = {entry.rtype for entry in entries}
    if wanted <= MATCHED_ONLY or not all(scope_grants(by.scopes, f"{rtype}.c") for rtype in wanted):
        raise forbidden()


@dataclass(slots=True, kw_only=True)
class _Work:
    """One try of a transaction. `addresses`: what each fullUrl became; `announcements`: by Condition and Communication.

    `unproposed`: the announcements that no Task of the Bundle proposes a plan for, with their day.
    """

    entries: list[Entry]
    run: Unit
    body: bytes
    base_url: str
    addresses: dict[str, str] = field(default_factory=dict)
    announcements: dict[str, UUID] = field(default_factory=dict)
    unproposed: dict[UUID, date] = field(default_factory=dict)
    placed: dict[int, Placed] = field(default_factory=dict)

    def done(self) -> dict[str, Any]:
        first = next(entry.rtype for entry in self.entries if entry.rtype not in MATCHED_ONLY)
        permit(self._by(first), Permission.FHIR_OPERATION_TRANSACTION_BUNDLE, Facts(type="bundle"))
        for rtype, step in (
            ("Organization", self._organisation),
            ("Practitioner", self._professional),
            ("PractitionerRole", self._function),
            ("Patient", self._person),
            ("Communication", self._announcement),
            ("Condition", self._check_announced),
            ("Task", self._proposal),
        ):
            for entry in self.entries:
                if entry.rtype == rtype:
                    step(entry)
        self._propose_for_the_rest()
        placed = [self.placed[entry.number].as_json() for entry in self.entries]
        self._keep(placed)
        return {"placed": placed}

    def _by(self, rtype: str) -> Actor:
        return self.run.by.for_interaction(f"{rtype}.c")

    def _keep(self, placed: list[dict[str, Any]]) -> None:
        by = self.run.by
        ReceivedMessage.objects.create(
            client_id=by.id,
            organisation_id=by.organisation_id,
            correlation_id=by.correlation_id,
            content=self.body,
            became=[f"{one['rtype']}/{one['source_id']}" for one in placed],
        )

    def _place(self, entry: Entry, placed: Placed) -> None:
        self.placed[entry.number] = placed
        if entry.full_url:
            self.addresses[entry.full_url] = f"{placed.rtype}/{placed.source_id}"

    def _organisation(self, entry: Entry) -> None:
        found = match_organisation(announced.outside_organisation(entry.resource))
        status = FOUND if found.verified else CREATED
        self._place(entry, Placed(rtype=entry.rtype, source_type="organisation", source_id=found.id, status=status))

    def _professional(self, entry: Entry) -> None:
        found = match_professional(announced.outside_professional(entry.resource))
        status = FOUND if found.verified else CREATED
        self._place(entry, Placed(rtype=entry.rtype, source_type="professional", source_id=found.id, status=status))

    def _function(self, entry: Entry) -> None:
        """A function is read for the professional it names."""
        named = self._reference(entry, "practitioner", wanted="Practitioner")
        self._place(entry, Placed(rtype="Practitioner", source_type="professional", source_id=named, status=FOUND))

    def _person(self, entry: Entry) -> None:
        known = self._conditionally(entry) if entry.if_none_exist else None
        if known is not None:
            self._place(entry, Placed(rtype="Patient", source_type="person", source_id=known, status=FOUND))
            return
        receipt = self.run(register_person, to_registration(entry.resource), by=self._by("Patient"))
        self._place_receipt(entry, receipt, is_new=receipt.version == 1)

    def _announcement(self, entry: Entry) -> None:
        communication = entry.resource
        condition = self._announced_condition(entry)
        record = announced.to_announcement(
            communication,
            condition.resource,
            person_id=self._reference(entry, "subject", wanted="Patient"),
            recorder_id=self._recorder(entry, condition),
        )
        if self._reference(condition, "subject", wanted="Patient") != record.person_id:
            raise unprocessable("The Condition is about another person.", expression=[condition.place])
        receipt = self.run(record_announcement, record, by=self._by("Communication"))
        self._place_receipt(entry, receipt)
        self._place_receipt(condition, receipt)
        self.unproposed[receipt.id] = record.announced_on
        self.announcements |= {one.full_url: receipt.id for one in (entry, condition) if one.full_url}

    def _check_announced(self, entry: Entry) -> None:
        if entry.number not in self.placed:
            raise unprocessable(
                "A Condition is read with the Communication that announces it.",
                code="not-supported",
                expression=[entry.place],
            )

    def _proposal(self, entry: Entry) -> None:
        announced.check_proposal(entry.resource)
        focus = str(entry.resource.get("focus", {}).get("reference", "")).lower()
        announcement_id = self.announcements.get(focus)
        if announcement_id is None:
            raise unprocessable(
                "Task.focus is the Condition announced here.", expression=[f"{entry.place}.resource.focus"]
            )
        proposed_on = announced.day_of(entry.resource.get("authoredOn", ""), element="Task.authoredOn")
        self.unproposed.pop(announcement_id, None)
        record = ProposePlan(announcement_id=announcement_id, proposed_on=proposed_on)
        self._place_receipt(entry, self.run(propose_plan, record, by=self._by("Task")))

    def _propose_for_the_rest(self) -> None:
        """Propose a plan on the day of each announcement that has no Task; where no DAC covers, the announcement stands alone."""
        for announcement_id, announced_on in self.unproposed.items():
            record = ProposePlan(announcement_id=announcement_id, proposed_on=announced_on)
            with suppress(NoCoordinationHere):
                self.run(propose_plan, record, by=self._by("Communication"))

    def _place_receipt(self, entry: Entry, receipt: Receipt, *, is_new: bool = True) -> None:
        status = CREATED if is_new else FOUND
        self._place(entry, Placed(rtype=entry.rtype, source_type=receipt.type, source_id=receipt.id, status=status))

    def _announced_condition(self, entry: Entry) -> Entry:
        about = {str(one.get("reference", "")).lower() for one in entry.resource.get("about", [])}
        found = [one for one in self.entries if one.rtype == "Condition" and one.full_url in about]
        if len(found) != 1 or found[0].number in self.placed:
            raise unprocessable(
                "An announcement is about one Condition of the same Bundle.",
                expression=[f"{entry.place}.resource.about"],
            )
        return found[0]

    def _recorder(self, entry: Entry, condition: Entry) -> UUID | None:
        """Return who announced: the sender when he is a professional, else who recorded the Condition."""
        for one, element in ((entry, "sender"), (condition, "recorder"), (condition, "asserter")):
            text = str(one.resource.get(element, {}).get("reference", ""))
            if text and self._address(one, text).startswith("Practitioner/"):
                return self._reference(one, element, wanted="Practitioner")
        return None

    def _reference(self, entry: Entry, element: str, *, wanted: str) -> UUID:
        text = str(entry.resource.get(element, {}).get("reference", ""))
        kind, _, named = self._address(entry, text).partition("/")
        found = uuid_of(named)
        if kind != wanted or found is None:
            raise unprocessable(
                f"A reference to a known {wanted} is needed.", expression=[f"{entry.place}.resource.{element}"]
            )
        return standing_record(found) if wanted == "Patient" else found

    def _address(self, entry: Entry, text: str) -> str:
        """Return the relative address that a reference stands for; empty when it stands for nothing known."""
        if not text:
            return ""
        target = parse_reference(text, base_url=self.base_url)
        if target.kind == "urn":
            return self.addresses.get(text.lower(), "")
        if target.kind == "conditional":
            return self._conditional_reference(entry, target)
        return f"{target.type}/{target.id}" if target.kind == "literal" else ""

    def _conditional_reference(self, entry: Entry, target: Target) -> str:
        query = target.query or ""
        self._check_search(str(target.type))
        if target.type == "Patient":
            found = self._search(query)
            if len(found) != 1:
                raise precondition_failed("A conditional reference has not exactly one match.", code="multiple-matches")
            return f"Patient/{found[0]}"
        named = dict(parse_qsl(query))
        system, _, value = named.get("identifier", "").partition("|")
        if (target.type, system) == ("Practitioner", RPPS) and len(named) == 1:
            return f"Practitioner/{match_professional(OutsideProfessional(rpps=value)).id}"
        if (target.type, system) == ("Organization", FINESS) and len(named) == 1:
            return f"Organization/{match_organisation(OutsideOrganisation(finess=value)).id}"
        raise bad_request("This conditional reference is not offered.", code="not-supported", expression=[entry.place])

    def _check_search(self, rtype: str) -> None:
        """Raise 403 for a condition on a type that the token may not search: what it finds would be told."""
        if not scope_grants(self.run.by.scopes, f"{rtype}.s"):
            raise forbidden()

    def _conditionally(self, entry: Entry) -> UUID | None:
        self._check_search(entry.rtype)
        found = self._search(entry.if_none_exist)
        if len(found) > 1:
            raise precondition_failed("Several resources match ifNoneExist.", code="multiple-matches")
        return found[0] if found else None

    def _search(self, text: str) -> list[UUID]:
        """Return at most two persons of the caller's sight that match."""
        by = self.run.by.for_interaction("Patient.s")
        query = read_query("Patient", [*parse_qsl(text), ("_count", str(_TWO))], in_body=True)
        return [UUID(one.id) for one in search(query, actor=by, base_url=self.base_url).matches]


def uuid_of(text: str) -> UUID | None:
    """Return the uuid that a text writes, `None` for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None
