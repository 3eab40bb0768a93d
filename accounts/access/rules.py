"""The rights matrix as a pure function: role, permission, facts and standing in, decision out. Default deny.

Grammar of a condition: `A+B` both; `A|B` one of them, binding tighter. An explicit
opposition always wins. Source: authz_matrix.tsv (definitions of the codes).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from uuid import UUID

from accounts.access.permissions import Permission
from accounts.access.records import Decision, Facts, FieldSet, Standing
from accounts.access.states import ACCEPTED, ADDRESSED, CIRCLE, SHAREABLE, TEAM, VISIBLE, Basis, Category
from accounts.kernel.actor import Actor, Channel, Mandate, Role
from accounts.kernel.errors import DomainError

STEP_UP = timedelta(minutes=5)
TABLES = ("matrix.tsv", "matrix_own.tsv")


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything one atom of a condition may look at."""

    actor: Actor
    facts: Facts
    standing: Standing
    at: datetime


Atom = Callable[[Situation], bool]


def _stands_on(bases: frozenset[Basis]) -> Atom:
    return lambda s: not bases.isdisjoint(s.standing.bases)


def _is_recipient(s: Situation) -> bool:
    named = s.facts.recipient_ids
    return bool(s.standing.bases & ADDRESSED) and (not named or bool(s.actor.organisations & named))


def _is_own(s: Situation) -> bool:
    return s.facts.organisation_id in s.actor.organisations


def _is_sender(s: Situation) -> bool:
    return s.facts.sender_id in s.actor.organisations


def is_stepped_up(actor: Actor, at: datetime) -> bool:
    """Tell whether both factors were given less than five minutes ago."""
    since = actor.authenticated_at
    return since is not None and timedelta(0) <= at - since <= STEP_UP


def _stepped_up(s: Situation) -> bool:
    return is_stepped_up(s.actor, s.at)


def _broke_glass(s: Situation) -> bool:
    return Basis.BREAK_GLASS in s.standing.bases and not s.standing.refuses_emergency


def scope_grants(scopes: frozenset[str], interaction: str) -> bool:
    """Tell whether SMART v2 scopes ("system/Patient.rs") grant an interaction ("Patient.r").

    Source: SMART App Launch 2.2.0, scopes; only the order "cruds" is valid.
    """
    wanted_type, _, wanted = interaction.partition(".")
    for scope in scopes:
        resource, _, letters = scope.removeprefix("system/").partition(".")
        if resource in (wanted_type, "*") and wanted and wanted in letters:
            return True
    return False


ATOMS: Mapping[str, Atom] = {
    "VISIBLE": _stands_on(VISIBLE),
    "CIRCLE": _stands_on(CIRCLE),
    "TEAM": _stands_on(TEAM),
    "REFRECV": _is_recipient,
    "REFSTUDY": _is_recipient,
    "REFACC": _stands_on(ACCEPTED),
    "REFSEND": _is_sender,
    "ORG": _is_own,
    "NOOPP": lambda s: not s.standing.opposed,
    "CONSENT": lambda s: bool(s.facts.addressed_to) and s.facts.addressed_to <= s.standing.consented_to,
    "SCOPE": lambda s: s.actor.channel == Channel.FHIR and scope_grants(s.actor.scopes, s.actor.interaction),
    "STEPUP": _stepped_up,
    "DRAFT": lambda s: s.facts.is_draft,
    "AUTHOR": lambda s: s.actor.id is not None and s.facts.author_id == s.actor.id,
    "GRANT": lambda s: s.actor.id in s.facts.granted_to,
    "PATIENTOK": lambda s: s.facts.patient_agrees,
    "SIGNEDREQ": lambda s: s.facts.signed_request,
    "CLEAN": lambda s: s.facts.clean,
    "ATTACHED": lambda s: s.facts.attached,
    "BG": _broke_glass,
    "BGOPEN": lambda s: s.facts.found_exactly and _stepped_up(s) and not s.standing.refuses_emergency,
    "ORGEMERG": lambda s: s.facts.at_emergency,
    "ORGPAT": lambda s: Basis.COORDINATION in s.standing.bases,
    "4EYES": lambda s: s.facts.asked_by is not None and s.actor.id not in (None, s.facts.asked_by),
    "TREATCLAIM": lambda s: s.facts.treating_claim and bool(s.standing.bases & VISIBLE),
    "IDVIG": lambda s: Mandate.IDENTITY_VIGILANCE in s.actor.mandates,
    "AGG11": lambda s: s.facts.is_published,
    "URLALLOW": lambda s: False,
    "OWNKEY": lambda s: s.facts.signed_with_own_key and s.actor.id is not None and s.facts.id == s.actor.id,
}

