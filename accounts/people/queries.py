"""Reading persons: search within what the actor may see, the whole identity, the people round her."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.access.circle import present
from accounts.access.gate import is_permitted, permit, read_once, scope
from accounts.access.permissions import Permission
from accounts.access.readings import ASKED, Rows, read_together
from accounts.access.records import Facts
from accounts.access.rules import is_exact_only
from accounts.access.states import Basis, Category
from accounts.kernel.actor import Actor, Mandate
from accounts.kernel.errors import NotFound
from accounts.kernel.models import Transition
from accounts.organisations.directory import team_places
from accounts.people.lineage import records_merged_into, standing_record
from accounts.people.models import IdentityAlert, OrganisationLink, Person, PersonToken, Relative, RelativeRoleRow
from accounts.people.records import AlertPair, FoundPerson, HeldRole, Ins, PersonSnapshot, RelativeSnapshot
from accounts.people.rules import INVENTED_OIDS, REAL_OIDS, fold, name_words, whole_ins
from accounts.people.search import (
    birth_token,
    ins_token,
    ipp_token,
    name_token,
    phone_tail_token,
    phone_token,
    read_contact,
    traits_of,
)
from accounts.people.states import RELATION_LABELS, AlertKind, AlertState, IdentityStatus, RelativeRole

MOST_RESULTS = 50
_NAME = re.compile(r"[^\W\d_]{2,}")
_BLANKS = re.compile(r"[\s.\-]")
_PHONE = re.compile(r"(\+|0)\d{8,14}")
_DATE = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")


def person_facts(person_id: UUID) -> Facts:
    """Return what the gate looks at for a person's own identity."""
    return Facts(type="person", id=person_id, person_id=person_id)


def person_for(person_id: UUID, *, actor: Actor) -> PersonSnapshot:
    """Return a person's identity to an actor who may see it; raises `NotFound` otherwise."""
    permit(actor, Permission.PATIENT_IDENTITY_READ, person_facts(person_id))
    return person_snapshot(person_id)


def death_noted_at(person_id: UUID) -> datetime | None:
    """Return when the latest death of a person was written down, taken back since or not, unscoped."""
    rows = Transition.objects.filter(aggregate_type=Person.AGGREGATE, aggregate_id=person_id, deed="die")
    return rows.order_by("-recorded_at").values_list("recorded_at", flat=True).first()


@Rows
def identity_row() -> QuerySet[Person]:
    """Read the record of a person."""
    return Person.objects.filter(pk=ASKED)


@read_once
def person_snapshot(person_id: UUID) -> PersonSnapshot:
    """Return a person's identity, unscoped: for the projection and for commands that already asked the gate."""
    found = identity_row(person_id)
    if not found:
        raise NotFound
    return _snapshot(found[0])


def find_people(text: str, *, actor: Actor) -> list[FoundPerson]:
    """Return at most 50 persons of the actor's sight that a text designates, by name.

    The text is the beginning of names (each word must match), a birth date dd/mm/yyyy, a
    phone number, its last 4 or 6 digits, or any mix of them; or a national number, under its own right. A role that may search by whole
    identities only finds by whole names and whole numbers.
    """
    words = text.split()
    if not words:
        return []
    if number := whole_ins(text):
        return find_by_ins(number, actor=actor)
    found = Person.objects.filter(scope(actor, Permission.PATIENT_IDENTITY_SEARCH_LIST, person="pk"))
    for word in _terms(text):
        found = found.filter(Exists(PersonToken.objects.filter(word, person=OuterRef("pk"))))
    exactly = is_exact_only(actor.role, Permission.PATIENT_IDENTITY_SEARCH_LIST)
    rows = [row for row in found.order_by("-updated_at", "-pk")[:MOST_RESULTS] if not exactly or _is_whole(row, text)]
    return sorted((_found(person) for person in rows), key=lambda line: line.name)


