"""A person as a Patient of FrCore, and a received Patient as the identity to register.

The national number leaves only with a qualified identity; a profile is claimed only when
the instance satisfies it. Source: interop_fr.md §1.2 to §1.5, §9.1.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from accounts.people.records import Contact, Ins, PersonSnapshot, RegisterPerson, RelativeSnapshot, Traits
from accounts.people.states import IdentityStatus, Sex
from fhir_bridge.r4 import codes
from fhir_bridge.r4.codes import UnknownCodeError, code_list, identity_status_0445, read_identity_status
from fhir_bridge.r4.datatypes import (
    Json,
    address,
    coding,
    compact,
    concept,
    extension,
    human_name,
    identifier,
    telecom,
)
from fhir_bridge.r4.outcomes import unprocessable
from fhir_bridge.r4.systems import (
    EXT_BIRTH_LIST_GIVEN_NAME,
    EXT_BIRTH_PLACE,
    EXT_IDENTITY_RELIABILITY,
    EXT_INSEE_CODE,
    FR_V2_0203,
    INS_TYPE_CODES,
    INS_USES,
    IPP_TYPE,
    PROFILE_PATIENT,
    PROFILE_PATIENT_INS,
    R216,
    R260,
    V2_0203,
    InsSystem,
    nos,
)

_INSEE: Final = nos("R13-CommuneOM")
_OID: Final = "urn:oid:"
_MINIMUM: Final = ("resourceType", "id", "meta", "active", "gender", "birthDate", "deceasedDateTime", "link")
_DAY: Final = len("2026-01-31")


def to_resource(
    person: PersonSnapshot, *, relatives: Sequence[RelativeSnapshot] = (), replaces: Sequence[UUID] = ()
) -> Json:
    """Return the Patient of a person, with active relatives as contacts; no organisation's own number is in it.

    `replaces` are the records that were merged into hers.
    """
    return compact(
        resourceType="Patient",
        id=str(person.id),
        meta={"profile": [_profile(person)]},
        extension=[_reliability(person), *_birth_place(person.traits)],
        identifier=[_ins(person.ins)] if _is_qualified(person) and person.ins else [],
        active=True,
        name=_names(person),
        telecom=telecoms(person.contact),
        gender=str(person.traits.sex),
        birthDate=person.traits.birth_date.isoformat(),
        deceasedDateTime=person.died_on.isoformat() if person.died_on else None,
        address=addresses(person.contact),
        contact=[_contact(relative) for relative in relatives if relative.active],
        link=[_link(one, "replaces") for one in replaces],
    )


def to_replaced(person_id: UUID, *, by: UUID) -> Json:
    """Return the Patient of a record that was merged into another: whose it is now, and nothing of an identity."""
    return compact(resourceType="Patient", id=str(person_id), active=False, link=[_link(by, "replaced-by")])


def with_own_number(resource: Json, *, system: str, value: str) -> Json:
    """Return a Patient with the number by which the caller's own organisation knows the person."""
    number = identifier(system, value, use="usual", type_=concept(coding(V2_0203, IPP_TYPE)))
    return {**resource, "identifier": [*resource.get("identifier", []), number]}


def minimum(resource: Json) -> Json:
    """Return what the recipient of a request may see before it accepts: official name, sex, birth date, commune."""
    kept = {key: resource[key] for key in _MINIMUM if key in resource}
    names = [name for name in resource.get("name", []) if name.get("use") == "official"]
    places = [
        {key: place[key] for key in ("city", "postalCode", "country") if key in place}
        for place in resource.get("address", [])
    ]
    return kept | compact(name=names, address=[place for place in places if place])