ELSEWHERE: Mapping[str, str] = {
    "STATE": "the transition table, in Act.advance",
    "IFMATCH": "the version asked for in Act.open",
    "IDEMP": "the idempotency rows of run_together",
    "REASON": "the command's record has a reason",
    "POSTBODY": "the FHIR router takes identifiers from bodies only",
    "QUARANTINE": "documents are checked before they are stored",
    "EXACT": "the query takes whole identities only",
    "PERENTRY": "each entry runs its own command",
    "PERRESOURCE": "each included resource is asked for by itself",
    "CHAINALLOW": "the search compiler knows declared chains only",
    "VISIBLEMATCH": "conditional matches are searched within the scope",
    "NOHEALTH": "the query selects no identity and no clinical column",
    "LABELN": "the query leaves restricted items out",
    "REVIEW": "the review queue",
    "NOSECRET": "the query masks secrets",
    "NOTSELF": "the command compares accounts",
    "CSVSAFE": "the export escapes formulas",
    "PURGE": "the retention rules",
    "ISOLATED": "the runbook of the drill",
}

Condition = tuple[frozenset[str], ...]

_CATEGORY_OF_OBJECT: Mapping[str, Category] = {
    "patient_identity": Category.IDENTITY,
    "circle_membership": Category.IDENTITY,
    "consent_opposition": Category.IDENTITY,
    "relative": Category.IDENTITY,
    "bereavement": Category.IDENTITY,
    "visit": Category.IDENTITY,
    "rgpd_request": Category.IDENTITY,
    "announcement": Category.PLAN,
    "plan_proposal": Category.PLAN,
    "ppa": Category.PLAN,
    "assessment": Category.PLAN,
    "anticipated_crisis": Category.PLAN,
    "entrusted_action": Category.PLAN,
    "opinion": Category.PLAN,
    "advance_directive": Category.DIRECTIVES,
    "contradiction": Category.DIRECTIVES,
    "collegial_decision": Category.DIRECTIVES,
    "trusted_person": Category.DIRECTIVES,
    "admission_talk": Category.DIRECTIVES,
    "coordination_file": Category.SOCIAL,
    "referral": Category.REQUESTS,
    "referral_message": Category.REQUESTS,
    "eri_sp_alert": Category.REQUESTS,
    "stay": Category.REQUESTS,
}
_MADE_OF: Mapping[str, frozenset[Category]] = {
    "emergency_sheet": frozenset({Category.PLAN, Category.DIRECTIVES}),
}
"""Objects that hold something of several categories: open to the whole file only, closed by the refusal of each."""
_CATEGORY_OF_RIGHT: Mapping[Permission, Category] = {
    Permission.PPA_READ_WHAT_MATTERS: Category.WHAT_MATTERS,
    Permission.PPA_READ_SOCIAL_SECTIONS: Category.SOCIAL,
    Permission.PPA_UPDATE_DRAFT_SOCIAL_SECTION: Category.SOCIAL,
}


@cache
def category_of(permission: Permission) -> Category:
    """Return the category of data that a right is about; what belongs to none is open to the whole file only."""
    return _CATEGORY_OF_RIGHT.get(permission) or _CATEGORY_OF_OBJECT.get(permission.partition(".")[0], Category.ALL)


@cache
def closed_by(permission: Permission) -> frozenset[Category]:
    """Return the categories of data whose refusal closes a right: all of it, its own, and the parts its object is made of."""
    return frozenset({Category.ALL, category_of(permission)}) | _MADE_OF.get(permission.partition(".")[0], frozenset())


def parse(condition: str) -> Condition:
    """Return a condition as groups that must all hold, each of atoms of which one must.

    Raises `ValueError` for a code that nothing evaluates: a typing error never opens a door.
    """
    groups = tuple(frozenset(group.split("|")) for group in condition.split("+") if group)
    unknown = {atom for group in groups for atom in group} - set(ATOMS) - set(ELSEWHERE)
    if unknown:
        raise ValueError(f"Unknown conditions in the rights matrix: {sorted(unknown)}")
    return groups


