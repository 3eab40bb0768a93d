"""Writing identities: registering, contact, relatives, death, and what a person decides about two similar records."""

from django.conf import settings

from accounts.access.circle import enter
from accounts.access.events import CircleChanged
from accounts.access.gate import standing_of
from accounts.access.permissions import Permission
from accounts.access.records import Facts, OpenMembership, Receipt
from accounts.access.states import Basis
from accounts.access.unit import ANY_VERSION, Act, check_version, command
from accounts.kernel.actor import Actor
from accounts.kernel.clock import today
from accounts.kernel.wall import Reason, seeing_everything
from accounts.organisations.directory import team_places
from accounts.people.events import (
    DeathTakenBack,
    IdentityAlertRaised,
    IdentityAlertSettled,
    PersonChanged,
    PersonDied,
    PersonRegistered,
    RelativeRecorded,
)
from accounts.people.lineage import standing_record
from accounts.people.links import link_organisation
from accounts.people.models import (
    IdentityAlert,
    Person,
    PersonToken,
    Relative,
    RelativeRoleRow,
)
from accounts.people.records import (
    ChangeRelative,
    Contact,
    CorrectDeath,
    CreateSameTeam,
    MarkDeceased,
    RecordRelative,
    RegisterPerson,
    SettleIdentityAlert,
    UpdateContact,
)
from accounts.people.rules import (
    INVENTED_OIDS,
    REAL_OIDS,
    NotDeceased,
    NotOfTheTeam,
    PersonNotInformed,
    RefusedByPerson,
    check_change,
    check_death,
    check_registration,
    check_roles,
    commune_code,
    departement_of,
)
from accounts.people.search import (
    ins_token,
    ipp_token,
    normalised,
    normalised_ins,
    qualified_token,
    similar_token,
    write_tokens,
)
from accounts.people.states import STATEABLE_ROLES, AlertKind, AlertState, RelativeRole


def accepted_oids() -> frozenset[str]:
    """Return the kinds of INS of this installation: real ones in production only, invented ones elsewhere."""
    return REAL_OIDS if settings.ENVIRONMENT == "production" else INVENTED_OIDS


@command(Permission.PATIENT_IDENTITY_CREATE)
def register_person(record: RegisterPerson, act: Act) -> Receipt:
    """Register a person for the actor's organisation.

    A qualified identity already known, with the same number and the same five traits, is
    the same person: the organisation then knows her, and no more. Anything else is a new
    record, opened by the team that cares for her; what merely resembles it opens an alert
    for a person to settle. The answer never tells which.
    """
    act.ask(Facts(type="person", organisation_id=act.by.organisation_id))
    check_registration(record, accepted_oids=accepted_oids(), today=today())
    with seeing_everything(Reason.IDENTITY):
        return _register(record, act)


@command(Permission.PATIENT_IDENTITY_UPDATE_LOCAL_TRAITS)
def update_contact(record: UpdateContact, act: Act) -> Receipt:
    """Replace how a person is reached and the names she uses."""
    person = act.lock(Person, record.person_id)
    act.ask(Facts(type="person", id=person.id, person_id=person.id, organisation_id=act.by.organisation_id))
    check_version(person, record.version)
    _fill_contact(person, record.contact, record.usual_name, record.usual_given_name)
    receipt = act.amend(person, "update_contact", PersonChanged)
    write_tokens(person)
    return receipt


@command(Permission.RELATIVE_RECORD)
def record_relative(record: RecordRelative, act: Act) -> Receipt:
    """Record somebody round the person, with the roles stated so far."""
    act.ask(Facts(type="relative", person_id=record.person_id))
    person = act.lock(Person, record.person_id)
    relative = Relative(
        person=person,
        family=record.family.strip(),
        given=record.given.strip(),
        relation=record.relation,
        birth_date=record.birth_date,
        contact=normalised(record.contact),
        call_rank=record.call_rank,
    )
    check_roles(record.roles, others=_roles_of_others(person, relative))
    receipt = act.add(relative, "record_relative", RelativeRecorded)
    for role in sorted(record.roles):
        RelativeRoleRow.objects.create(relative=relative, role=role)
    write_tokens(person)
    return receipt


