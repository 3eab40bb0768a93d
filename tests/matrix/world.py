"""One person with something of everything, and somebody of every function at every place round her."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django.db import DataError
from django.db.models import Q
from django.test import Client
from django.urls import get_resolver

from accounts.access.circle import enter
from accounts.access.doors import _routes
from accounts.access.gate import Trail
from accounts.access.models import CircleMembership, Opposition, SharingConsent
from accounts.access.records import OpenMembership
from accounts.access.states import Basis, ConsentMeans
from accounts.access.unit import Command, commands
from accounts.audit.records import AuditEntry, Outcome
from accounts.authentication.sessions import AUTHENTICATED_AT
from accounts.guests.models import GuestAccess
from accounts.kernel.actor import Actor, Channel, Role, system_actor
from accounts.kernel.clock import in_hours, now, today
from accounts.kernel.errors import DomainError, NotAllowed, NotFound, StepUpNeeded
from accounts.organisations.models import Organisation
from accounts.people.models import IdentityAlert, Relative
from accounts.systems.models import AccessToken, FhirClient
from fhir_bridge.repository.catalogue import CATALOGUE
from fhir_bridge.repository.models import Resource
from pathway.capacity.commands import declare_places, hold_place
from pathway.capacity.models import Hold
from pathway.capacity.records import DeclarePlaces, HoldPlace
from pathway.rapid_response.models import Alert
from pathway.referrals.commands import choose_recipients, create_draft
from pathway.referrals.records import ChooseRecipients
from pathway.structures.models import CareOffer
from ppa.emergency_sheets.models import EmergencySheet
from ppa.plans.commands import FORMS, revise_plan
from ppa.plans.models import Plan
from ppa.plans.outline import outline
from ppa.plans.records import RevisePlan
from tests.factories import fhir, people, referrals, whole_story
from tests.matrix.rows import BY_PAIR, Row
from tests.matrix.samples import record_for
from tests.support.screens import signed_in
from tests.support.undone import undone

ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")
WORDS: Mapping[str, Any] = {
    "code": "what_matters",
    "scale_code": "esas",
    "step": "etude",
    "number": 1,
    "other": 1,
    "trigger": "birth",
    "key": "0" * 32,
    "kind": "limitation",
    "model": "a",
}


def word_for(found: re.Match[str]) -> str:
    """Return what stands for an argument that names nothing of the world."""
    return str(WORDS.get(found[2]) or (uuid4() if found[1] == "uuid" else "inconnu"))


APART = ("fhir", "compte/deconnexion/")
"""Routes with doors of their own kind, and the one that would end the visit."""

STALE = timedelta(minutes=6)
PEOPLE = sorted(set(Role) - {Role.FHIR_CLIENT, Role.SYSTEM, Role.ANONYMOUS})


def our_routes() -> list[str]:
    """Return the patterns of the addresses that a session may ask for and that carry a policy of ours."""
    return [
        pattern for pattern, view in _routes(get_resolver()) if hasattr(view, "door") and not pattern.startswith(APART)
    ]


def address_of(pattern: str, ids: Mapping[str, Any]) -> str:
    """Return the address of a pattern with these ids; what they do not name is unknown."""
    return "/" + ARGUMENT.sub(lambda name: str(ids.get(name[2]) or word_for(name)), pattern)


class Place(StrEnum):
    """Where somebody stands towards the person."""

    TEAM = "the hospital that cares for her, and asks for her"
    COORDINATION = "the DAC that follows her"
    ASKED = "a structure that was asked"
    ACCEPTED = "a structure that accepted her"
    RAPID = "the rapid team that was called"
    EMERGENCY = "an emergency service that broke the glass"
    KNOWN = "a structure that knows who she is"
    STRANGER = "a structure that does not know her"
    PAST = "a structure that cared for her once"
    REFUSED = "a structure of her circle that she refuses"


BASIS_AT = {
    Place.ACCEPTED: Basis.ACCEPTED_REFERRAL,
    Place.EMERGENCY: Basis.BREAK_GLASS,
    Place.KNOWN: Basis.KNOWN,
    Place.PAST: Basis.SAME_TEAM,
    Place.REFUSED: Basis.SAME_TEAM,
}
STANDING = {
    Place.TEAM: {"VISIBLE", "CIRCLE", "TEAM"},
    Place.COORDINATION: {"VISIBLE", "CIRCLE", "TEAM", "ORGPAT"},
    Place.ASKED: {"REFRECV", "REFSTUDY"},
    Place.ACCEPTED: {"VISIBLE", "CIRCLE", "REFRECV", "REFSTUDY", "REFACC"},
    Place.RAPID: {"REFRECV", "REFSTUDY"},
    Place.EMERGENCY: {"BG"},
    Place.KNOWN: {"VISIBLE"},
    Place.STRANGER: set(),
    Place.PAST: set(),
    Place.REFUSED: set(),
}
OWNER = {
    "coordination_file": Place.COORDINATION,
    "plan_proposal": Place.COORDINATION,
    "bereavement": Place.COORDINATION,
    "stay": Place.TEAM,
    "admission_talk": Place.TEAM,
    "entrusted_action": Place.ACCEPTED,
    "bed_availability": Place.TEAM,
    "structure_directory": Place.TEAM,
}
"""Whose an object is; what is not named here is made for one's own organisation, wherever one stands."""
OF_NOBODY = frozenset(
    {
        "bed_availability", "structure_directory", "user_account", "outbox_queue", "outbox_dead_letter", "fhir_client",
        "fhir_operation", "access_log", "break_glass", "guest_access", "retention_purge", "trusted_person_link",
    }
)  # fmt: skip
"""Objects of which the gate is asked without naming a person: none of her refusals can bar them.

Conservation is the law's. A guest's link is opened before any file, which her refusal closes: tests/integration/accounts/guests.
"""
MADE_FOR_ONESELF = {
    "coordination_file.signal",
    "coordination_file.list",
    "plan_proposal.list",
    "stay.open",
    "entrusted_action.list",
}
BEFORE_HER = {
    "patient_identity.create", "patient_identity.list_alerts", "patient_identity.unmerge", "coordination_file.list",
    "rgpd_request.list",
}  # fmt: skip
"""Rights asked before any person is named, or of a merge that should not have been: her refusal cannot bar them."""
OWNER_AT_DOOR = {"pathway.referrals.commands.end_line": Place.ACCEPTED}
NOT_AT_DOOR = {
    "pathway.referrals.commands.remind_line": {"REFRECV"},
    "/demandes/lignes/<uuid:line_id>/": {"REFSEND"},
}
"""Doors that serve one side only, though the right is both sides'."""
SENT_BY = {"referral": Place.TEAM, "eri_sp_alert": Place.TEAM, "referral_message": Place.TEAM}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody of a function at a place; `stale`: both factors were given long ago; `scoped`: a system with its scopes.

    `mandated`: he holds the mandate of identity vigilance there.
    """

    role: Role
    place: Place
    stale: bool = False
    scoped: bool = True
    mandated: bool = False


@dataclass(slots=True)
class Seen:
    """What happened at one door."""

    opened: bool
    status: int | str
    told: bool = False
    entries: list[AuditEntry] = field(default_factory=list)

    def rests_on(self) -> set[str]:
        """Return the rights that opened it."""
        return {str(entry.action) for entry in self.entries if entry.outcome == Outcome.ALLOWED}

    def decisions(self, permission: str) -> list[bool]:
        """Return what the gate decided of one right for the person, in order; a question about a list is none."""
        return [
            entry.outcome == Outcome.ALLOWED
            for entry in self.entries
            if entry.action == permission and entry.rule not in ("scope", "sight", "no-row")
        ]


class World:
    """The story, its places, and who visits."""

    def __init__(self) -> None:
        self.story = whole_story.told()
        self._actors: dict[Visitor, Actor] = {}
        self._clients: dict[Visitor, Client] = {}
        self._partners: dict[Visitor, fhir.Partner] = {}
        plan = Plan.objects.get(person_id=self.story.person_id)
        revise_plan(RevisePlan(plan_id=plan.id, version=plan.version), by=self.story.physician)
        self.plan_id = plan.id
        self.organisations = {place: self._organisation(place) for place in Place}
        self.offer_id = CareOffer.objects.get(organisation=self.organisations[Place.TEAM]).id
        self._hold()
        self.draft_id = self._draft()
        alert = self._identity_alert()
        self.invitation_id = self._invitation()
        self.own: dict[str, Any] = {
            **self.story.ids,
            "ins": self.story.ins,
            "plan_id": plan.id,
            "sheet_id": EmergencySheet.objects.get(person_id=self.story.person_id).id,
            "offer_id": self.offer_id,
            "hold_id": Hold.objects.get(offer_id=self.offer_id).id,
            "consent_id": SharingConsent.objects.filter(person_id=self.story.person_id).latest("id").id,
            "membership_id": CircleMembership.objects.filter(
                person_id=self.story.person_id, organisation=self.organisations[Place.TEAM], ends_at=None
            )
            .earliest("starts_at")
            .id,
            "relative_id": Relative.objects.get(person_id=self.story.person_id).id,
            "alert_of_identity": alert,
            "other_id": self.other_id,
            "client_id": FhirClient.objects.get(
                organisation_id=fhir.partner(self.organisations[Place.TEAM]).organisation.id
            ).id,
            "coordinator_id": people.actor(Role.COORDINATOR, self.organisations[Place.COORDINATION]).professional_id,
        }
        self.greet(*PEOPLE, Role.FHIR_CLIENT)
        AccessToken.objects.update(expires_at=in_hours(6))  # the visits take longer than a token lasts

    def _organisation(self, place: Place) -> Organisation:
        story = self.story
        given = {
            Place.TEAM: story.physician.organisation_id,
            Place.COORDINATION: CircleMembership.objects.get(
                person_id=story.person_id, basis=Basis.COORDINATION
            ).organisation_id,
            Place.ASKED: story.asked.structures[0].organisation.id,
            Place.ACCEPTED: story.asked.structures[1].organisation.id,
            Place.RAPID: Alert.objects.get(pk=story.ids["alert_id"]).team_id,
        }
        made = Organisation.objects.get(pk=given[place]) if place in given else people.organisation(departement="39")
        if place in BASIS_AT:
            past = now() - timedelta(days=2)
            enter(
                OpenMembership(
                    person_id=story.person_id,
                    organisation_id=made.id,
                    basis=BASIS_AT[place],
                    source_id=story.asked.request_id if place == Place.ACCEPTED else uuid4(),
                    starts_at=past,
                    ends_at=past + timedelta(days=1) if place == Place.PAST else None,
                )
            )
        if place == Place.REFUSED:
            Opposition.objects.create(
                person_id=story.person_id, organisation=made, stated_on=today(), means=ConsentMeans.SPOKEN
            )
        return made

    def _hold(self) -> None:
        manager = self.actor(Visitor(Role.BED_MANAGER, Place.TEAM))
        declare_places(DeclarePlaces(offer_id=self.offer_id, available=3, version=0), by=manager)
        record = HoldPlace(offer_id=self.offer_id, line_id=self.story.asked.line(0).id, until=now() + timedelta(days=1))
        hold_place(record, by=manager)

    def _draft(self) -> UUID:
        asked, sender = self.story.asked, self.story.physician
        made = create_draft(referrals.draft_record(self.story.person_id), by=sender).id
        offers = frozenset(one.offer.id for one in asked.structures)
        choose_recipients(ChooseRecipients(request_id=made, version=1, offer_ids=offers), by=sender)
        return made

    def _identity_alert(self) -> UUID:
        other = people.person(self.story.physician)
        made = IdentityAlert(
            person_id=self.story.person_id,
            other_id=other,
            organisation=self.organisations[Place.TEAM],
            kind="same_ins_other_traits",
        )
        made.version = 1
        made.save()
        self.other_id = other
        return made.id

    def _invitation(self) -> UUID:
        """Return an invitation that nobody used; it has opened nothing, so it brings nobody nearer to her."""
        made = GuestAccess(
            person_id=self.story.person_id,
            organisation=self.organisations[Place.ASKED],
            professional_id=people.actor(Role.PHYSICIAN, self.organisations[Place.ASKED]).professional_id,
            consent=SharingConsent.objects.filter(person_id=self.story.person_id).latest("id"),
            invited_by_id=signed_in(self.story.physician).session["_auth_user_id"],
            role=Role.PHYSICIAN,
            link_digest="0" * 64,
            open_before=now() + timedelta(days=1),
        )
        made.save(force_insert=True)
        return made.id

    def ids_at(self, place: Place) -> dict[str, Any]:
        """Return every id by its name in addresses and records, those of the line of the place's own structure."""
        line = self.story.asked.line(0 if place == Place.ASKED else 1)
        return {**self.own, "line_id": line.id}

    def greet(self, *roles: Role) -> None:
        """Make the actor and the browser of each role at each place, so that what a test takes back leaves them."""
        for role in roles:
            for place in Place:
                visitor = Visitor(role, place)
                self._actors[visitor] = self.actor(visitor)
                if role in PEOPLE:
                    self._clients[visitor] = self.client(visitor)
                elif role == Role.FHIR_CLIENT:
                    self._partners[visitor] = self.partner(visitor)

    def ids_for(self, command: str) -> dict[str, Any]:
        """Return the ids that a command means by names which others use for something else."""
        feature, _, name = command.rpartition(".commands.")
        if name == "settle_identity_alert":
            return {"alert_id": self.own["alert_of_identity"]}
        if name == "join_records":
            return {"kept_id": self.story.person_id, "merged_id": self.other_id, "kept_version": 1, "merged_version": 1}
        if name == "note_guest_link_sent":
            return {"id": self.invitation_id}
        if name == "raise_alert":
            return {"offer_id": Alert.objects.get(pk=self.own["alert_id"]).offer_id}
        if name in ("create_draft", "update_draft", "choose_recipients", "send_request"):
            return {"request_id": self.draft_id, "offer_id": self.story.asked.structures[0].offer.id}
        if feature == "ppa.plans":
            codes = [*(one.code for one in outline() if one.domain in name), *(one for one in FORMS if one in name)]
            return {"code": codes[0]} if "topic" in name or "draft" in name else {}
        if feature in ("accounts.access", "pathway.opinions"):
            return {"organisation_id": self.organisations[Place.ASKED].id}
        if feature == "accounts.staff":
            return {"organisation_id": self.organisations[Place.TEAM].id}
        if feature == "pathway.referrals":
            return {"offer_id": self.story.asked.structures[0].offer.id}
        return {}

    def actor(self, visitor: Visitor) -> Actor:
        """Return who visits."""
        return self._actors.get(visitor) or self._made(visitor)

    def _made(self, visitor: Visitor) -> Actor:
        at = self.organisations[visitor.place]
        if visitor.role == Role.SYSTEM:
            return system_actor("tests", channel=Channel.JOB)
        if visitor.role == Role.FHIR_CLIENT:
            return replace(people.system_client(at, "system/*.cruds"), interaction="Task.u" if visitor.scoped else "")
        instant = now() - STALE if visitor.stale else now()
        made = people.identity_officer(visitor.role, at) if visitor.mandated else people.actor(visitor.role, at)
        return replace(made, authenticated_at=instant)

    def client(self, visitor: Visitor) -> Client:
        """Return the visitor's browser."""
        if visitor in self._clients:
            return self._clients[visitor]
        made = signed_in(self.actor(visitor))
        made.raise_request_exception = False
        if visitor.stale:
            session = made.session
            session[AUTHENTICATED_AT] = (now() - STALE).timestamp()
            session.save()
        return made

    def partner(self, visitor: Visitor) -> fhir.Partner:
        """Return the visitor's system."""
        if visitor in self._partners:
            return self._partners[visitor]
        return fhir.partner(self.organisations[visitor.place], *(fhir.ALL if visitor.scoped else ("system/Binary.c",)))

    @cached_property
    def marks(self) -> tuple[str, ...]:
        """What tells of her to anybody at all."""
        return tuple(one.casefold() for one in self.story.everything)

    def told(self, text: str) -> bool:
        """Tell whether an answer names her."""
        folded = text.casefold()
        return any(one in folded for one in self.marks)

    def truths(self, permission: str, visitor: Visitor, door: str = "") -> set[str]:
        """Return the codes that hold for a right on what this world has, at one door."""
        thing, place = permission.split(".", maxsplit=1)[0], visitor.place
        true = set(STANDING[place]) | {"DRAFT", "CLEAN", "SIGNEDREQ", "CONSENT"}
        true |= {"TREATCLAIM"} if "VISIBLE" in true else set()
        if place == Place.RAPID and thing != "eri_sp_alert":
            true -= {"REFRECV", "REFSTUDY"} if thing != "patient_identity" else set()
        if place in (Place.ASKED, Place.ACCEPTED) and thing == "eri_sp_alert":
            true -= {"REFRECV", "REFSTUDY"}
        owner = OWNER_AT_DOOR.get(door) or OWNER.get(thing)
        if permission in MADE_FOR_ONESELF or owner in (None, place):
            true.add("ORG")
        if SENT_BY.get(thing) == place:
            true.add("REFSEND")
        true |= set() if visitor.stale else {"STEPUP"}
        true |= {"SCOPE"} if visitor.scoped else set()
        true |= {"IDVIG"} if visitor.mandated else set()
        true |= set() if self.refused(permission, visitor) else {"NOOPP"}
        return true - NOT_AT_DOOR.get(door, set())

    def expects(self, row: Row, visitor: Visitor, door: str = "") -> bool:
        """Tell whether a row lets a visitor in at a door, broken glass included."""
        true = self.truths(row.permission, visitor, door)
        emergency = BY_PAIR.get((Role.EMERGENCY_DISPATCHER, row.permission))
        breaks_glass = (visitor.role, "break_glass.open") in BY_PAIR and emergency and ("BG",) in emergency.groups
        allowed = row.holds(true) or bool(breaks_glass and emergency.holds(true))
        return allowed and not self.refused(row.permission, visitor)

    def refused(self, permission: str, visitor: Visitor) -> bool:
        """Tell whether the person's refusal bars a visitor: from what is hers only."""
        if visitor.place != Place.REFUSED or visitor.role == Role.SYSTEM or permission in BEFORE_HER:
            return False
        return permission.split(".", maxsplit=1)[0] not in OF_NOBODY