def latest_people(*, actor: Actor, size: int) -> list[FoundPerson]:
    """Return the persons of the actor's sight whose identity changed last, by name: a desk that has no other list of them."""
    seen = scope(actor, Permission.PATIENT_IDENTITY_SEARCH_LIST, person="pk")
    rows = Person.objects.filter(seen, died_on=None).order_by("-updated_at", "-pk")[:size]
    return sorted((_found(person) for person in rows), key=lambda line: line.name)


def people_lines(person_ids: Iterable[UUID]) -> dict[UUID, FoundPerson]:
    """Return one line for each of the persons named, unscoped and in one query: for a list that asked the gate."""
    ids = set(person_ids)
    return {person.id: _found(person) for person in Person.objects.filter(pk__in=ids).order_by("pk")} if ids else {}


def find_by_ins(number: str, *, actor: Actor) -> list[FoundPerson]:
    """Return the persons of the actor's sight with exactly that national number."""
    seen = scope(actor, Permission.PATIENT_IDENTITY_SEARCH_EXACT_INS, person="pk")
    return found_exactly(among=seen, ins=number, limit=MOST_RESULTS)


def found_exactly(
    *, among: Q, phone: str = "", words: Iterable[str] = (), birth_date: date | None = None, ins: str = "", limit: int
) -> list[FoundPerson]:
    """Return the persons whom a whole identity designates, by name, within the filter `among`: for who asked the gate.

    A phone may be that of a relative. Of `words`, each must be a whole name of hers, and
    one whole family name must be among them.
    """
    found = Person.objects.filter(among)
    for term in _exact_terms(phone, words, birth_date, ins):
        found = found.filter(Exists(PersonToken.objects.filter(term, person=OuterRef("pk"))))
    rows = [row for row in found.order_by("pk")[:MOST_RESULTS] if not words or _is_named(row, words)]
    return sorted((_found(row) for row in rows[:limit]), key=lambda line: line.name)


def is_found_by_phone(person_id: UUID, phone: str) -> bool:
    """Tell whether a search by this whole number would find a person, unscoped: for a check that asked the gate."""
    return PersonToken.objects.filter(person_id=person_id, kind="phone", token=phone_token(phone)).exists()


def _exact_terms(phone: str, words: Iterable[str], birth_date: date | None, ins: str) -> Iterator[Q]:
    if phone:
        yield Q(kind="phone", token=phone_token(phone))
    if ins:
        yield Q(kind="ins", token__in=[ins_token(oid, ins) for oid in sorted(REAL_OIDS | INVENTED_OIDS)])
    if birth_date:
        yield Q(kind="birth", token=birth_token(birth_date.isoformat()))
    for word in words:
        yield Q(kind="name", token=name_token(word))


def _is_whole(row: Person, text: str) -> bool:
    names = _NAME.findall(text)
    return _is_named(row, names) if names else bool(_PHONE.fullmatch(_BLANKS.sub("", text)))


def _is_named(row: Person, words: Iterable[str]) -> bool:
    asked = {fold(word) for word in words}
    records = [row, *records_merged_into(row.pk)]
    families = [name_words(name) for one in records for name in (one.birth_name, one.usual_name)]
    given = [name_words(name) for one in records for name in (*one.birth_given_names, one.usual_given_name)]
    return asked <= set().union(*families, *given) and any(family and family <= asked for family in families)


def places_of_living(person_ids: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    """Return the commune and département of persons, unscoped: for counting."""
    rows = Person.objects.filter(pk__in=person_ids).order_by("pk").values_list("pk", "commune", "departement")
    return {pk: (commune, departement) for pk, commune, departement in rows}


def every_person() -> Iterator[UUID]:
    """Yield the id of every person, unscoped: for rebuilding the projection."""
    return Person.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=2000)


def relatives_of(person_id: UUID, *, actor: Actor) -> list[RelativeSnapshot]:
    """Return the people round a person, in the order in which they are called."""
    permit(actor, Permission.RELATIVE_READ, Facts(type="relative", person_id=person_id))
    return relatives_snapshot(person_id)