def load_matrix() -> dict[tuple[Role, Permission], Condition]:
    """Return the matrix: each allowed pair with its condition (empty when it has none)."""
    matrix: dict[tuple[Role, Permission], Condition] = {}
    for name in TABLES:
        lines = files("accounts.access").joinpath(name).read_text("utf-8").splitlines()
        for line in lines:
            if line.startswith(("#", "role\t")):
                continue
            role, subject, action, decision, condition = line.split("\t")
            if decision != "deny":
                matrix[Role(role), Permission(f"{subject}.{action}")] = parse(condition)
    return matrix


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the matrix made ready to be asked: it is, some hundred times a page.

    `groups`: those that are evaluated here, in words and as what tells whether one of their
    atoms holds; none with a code that is seen to elsewhere.
    """

    words: str
    groups: tuple[tuple[str, Atom], ...]
    category: Category
    closed_by: frozenset[Category]
    is_for_emergencies: bool

    def failing(self, situation: Situation) -> tuple[str, ...]:
        """Return the groups that do not hold, in words."""
        return tuple([words for words, holds in self.groups if not holds(situation)])


def _any_of(group: frozenset[str]) -> Atom:
    atoms = [ATOMS[atom] for atom in sorted(group)]
    return atoms[0] if len(atoms) == 1 else lambda s: any(atom(s) for atom in atoms)


def _rule(permission: Permission, condition: Condition) -> Rule:
    words = ["|".join(sorted(group)) for group in condition]
    return Rule(
        words="+".join(words) or "allow",
        groups=tuple(
            (text, _any_of(group)) for text, group in zip(words, condition, strict=True) if not group & ELSEWHERE.keys()
        ),
        category=category_of(permission),
        closed_by=closed_by(permission),
        is_for_emergencies=any("BG" in group for group in condition),
    )


MATRIX = load_matrix()
_RULES: Mapping[tuple[Role, Permission], Rule] = {
    (role, permission): _rule(permission, condition) for (role, permission), condition in MATRIX.items()
}
MANDATED: frozenset[Role] = frozenset(
    role for (role, _), condition in MATRIX.items() if any("IDVIG" in group for group in condition)
)
"""The functions in which a mandate of identity vigilance opens something."""
EMERGENCY_SET: Mapping[Permission, Rule] = {
    permission: rule for (_, permission), rule in _RULES.items() if rule.is_for_emergencies
}
"""What break-glass opens, to whoever may break the glass: readings only, as the matrix gives them to a SAMU."""


def may_break_glass(role: Role) -> bool:
    """Tell whether break-glass exists for a function at all."""
    return (role, Permission.BREAK_GLASS_OPEN) in MATRIX


def decide(permission: Permission, situation: Situation) -> Decision:
    """Return the decision for one actor, one right and one object."""
    rule = _RULES.get((situation.actor.role, permission))
    if rule is None:
        return Decision(False, "no-row", failing=("ROLE",))
    standing = situation.standing.towards(rule.category, closed_by=rule.closed_by)
    if standing.opposed:
        return Decision(False, "opposition", failing=("NOOPP",))
    if standing is not situation.standing:
        situation = Situation(situation.actor, situation.facts, standing, situation.at)
    failing = rule.failing(situation)
    if failing and _is_in_emergency_set(permission, situation):
        return Decision(True, "BG", fields=FieldSet.EMERGENCY)
    return Decision(not failing, rule.words, fields=_fields(permission, rule, situation), failing=failing)


def is_exact_only(role: Role, permission: Permission) -> bool:
    """Tell whether a role has a right for whole identities only."""
    return any("EXACT" in group for group in MATRIX.get((role, permission), ()))


def bases_for(role: Role, permission: Permission) -> frozenset[Basis] | None:
    """Return the memberships that let a role list persons under a right; `None` when the right is not about persons.

    An empty set lets nobody through: empty never means "all".
    """
    condition = MATRIX.get((role, permission))
    if condition is None:
        return frozenset()
    allowed: frozenset[Basis] | None = None
    for group in condition:
        sets = [_BASES[atom] for atom in group if atom in _BASES]
        if len(sets) == len(group):
            union = frozenset().union(*sets)
            allowed = union if allowed is None else allowed & union
    return allowed


_BASES: Mapping[str, frozenset[Basis]] = {
    "VISIBLE": VISIBLE,
    "CIRCLE": CIRCLE,
    "TEAM": TEAM,
    "REFRECV": ADDRESSED,
    "REFSTUDY": ADDRESSED,
    "REFACC": ACCEPTED,
    "BG": frozenset({Basis.BREAK_GLASS}),
}


def _is_in_emergency_set(permission: Permission, situation: Situation) -> bool:
    """Tell whether a role that may break the glass has, and the right is one of those that this opens."""
    rule = EMERGENCY_SET.get(permission)
    return rule is not None and may_break_glass(situation.actor.role) and not rule.failing(situation)


def _fields(permission: Permission, rule: Rule, situation: Situation) -> FieldSet:
    if rule.is_for_emergencies:
        return FieldSet.EMERGENCY
    if not situation.standing.bases.isdisjoint(CIRCLE):
        return FieldSet.FULL
    return FieldSet.EMERGENCY if _is_in_emergency_set(permission, situation) else FieldSet.MINIMUM


class DateInFuture(DomainError):
    """A statement cannot have been made tomorrow."""

    code = "date-in-future"
    text = "Cette date est dans le futur. Indiquez le jour où la personne l’a dit."


class NothingAgreed(DomainError):
    """An agreement names who receives, and what."""

    code = "consent-empty"
    text = "Choisissez au moins une structure et au moins une partie du dossier."


class RefusalUnclear(DomainError):
    """A refusal names what is refused."""

    code = "opposition-unclear"
    text = "Choisissez ce que la personne refuse."


class ReasonTooShort(DomainError):
    """A statement that others review says something."""

    code = "claim-reason-too-short"
    text = "Dites en une phrase pourquoi vous prenez soin de cette personne (au moins 20 caractères). Votre déclaration sera relue."


class AlreadyInCircle(DomainError):
    """One declaration at a time."""

    code = "claim-already-made"
    text = "Vous avez déjà déclaré prendre soin de cette personne. Votre déclaration est en vigueur."
    status = 409
    issue = "conflict"


class OwnClaim(DomainError):
    """Nobody reviews what he declared himself."""

    code = "claim-own"
    text = "Vous ne pouvez pas relire votre propre déclaration. Un autre membre du cercle de soins doit le faire."
    status = 403
    issue = "forbidden"


class ReviewerTooNear(DomainError):
    """A declaration is answered by somebody whose own place in the circle is settled, and does not come from the same structure."""

    code = "claim-reviewer-too-near"
    text = (
        "Un autre membre du cercle de soins doit relire cette déclaration : votre propre place attend d’être confirmée, "
        "ou elle vient de la même structure."
    )
    status = 403
    issue = "forbidden"


class NotInAgreement(DomainError):
    """A structure enters the circle on an agreement that names it."""

    code = "consent-missing"
    text = "La personne n’a pas donné son accord pour cette structure. Recueillez-le d’abord."


class EndsByItself(DomainError):
    """Some memberships follow a request or a coordination file."""

    code = "membership-follows-its-source"
    text = "Cette présence suit une demande ou un dossier de coordination : elle prend fin avec lui."


LONG_ENOUGH = 20
TREATING_UNTIL_REVIEWED = timedelta(days=30)


def check_claim(reason: str) -> None:
    """Raise `ReasonTooShort` unless a declared relation says why."""
    if len(reason.strip()) < LONG_ENOUGH:
        raise ReasonTooShort(field="reason")


def opened_categories(categories: Collection[str]) -> list[Category]:
    """Return the categories of data that an agreement opens; the identity goes with each of them."""
    agreed = {Category(category) for category in categories}
    return [Category.ALL] if Category.ALL in agreed else sorted({Category.IDENTITY, *agreed})


def check_agreed(organisation_ids: Collection[UUID], categories: Collection[Category]) -> None:
    """Raise `NothingAgreed` unless an agreement names organisations and data that can be shared."""
    if not organisation_ids or not categories or not set(categories) <= {Category.ALL, *SHAREABLE}:
        raise NothingAgreed


def check_refused(categories: Collection[Category]) -> None:
    """Raise `RefusalUnclear` unless a refusal names what can be refused."""
    known = set(categories) <= {Category.ALL, Category.EMERGENCY, *SHAREABLE}
    if not categories or not known:
        raise RefusalUnclear


def check_stated_date(stated_on: date, today: date) -> None:
    """Raise `DateInFuture` when a statement is dated after today."""
    if stated_on > today:
        raise DateInFuture