@contextmanager
def watched() -> Iterator[list[AuditEntry]]:
    """Give every entry that any trail notes while the block runs; the gate itself is left as it is."""
    entries: list[AuditEntry] = []
    noting = Trail.note

    def note(self: Trail, entry: AuditEntry) -> None:
        entries.append(entry)
        noting(self, entry)

    Trail.note = note  # type: ignore[method-assign]  # (an ear at the wall, taken away below)
    try:
        yield entries
    finally:
        Trail.note = noting  # type: ignore[method-assign]  # (as above)


def text_of(response: Any) -> str:
    """Return what an answer says, the address to which it leads too."""
    body = b"".join(response) if response.streaming else response.content
    return str(body.decode("utf-8", "replace") + response.headers.get("Location", ""))


def _allowed(entries: list[AuditEntry]) -> bool:
    return any(entry.outcome == Outcome.ALLOWED for entry in entries)


class Screen:
    """A page: what a GET of its address answers, or a POST of an empty form when it takes nothing else.

    `shows`: the part of a page for which a right is asked without a trace; the door is open when it is there.
    """

    def __init__(self, pattern: str, permission: str, shows: str = "") -> None:
        self.pattern, self.permission, self.shows = pattern, permission, shows
        self.name = f"/{pattern}"
        self.names_something = "<uuid:" in pattern

    def knock(self, world: World, visitor: Visitor) -> Seen:
        """Ask for the page; a form that is incomplete is refused before anything is decided, whoever sends it."""
        ids = world.ids_at(visitor.place)
        address = address_of(self.pattern, ids)
        client = world.client(visitor)
        with undone(), watched() as entries:
            response = client.get(address)
            if response.status_code == 405:
                response = client.post(address, {})
            text = text_of(response)
        drawn = response.status_code == 200 or (response.status_code in (302, 422) and _allowed(entries))
        return Seen(drawn and self.shows in text, response.status_code, world.told(text), entries)