def representatives_of(person_id: UUID, *, actor: Actor) -> list[RelativeSnapshot]:
    """Return the legal representatives noted round a person; nobody for an actor who may not read who is round her."""
    if not is_permitted(actor, Permission.RELATIVE_READ, Facts(type="relative", person_id=person_id)):
        return []
    guard = RelativeRole.LEGAL_REPRESENTATIVE
    return [one for one in relatives_snapshot(person_id) if one.active and guard in one.roles]


def relatives_snapshot(person_id: UUID) -> list[RelativeSnapshot]:
    """Return the people round a person, unscoped: for papers and the projection."""
    rows, roles = read_together((relative_rows, person_id), (role_rows, person_id))
    held: dict[UUID, list[RelativeRoleRow]] = defaultdict(list)
    for role in roles:
        held[role.relative_id].append(role)
    return [_relative(row, held[row.id]) for row in rows]


@Rows
def relative_rows() -> QuerySet[Relative]:
    """Read the people round a person, whom to call first coming first."""
    ranked = F("call_rank").asc(nulls_last=True)
    return Relative.objects.filter(person_id=ASKED).order_by(ranked, "created_at", "id")


@Rows
def role_rows() -> QuerySet[RelativeRoleRow]:
    """Read the roles of the people round a person, past ones too."""
    return RelativeRoleRow.objects.filter(relative__person_id=ASKED).order_by("created_at", "id")


def team_choices(person_id: UUID, *, actor: Actor) -> list[tuple[UUID, str]]:
    """Return the places of the actor's establishment outside a person's care team, as (id, name): for a form that asked the gate."""
    team = present(person_id).filter(basis=Basis.SAME_TEAM, professional=None, category=Category.ALL)
    inside = set(team.values_list("organisation_id", flat=True))
    places = team_places(actor.organisation_id) if actor.organisation_id else []
    return [(key, name) for key, name in places if key not in inside]


def speakers_for(person_id: UUID) -> list[tuple[UUID, str]]:
    """Return the relatives who may have spoken for a person, as (id, name), unscoped: for a form that asked the gate."""
    held = [row for row in relatives_snapshot(person_id) if row.active]
    return [(row.id, f"{row.given} {row.family} ({row.relation_label})") for row in held]


@read_once
def relative_snapshot(relative_id: UUID) -> RelativeSnapshot:
    """Return one relative, unscoped: for the projection and for commands that already asked the gate."""
    row = Relative.objects.filter(pk=relative_id).prefetch_related("roles").first()
    if row is None:
        raise NotFound
    return _relative(row, list(row.roles.all()))


def relative_of(person_id: UUID, relative_id: UUID) -> RelativeSnapshot:
    """Return one of the people round a person, unscoped, read with all of them."""
    found = (one for one in relatives_snapshot(person_id) if one.id == relative_id)
    return next(found, None) or relative_snapshot(relative_id)


def own_number(person_id: UUID, organisation_id: UUID) -> tuple[str, str] | None:
    """Return the system and value of an organisation's own number of a person, when it has one."""
    link = OrganisationLink.objects.filter(person_id=person_id, organisation_id=organisation_id, ends_at=None).first()
    return (link.ipp_system, link.ipp) if link and link.ipp else None


def own_numbers(person_ids: Iterable[UUID], *, organisation_id: UUID) -> dict[UUID, tuple[str, str]]:
    """Return an organisation's own numbers (system, value) of persons, for those it numbered: in one query."""
    links = OrganisationLink.objects.filter(
        person_id__in=set(person_ids), organisation_id=organisation_id, ends_at=None, ipp_token__isnull=False
    )
    return {link.person_id: (link.ipp_system, link.ipp) for link in links.order_by("pk")}


def person_by_own_number(system: str, value: str, *, organisation_id: UUID) -> UUID | None:
    """Return the person whom an organisation knows by its own number; the numbers of others are not looked at."""
    links = OrganisationLink.objects.filter(
        organisation_id=organisation_id, ipp_token=ipp_token(system, value), ends_at=None
    )
    link = links.order_by("pk").first()
    return standing_record(link.person_id) if link else None