def to_registration(resource: Json) -> RegisterPerson:
    """Return the identity that a received Patient states; raises `FhirError` 422 when a strict trait is missing."""
    official = _official_name(resource)
    number = _received_ins(resource)
    status = _received_status(resource, number)
    own = _received_own_number(resource)
    usual: Json = next((name for name in resource.get("name", []) if name.get("use") == "usual"), {})
    return RegisterPerson(
        traits=Traits(
            birth_name=official.get("family", ""),
            birth_given_names=_received_given_names(official),
            birth_date=_received_birth_date(resource),
            sex=_received_sex(resource),
            birthplace=_received_birth_place(resource),
        ),
        status=status,
        ins=number,
        usual_name=usual.get("family", ""),
        usual_given_name=next(iter(usual.get("given", [])), ""),
        contact=_received_contact(resource),
        ipp=own.get("value", ""),
        ipp_system=own.get("system", ""),
    )


def _link(person_id: UUID, how: str) -> Json:
    return {"other": {"reference": f"Patient/{person_id}"}, "type": how}


def _is_qualified(person: PersonSnapshot) -> bool:
    return person.status == IdentityStatus.QUALIFIED


def _profile(person: PersonSnapshot) -> str:
    complete = _is_qualified(person) and person.ins and person.traits.birthplace
    return PROFILE_PATIENT_INS if complete else PROFILE_PATIENT


def _reliability(person: PersonSnapshot) -> Json:
    status = identity_status_0445(codes.IdentityStatus(person.status))
    return extension(
        EXT_IDENTITY_RELIABILITY,
        extension("identityStatus", valueCoding=coding(status.system, status.code, status.display)),
    )


def _birth_place(traits: Traits) -> list[Json]:
    if not traits.birthplace:
        return []
    place = address(extension=[extension(EXT_INSEE_CODE, valueCoding=coding(_INSEE, traits.birthplace))])
    return [extension(EXT_BIRTH_PLACE, valueAddress=place)]


def _ins(number: Ins) -> Json:
    system = InsSystem(f"{_OID}{number.oid}")
    kind = concept(coding(FR_V2_0203, INS_TYPE_CODES[system]))
    return identifier(system, number.value, use=INS_USES[system], type_=kind)


def _names(person: PersonSnapshot) -> list[Json]:
    traits = person.traits
    birth_list = extension(EXT_BIRTH_LIST_GIVEN_NAME, valueString=" ".join(traits.birth_given_names))
    official = human_name(
        use="official", family=traits.birth_name, given=traits.birth_given_names[:1], extension=[birth_list]
    )
    if not (person.usual_name or person.usual_given_name):
        return [official]
    given = person.usual_given_name or traits.birth_given_names[0]
    return [official, human_name(use="usual", family=person.usual_name or traits.birth_name, given=[given])]


def telecoms(contact: Contact) -> list[Json]:
    """Return the phones in their order, then the e-mail."""
    phones = [telecom("phone", phone, rank=rank) for rank, phone in enumerate(contact.phones, start=1)]
    return [*phones, *([telecom("email", contact.email)] if contact.email else [])]


def addresses(contact: Contact) -> list[Json]:
    """Return the home address when anything of it is known, with its commune."""
    commune = [extension(EXT_INSEE_CODE, valueCoding=coding(_INSEE, contact.commune))] if contact.commune else []
    made = address(
        lines=[contact.street] if contact.street else [],
        postal_code=contact.postal_code,
        city=contact.city,
        use="home",
        extension=commune,
    )
    return [made] if made.keys() - {"use"} else []


def _contact(relative: RelativeSnapshot) -> Json:
    roles = [coding(R260, role, code_list("contact_roles").display(R260, role)) for role in relative.roles]
    kinship = coding(R216, relative.relation, relative.relation_label) if relative.relation else {}
    return compact(
        id=str(relative.id),
        relationship=[concept(one) for one in (*roles, kinship) if one],
        name=human_name(family=relative.family, given=[relative.given] if relative.given else []),
        telecom=telecoms(relative.contact),
        address=next(iter(addresses(relative.contact)), None),
    )