class Search:
    """A page where a person is sought by her whole identity; the door is open when the answer tells of her."""

    names_something = True

    def __init__(self, pattern: str, permission: str, *, by_number: bool = False) -> None:
        self.pattern, self.permission, self.by_number = pattern, permission, by_number
        self.name = f"search {'a number ' if by_number else ''}in /{pattern}"

    def knock(self, world: World, visitor: Visitor) -> Seen:
        """Search for her."""
        typed = world.story.ins if self.by_number else f"{world.story.birth_name} Philomène 12/03/1955"
        client = world.client(visitor)
        with undone(), watched() as entries:
            response = client.post(f"/{self.pattern}", {"q": typed})
            told = world.told(text_of(response).replace(typed, ""))
        return Seen(told, response.status_code, told, entries)


class Act:
    """A command, with a record whose ids are the world's; a rule that refuses after the gate is no closed door."""

    names_something = True

    def __init__(self, made: Command[Any]) -> None:
        self.command, self.permission, self.name = made, str(made.permission), made.name

    def knock(self, world: World, visitor: Visitor) -> Seen:
        """Run the command, and take back what it wrote."""
        record = record_for(self.command, {**world.ids_at(visitor.place), **world.ids_for(self.name)})
        with undone(), watched() as entries:
            try:
                self.command(record, by=world.actor(visitor))
            except (NotFound, NotAllowed, StepUpNeeded) as refusal:
                return Seen(False, refusal.code, entries=entries)
            except (DomainError, DataError) as refusal:
                return Seen(
                    _allowed(entries), getattr(refusal, "code", "words too long for PostgreSQL"), entries=entries
                )
        return Seen(True, "done", entries=entries)


