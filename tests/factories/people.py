"""Invented organisations, professionals and persons. Names are canaries: they must never leave the database in clear."""

from datetime import date
from itertools import count
from uuid import UUID, uuid4

from accounts.access.commands import record_sharing_consent
from accounts.access.records import RecordSharingConsent
from accounts.access.states import Category, ConsentMeans
from accounts.kernel.actor import Actor, Channel, Mandate, Role
from accounts.kernel.clock import now, today
from accounts.organisations.functions import open_function
from accounts.organisations.models import Organisation, Professional, Territory, TerritoryPart
from accounts.organisations.states import OrganisationKind, TerritoryKind
from accounts.people.commands import record_relative, register_person
from accounts.people.records import Contact, Ins, RecordRelative, RegisterPerson, Traits
from accounts.people.rules import OID_TEST
from accounts.people.states import IdentityStatus, RelativeRole, Sex

_numbers = count(1)
CANARY_NAMES = ("CANARIVAUX", "SERINVILLE", "PASSEREAUDE")


def organisation(
    name: str = "", *, kind: OrganisationKind = OrganisationKind.HOSPITAL, departement: str = "21", **fields: object
) -> Organisation:
    """Return a new organisation, with a FINESS number of its own."""
    number = next(_numbers)
    return Organisation.objects.create(
        name=name or f"Établissement {number} (fictif)",
        kind=kind,
        finess=fields.pop("finess", f"99{number:07d}"),
        departement=departement,
        **fields,
    )


def coordination(*, departement: str = "21") -> Organisation:
    """Return a DAC that covers a département."""
    number = next(_numbers)
    territory = Territory.objects.create(
        code=f"DAC-{departement}-{number}", kind=TerritoryKind.COORDINATION, name=f"Territoire {number} (fictif)"
    )
    TerritoryPart.objects.create(territory=territory, code=departement)
    return organisation(
        f"DAC {number} (fictif)", kind=OrganisationKind.COORDINATION, departement=departement, territory=territory
    )


def actor(role: Role, at: Organisation | None = None, **fields: object) -> Actor:
    """Return somebody of a role at an organisation, both factors just given, with his membership row."""
    place = at or organisation()
    number = next(_numbers)
    who = Professional.objects.create(rpps=f"8{number:010d}", family=f"Soignant{number}", given="Test", title="Dr")
    open_function(who.id, place.id, role)
    return Actor(
        **{
            "role": role,
            "channel": Channel.WEB,
            "id": uuid4(),
            "professional_id": who.id,
            "organisation_id": place.id,
            "display_name": who.display_name,
            "authenticated_at": now(),
            **fields,
        }
    )


def identity_officer(role: Role = Role.COORDINATOR, at: Organisation | None = None) -> Actor:
    """Return somebody with a mandate of identity vigilance at an organisation, both factors just given."""
    made = actor(role, at, mandates=frozenset({Mandate.IDENTITY_VIGILANCE}))
    assert made.professional_id is not None
    assert made.organisation_id is not None
    open_function(made.professional_id, made.organisation_id, Mandate.IDENTITY_VIGILANCE)
    return made


def system_client(at: Organisation, *scopes: str) -> Actor:
    """Return a FHIR client of an organisation."""
    return Actor(
        role=Role.FHIR_CLIENT, channel=Channel.FHIR, id=uuid4(), organisation_id=at.id, scopes=frozenset(scopes)
    )


def ins(number: int | None = None) -> Ins:
    """Return a test INS with a right key."""
    body = f"2550321{next(_numbers) if number is None else number:06d}"
    return Ins(value=f"{body}{97 - int(body) % 97:02d}", oid=OID_TEST)


def registration(**fields: object) -> RegisterPerson:
    """Return the input of a qualified person living in Dijon."""
    number = next(_numbers)
    traits = Traits(
        birth_name=f"{CANARY_NAMES[number % 3]}{number}",
        birth_given_names=("Philomène", "Rose"),
        birth_date=date(1955, 3, 12),
        sex=Sex.FEMALE,
        birthplace="21231",
    )
    values: dict[str, object] = {
        "traits": traits,
        "status": IdentityStatus.QUALIFIED,
        "ins": ins(),
        "contact": Contact(phones=("03 80 00 00 01",), postal_code="21000", city="Dijon", commune="21231"),
        **fields,
    }
    return RegisterPerson(**values)  # type: ignore[arg-type]  # (a factory takes any field)


def person(by: Actor, **fields: object) -> UUID:
    """Return the id of a new person of the actor's organisation."""
    return register_person(registration(**fields), by=by).id


def relative(person_id: UUID, by: Actor, *, roles: frozenset[RelativeRole] = frozenset(), **fields: object) -> UUID:
    """Return the id of a new relative, an adult daughter."""
    values: dict[str, object] = {
        "family": "MERLANDOISE",
        "given": "Capucine",
        "relation": "DAUC",
        "birth_date": date(1980, 5, 4),
        "contact": Contact(phones=("06 00 00 00 02",)),
        **fields,
    }
    return record_relative(RecordRelative(person_id=person_id, roles=roles, **values), by=by).id  # type: ignore[arg-type]  # (a factory takes any field)


def consented(
    person_id: UUID, to: Organisation, *, by: Actor, categories: frozenset[Category] = frozenset({Category.ALL})
) -> UUID:
    """Return the id of an agreement that names an organisation."""
    record = RecordSharingConsent(
        person_id=person_id,
        organisation_ids=frozenset({to.id}),
        given_on=today(),
        means=ConsentMeans.SPOKEN,
        categories=categories,
    )
    return record_sharing_consent(record, by=by).id