@command(Permission.RELATIVE_RECORD)
def change_relative(record: ChangeRelative, act: Act) -> Receipt:
    """Write down what changed of a relative; the roles that she has no more end on the day, and stay in her history."""
    relative = act.open(Relative, record.relative_id, version=record.version)
    person = act.lock(Person, relative.person_id)
    held = {RelativeRole(role) for role in relative.roles.filter(ends_on=None).values_list("role", flat=True)}
    check_change(record, held=held, today=today())
    wanted = frozenset() if record.leaves else record.roles
    check_roles(wanted, others=_roles_of_others(person, relative))
    relative.family, relative.given, relative.relation = record.family.strip(), record.given.strip(), record.relation
    relative.birth_date, relative.contact = record.birth_date, normalised(record.contact)
    relative.call_rank, relative.is_active = record.call_rank, not record.leaves
    for row in relative.roles.filter(role__in=(held - wanted) & set(STATEABLE_ROLES), ends_on=None).order_by("role"):
        row.ends_on = max(row.starts_on, record.since)
        row.save(update_fields=["ends_on"])
    for role in sorted(wanted - held):
        RelativeRoleRow.objects.create(relative=relative, role=role, starts_on=record.since)
    receipt = act.amend(relative, "change_relative", RelativeRecorded)
    write_tokens(person)
    return receipt


@command(Permission.PATIENT_IDENTITY_MARK_DECEASED)
def mark_deceased(record: MarkDeceased, act: Act) -> Receipt:
    """Record a death; what must stop with it is composed by `pathway.stays.commands.record_death`."""
    person = act.open(Person, record.person_id, version=ANY_VERSION)
    check_death(born_on=person.birth_date, died_on=record.died_on, already=person.died_on, today=today())
    person.died_on = record.died_on
    return act.amend(person, "die", PersonDied)


@command(Permission.PATIENT_IDENTITY_CORRECT_DEATH)
def take_death_back(record: CorrectDeath, act: Act) -> Receipt:
    """Keep that a death was recorded by mistake; `pathway.stays.commands.correct_death` begins again what it stopped."""
    person = act.open(Person, record.person_id, version=ANY_VERSION)
    if person.died_on is None:
        raise NotDeceased
    person.died_on = None
    return act.amend(person, "take_death_back", DeathTakenBack, reason=record.reason)


@command(Permission.CIRCLE_MEMBERSHIP_CREATE_SAME_TEAM)
def create_same_team(record: CreateSameTeam, act: Act) -> Receipt:
    """Let another place of one's establishment into the circle: it is the same care team, so the person is told, not asked.

    Source: L.1110-4, III and L.1110-12, 1° CSP.
    """
    act.ask(Facts(type="circle", person_id=record.person_id))
    if record.organisation_id not in dict(team_places(act.organisation_id)):
        raise NotOfTheTeam(field="organisation")
    if not record.informed:
        raise PersonNotInformed(field="informed")
    there = Actor(role=act.by.role, channel=act.by.channel, organisation_id=record.organisation_id)
    if standing_of(there, record.person_id).opposed:
        raise RefusedByPerson(field="organisation")
    opened = OpenMembership(person_id=record.person_id, organisation_id=record.organisation_id, basis=Basis.SAME_TEAM)
    membership = enter(opened, by=act.by)
    act.tell(CircleChanged, about="circle", id=record.person_id, person_id=record.person_id)
    return Receipt(type="circle_membership", id=membership.id, version=1)


@command(Permission.PATIENT_IDENTITY_SETTLE_ALERT)
def settle_identity_alert(record: SettleIdentityAlert, act: Act) -> Receipt:
    """Keep what somebody in charge decided about two similar records."""
    alert = act.open(IdentityAlert, record.alert_id, version=ANY_VERSION)
    alert.state = AlertState.SAME if record.same else AlertState.DISTINCT
    return act.amend(alert, "settle", IdentityAlertSettled)