def alert_pairs(*, actor: Actor) -> list[AlertPair]:
    """Return the open alerts between persons that the actor's organisation both knows, newest first.

    A look-alike that only others know is never told here. Who holds the mandate also sees
    those that a colleague took for one person: only he merges them.
    """
    seen = scope(actor, Permission.PATIENT_IDENTITY_LIST_ALERTS)
    known = OrganisationLink.objects.filter(organisation=actor.organisation_id, ends_at=None)
    rows = IdentityAlert.objects.filter(
        seen,
        Exists(known.filter(person=OuterRef("person"))),
        Exists(known.filter(person=OuterRef("other"))),
        state__in=[AlertState.OPEN, AlertState.SAME]
        if Mandate.IDENTITY_VIGILANCE in actor.mandates
        else [AlertState.OPEN],
        person__merged_into=None,
        other__merged_into=None,
    ).select_related("person", "other")
    return [
        AlertPair(
            id=row.id,
            kind=AlertKind(row.kind),
            said_same=row.state == AlertState.SAME,
            person=_found(row.person),
            other=_found(row.other),
        )
        for row in rows.order_by("-created_at", "-id")[:MOST_RESULTS]
    ]


def _terms(text: str) -> list[Q]:
    digits = _BLANKS.sub("", text)
    if _PHONE.fullmatch(digits):
        return [Q(kind="phone", token=phone_token(digits))]
    return [_term(word) for word in text.split()]


def _term(word: str) -> Q:
    day = _DATE.match(word)
    if day:
        return Q(kind="birth", token=birth_token(f"{day[3]}-{int(day[2]):02d}-{int(day[1]):02d}"))
    if word.isdigit() and len(word) in (4, 6):
        tail = Q(kind="phone_tail", token=phone_tail_token(word))
        return tail | Q(kind="birth", token=birth_token(word)) if len(word) == 4 else tail  # noqa: PLR2004 (a year has four digits)
    return Q(kind="name", token=name_token(word))


def _found(person: Person) -> FoundPerson:
    whole = _snapshot(person)
    return FoundPerson(
        id=person.id,
        name=whole.display_name,
        birth_date=whole.traits.birth_date,
        sex=whole.traits.sex,
        status=whole.status,
        city=whole.contact.city,
        died_on=whole.died_on,
    )


def _snapshot(person: Person) -> PersonSnapshot:
    return PersonSnapshot(
        id=person.id,
        version=person.version,
        status=IdentityStatus(person.status),
        ins=Ins(value=person.ins, oid=person.ins_oid) if person.ins else None,
        traits=traits_of(person),
        usual_name=person.usual_name,
        usual_given_name=person.usual_given_name,
        contact=read_contact(person.contact),
        departement=person.departement,
        died_on=person.died_on,
        merged_into=person.merged_into_id,
        created_at=person.created_at,
        updated_at=person.updated_at,
    )


def _relative(row: Relative, roles: list[RelativeRoleRow]) -> RelativeSnapshot:
    present_roles = sorted(role.role for role in roles if role.ends_on is None)
    return RelativeSnapshot(
        id=row.id,
        person_id=row.person_id,
        version=row.version,
        family=row.family,
        given=row.given,
        relation=row.relation,
        relation_label=RELATION_LABELS.get(row.relation, row.relation),
        roles=tuple(RelativeRole(role) for role in present_roles),
        birth_date=row.birth_date,
        contact=read_contact(row.contact),
        active=row.is_active,
        held=tuple(_held(roles)),
        history=tuple(
            HeldRole(role=RelativeRole(one.role), starts_on=one.starts_on, ends_on=one.ends_on)
            for one in sorted(roles, key=lambda one: (one.starts_on, one.created_at))
        ),
        call_rank=row.call_rank,
    )


def _held(roles: list[RelativeRoleRow]) -> Iterator[HeldRole]:
    latest = {role.role: role for role in sorted(roles, key=lambda role: (role.starts_on, role.created_at))}
    for code in sorted(latest):
        yield HeldRole(role=RelativeRole(code), starts_on=latest[code].starts_on, ends_on=latest[code].ends_on)