def _official_name(resource: Json) -> Json:
    names: list[Json] = resource.get("name", [])
    chosen = next((name for name in names if name.get("use") == "official"), names[0] if names else None)
    if chosen is None or not chosen.get("family") or not chosen.get("given"):
        raise unprocessable("An official name with family and given is needed.", expression=["Patient.name"])
    return chosen


def _received_given_names(official: Json) -> tuple[str, ...]:
    listed = next(
        (
            one.get("valueString", "")
            for one in official.get("extension", [])
            if one["url"] == EXT_BIRTH_LIST_GIVEN_NAME
        ),
        "",
    )
    return tuple(listed.split()) or tuple(official["given"])


def _received_birth_date(resource: Json) -> date:
    born = resource.get("birthDate", "")
    if len(born) != _DAY:
        raise unprocessable("A whole birth date is needed.", code="required", expression=["Patient.birthDate"])
    return date.fromisoformat(born)


def _received_sex(resource: Json) -> Sex:
    try:
        return Sex(resource.get("gender", Sex.UNKNOWN))
    except ValueError:
        raise unprocessable(
            "The sex of the national identity is male, female or unknown.", expression=["Patient.gender"]
        ) from None


def _received_birth_place(resource: Json) -> str:
    for one in resource.get("extension", []):
        if one["url"] == EXT_BIRTH_PLACE:
            return _insee_code(one.get("valueAddress", {}))
    return ""


def _insee_code(place: Json) -> str:
    codes = [one for one in place.get("extension", []) if one["url"] == EXT_INSEE_CODE]
    return str(codes[0].get("valueCoding", {}).get("code", "")) if codes else ""


def _received_ins(resource: Json) -> Ins | None:
    found = [one for one in resource.get("identifier", []) if one.get("system") in set(InsSystem)]
    if not found:
        return None
    if len(found) > 1:
        raise unprocessable("One INS at most is read.", expression=["Patient.identifier"])
    return Ins(value=found[0].get("value", ""), oid=found[0]["system"].removeprefix(_OID))


def _received_own_number(resource: Json) -> Json:
    """Return the identifier that the sender says is its own: of type PI, with a system and a value."""
    for one in resource.get("identifier", []):
        kinds = [kind.get("code") for kind in one.get("type", {}).get("coding", [])]
        if IPP_TYPE in kinds and one.get("system") and one.get("value"):
            own: Json = one
            return own
    return {}


def _received_status(resource: Json, number: Ins | None) -> IdentityStatus:
    stated = _status_coding(resource)
    if stated is None:
        return IdentityStatus.PROVISIONAL
    try:
        read = read_identity_status(
            system=stated.get("system", ""),
            code=stated.get("code", ""),
            ins_system=f"{_OID}{number.oid}" if number else None,
        )
    except UnknownCodeError:
        raise unprocessable(
            "This status of an identity is not accepted.", code="code-invalid", expression=["Patient.extension"]
        ) from None
    return IdentityStatus(read.status)


def _status_coding(resource: Json) -> Json | None:
    for one in resource.get("extension", []):
        if one["url"] != EXT_IDENTITY_RELIABILITY:
            continue
        for part in one.get("extension", []):
            if part["url"] == "identityStatus":
                stated: Json = part.get("valueCoding", {})
                return stated
    return None


def _received_contact(resource: Json) -> Contact:
    points: list[Json] = resource.get("telecom", [])
    homes: list[Json] = resource.get("address", [])
    home: dict[str, Any] = next((one for one in homes if one.get("use") != "old"), {})
    return Contact(
        phones=tuple(one["value"] for one in points if one.get("system") == "phone" and one.get("value")),
        email=next((one["value"] for one in points if one.get("system") == "email" and one.get("value")), ""),
        street=" ".join(home.get("line", [])),
        postal_code=home.get("postalCode", ""),
        city=home.get("city", ""),
        commune=_insee_code(home),
    )