class Reading:
    """A resource type, read by a system: each of the person's resources that one right guards."""

    names_something = True

    def __init__(self, rtype: str, permission: str) -> None:
        self.rtype, self.permission = rtype, permission
        self.name = f"fhir {rtype} by {permission}"

    def rows(self, world: World) -> list[Resource]:
        """Return the resources of the person, or of nobody, that the right guards."""
        about = Q(person_id=world.story.person_id) | Q(person_id=None)
        return list(Resource.objects.filter(about, rtype=self.rtype, right=self.permission).order_by("pk")[:20])

    def knock(self, world: World, visitor: Visitor) -> Seen:
        """Read them all; the door is open when one of them is given."""
        partner = world.partner(visitor)
        with undone(), watched() as entries:
            answers = [partner.get(f"{row.rtype}/{row.fid}") for row in self.rows(world)]
        statuses = sorted({one.status_code for one in answers})
        told = any(world.told(text_of(one)) for one in answers)
        return Seen(bool({200, 410} & set(statuses)), str(statuses), told, entries)


class Call:
    """One call of a system; the door is open when it is answered and, when it names the person, tells of her."""

    def __init__(
        self, permission: str, call: Callable[[fhir.Partner, Mapping[str, Any]], Any], *, names_something: bool = True
    ) -> None:
        self.permission, self.call, self.names_something = permission, call, names_something
        self.name = f"call for {permission}"

    def knock(self, world: World, visitor: Visitor) -> Seen:
        """Call once."""
        partner = world.partner(visitor)
        with undone(), watched() as entries:
            response = self.call(partner, world.ids_at(visitor.place))
            told = world.told(text_of(response)) or self.permission.endswith("download_file")
        opened = response.status_code in (200, 201) and (told or not self.names_something)
        return Seen(opened, response.status_code, told and opened, entries)


Door = Screen | Search | Act | Reading | Call


def doors() -> list[Door]:
    """Return every door of the process, found where the application itself finds them."""
    routes = list(_routes(get_resolver()))  # it also imports every command
    screens = [
        Screen(pattern, str(callback.door.permission))
        for pattern, callback in routes
        if getattr(callback, "door", None) and callback.door.permission and _known(pattern)
    ]
    acts = [Act(made) for made in commands.values()]
    readings = [Reading(rtype, str(right)) for rtype, served in CATALOGUE.items() for right in served.rights]
    return [*screens, *acts, *readings]


def _known(pattern: str) -> bool:
    return not pattern.startswith(APART)
