"""The rights matrix as this part reads it, apart from the application: rows, conditions, and what makes each code true.

Source of the codes: the `#def` rows of the customer's authz_matrix.tsv.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

from accounts.access import rules
from accounts.access.records import Facts, Standing
from accounts.access.rules import Situation
from accounts.access.states import Basis
from accounts.kernel.actor import Actor, Channel, Mandate, Role
from accounts.kernel.clock import now

Groups = tuple[tuple[str, ...], ...]

IN_THE_ACT = frozenset(
    {
        "STATE", "IFMATCH", "IDEMP", "REASON", "POSTBODY", "QUARANTINE", "EXACT", "PERENTRY", "PERRESOURCE", "CHAINALLOW",
        "VISIBLEMATCH", "NOHEALTH", "LABELN", "REVIEW", "NOSECRET", "NOTSELF", "CSVSAFE", "PURGE", "ISOLATED",
    }
)  # fmt: skip
"""Codes about how an act is done, not about who may do it: the command, the query or the router holds them."""

IMPLIED = {
    "CIRCLE": {"VISIBLE"},
    "TEAM": {"CIRCLE", "VISIBLE"},
    "ORGPAT": {"TEAM", "CIRCLE", "VISIBLE"},
    "REFACC": {"REFRECV", "REFSTUDY", "CIRCLE", "VISIBLE"},
    "REFRECV": {"REFSTUDY"},
    "REFSTUDY": {"REFRECV"},
    "BGOPEN": {"STEPUP"},
    "TREATCLAIM": {"VISIBLE"},
}
BASES = {
    "VISIBLE": Basis.KNOWN,
    "CIRCLE": Basis.CONSENT,
    "TEAM": Basis.SAME_TEAM,
    "ORGPAT": Basis.COORDINATION,
    "REFRECV": Basis.ADDRESSED_REFERRAL,
    "REFSTUDY": Basis.ADDRESSED_REFERRAL,
    "REFACC": Basis.ACCEPTED_REFERRAL,
    "BG": Basis.BREAK_GLASS,
}
FLAGS = {
    "DRAFT": "is_draft",
    "PATIENTOK": "patient_agrees",
    "SIGNEDREQ": "signed_request",
    "CLEAN": "clean",
    "ATTACHED": "attached",
    "ORGEMERG": "at_emergency",
    "TREATCLAIM": "treating_claim",
    "AGG11": "is_published",
    "BGOPEN": "found_exactly",
}
OURS, OTHER = uuid4(), uuid4()
INTERACTION = "Task.u"


@dataclass(frozen=True, slots=True)
class Row:
    """One allowed pair of the matrix; `groups` must all hold, each by one of its codes."""

    role: str
    permission: str
    groups: Groups

    def __str__(self) -> str:
        return f"{self.role}-{self.permission}"

    @property
    def decisive(self) -> Groups:
        """The groups that decide who may: those with a code about how the act is done are left out."""
        return tuple(group for group in self.groups if not IN_THE_ACT & set(group))

    def holds(self, true: Iterable[str]) -> bool:
        """Tell whether the row allows when just these codes are true."""
        known = set(true)
        return all(known & set(group) for group in self.decisive)


def read(path: Path) -> list[Row]:
    """Return the rows of one table that allow something."""
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith(("#", "role\t"))]
    cells = [line.split("\t") for line in lines if line.strip()]
    return [Row(role, f"{thing}.{action}", _groups(how)) for role, thing, action, word, how in cells if word != "deny"]


def _groups(condition: str) -> Groups:
    return tuple(tuple(sorted(group.split("|"))) for group in condition.split("+") if group)


HERE = Path(rules.__file__).parent
ROWS = [row for name in rules.TABLES for row in read(HERE / name)]
BY_PAIR = {(row.role, row.permission): row for row in ROWS}


def witnesses(row: Row) -> Iterator[frozenset[str]]:
    """Give each smallest set of codes by which a row allows, what they imply included."""
    for chosen in product(*row.decisive):
        yield closed(chosen)


def closed(codes: Iterable[str]) -> frozenset[str]:
    """Return codes with those that they imply."""
    return frozenset(codes) | {implied for code in codes for implied in IMPLIED.get(code, ())}


def situation(row: Row, true: Iterable[str]) -> Situation:
    """Return a situation of the row's role in which just these codes are true."""
    held = set(true)
    instant = now()
    old = instant - timedelta(minutes=6)
    actor = Actor(
        role=Role(row.role),
        channel=Channel.FHIR if "SCOPE" in held else Channel.WEB,
        id=uuid4(),
        organisation_id=OURS,
        authenticated_at=instant if {"STEPUP", "BGOPEN"} & held else old,
        scopes=frozenset({"system/Task.u"}) if "SCOPE" in held else frozenset({"system/Task.r", "system/Patient.u"}),
        interaction=INTERACTION,
        mandates=frozenset({Mandate.IDENTITY_VIGILANCE} if "IDVIG" in held else ()),
    )
    facts: dict[str, Any] = {
        "id": actor.id if "OWNKEY" in held else uuid4(),
        "person_id": uuid4(),
        "signed_with_own_key": "OWNKEY" in held,
        "organisation_id": OURS if "ORG" in held else OTHER,
        "sender_id": OURS if "REFSEND" in held else OTHER,
        "recipient_ids": frozenset({OURS if {"REFRECV", "REFSTUDY"} & held else OTHER}),
        "addressed_to": frozenset({OTHER}) if "CONSENT" in row_codes(row) else frozenset(),
        "author_id": actor.id if "AUTHOR" in held else uuid4(),
        "granted_to": frozenset({actor.id if "GRANT" in held else uuid4()}),
        "asked_by": uuid4() if "4EYES" in held else actor.id,
        **{name: code in held for code, name in FLAGS.items()},
    }
    standing = Standing(
        bases=frozenset(basis for code, basis in BASES.items() if code in held),
        opposed="OPPOSED" in held,
        consented_to=frozenset({OTHER}) if "CONSENT" in held else frozenset({OURS}),
    )
    return Situation(actor, Facts(type="object", **facts), standing, instant)


def row_codes(row: Row) -> frozenset[str]:
    """Return every code of a row."""
    return frozenset(code for group in row.groups for code in group)


def opposed(one: Situation) -> Situation:
    """Return the same situation, refused by the person."""
    return replace(one, standing=replace(one.standing, opposed=True))