def _roles_of_others(person: Person, relative: Relative) -> frozenset[RelativeRole]:
    rows = RelativeRoleRow.objects.filter(relative__person=person, ends_on=None).exclude(relative_id=relative.id)
    return frozenset(RelativeRole(role) for role in rows.values_list("role", flat=True))


def _register(record: RegisterPerson, act: Act) -> Receipt:
    person = _same_qualified(record) or _new_person(record)
    if person.version == 0:
        receipt = act.add(person, "register", PersonRegistered)
        write_tokens(person)
        _raise_alerts(person, act)
        basis = Basis.SAME_TEAM
    else:
        receipt = Receipt(type="person", id=person.id, version=person.version)
        act.tell(CircleChanged, about="circle", id=person.id, person_id=person.id)
        basis = Basis.KNOWN
    _link(person, record, act, basis=basis)
    return receipt


def _same_qualified(record: RegisterPerson) -> Person | None:
    if record.ins is None:
        return None
    locked = Person.objects.select_for_update(of=("self",), no_key=True)
    known = locked.filter(qualified_token=qualified_token(record.ins, record.traits)).first()
    if known is None or known.merged_into_id is None:
        return known
    return locked.get(pk=standing_record(known.id))


def _new_person(record: RegisterPerson) -> Person:
    traits = record.traits
    person = Person(
        status=record.status,
        birth_name=traits.birth_name.strip(),
        birth_given_names=[name.strip() for name in traits.birth_given_names if name.strip()],
        birth_date=traits.birth_date,
        birth_year=traits.birth_date.year,
        sex=traits.sex,
        birthplace=traits.birthplace,
    )
    if record.ins is not None:
        person.ins, person.ins_oid = normalised_ins(record.ins.value), record.ins.oid
        person.qualified_token = qualified_token(record.ins, traits)
    _fill_contact(person, record.contact, record.usual_name, record.usual_given_name)
    return person


def _fill_contact(person: Person, contact: Contact, usual_name: str, usual_given_name: str) -> None:
    person.contact = normalised(contact)
    person.commune = commune_code(contact.commune)
    person.departement = departement_of(person.commune or contact.postal_code)
    person.usual_name, person.usual_given_name = usual_name.strip(), usual_given_name.strip()


def _link(person: Person, record: RegisterPerson, act: Act, *, basis: Basis) -> None:
    if act.by.organisation_id is None:
        return
    link = link_organisation(person.id, act.by.organisation_id)
    if record.ipp:
        link.ipp, link.ipp_system = record.ipp, record.ipp_system
        link.ipp_token = ipp_token(record.ipp_system, record.ipp)
        link.save()
    opened = OpenMembership(person_id=person.id, organisation_id=act.by.organisation_id, basis=basis, source_id=link.id)
    enter(opened, by=act.by)


def _raise_alerts(person: Person, act: Act) -> None:
    seen = set()
    if person.ins:
        for other in _holding("ins", ins_token(person.ins_oid, person.ins), person):
            seen.add(other)
            _alert(person, other, AlertKind.SAME_INS_OTHER_TRAITS, act)
    for other in _holding("similar", similar_token(person), person):
        if other not in seen:
            _alert(person, other, AlertKind.SIMILAR_TRAITS, act)


def _holding(kind: str, token: bytes, person: Person) -> list[Person]:
    rows = PersonToken.objects.filter(kind=kind, token=token).exclude(person=person).select_related("person")
    return [row.person for row in rows.order_by("id")[:20]]


def _alert(person: Person, other: Person, kind: AlertKind, act: Act) -> None:
    alert = IdentityAlert(person=person, other=other, organisation_id=act.by.organisation_id, kind=kind)
    act.add(alert, "raise", IdentityAlertRaised)
