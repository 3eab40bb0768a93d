"""The blind tokens of a person, and the contact as it is stored: written by commands, read by queries."""

from collections.abc import Iterator
from dataclasses import asdict, replace

import phonenumbers

from accounts.kernel.crypto import BlindIndex
from accounts.kernel.fields import Reindex
from accounts.kernel.keyring import blind_index
from accounts.people.lineage import records_merged_into
from accounts.people.models import OrganisationLink, Person, PersonToken, Relative
from accounts.people.records import Contact, Ins, Traits
from accounts.people.rules import fold, prefixes, qualified_key, similar_key
from accounts.people.states import Sex

SHORT_TAILS = (4, 6)


def e164(phone: str) -> str:
    """Return a phone in international form; what is no phone number is kept as its digits."""
    try:
        parsed = phonenumbers.parse(phone, "FR")
    except phonenumbers.NumberParseException:
        return "".join(char for char in phone if char.isdigit())
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def normalised(contact: Contact) -> dict[str, object]:
    """Return a contact as it is stored: phones in international form."""
    return {**asdict(contact), "phones": [e164(phone) for phone in contact.phones]}


def read_contact(stored: dict[str, object]) -> Contact:
    """Return a stored contact."""
    return Contact(**{**stored, "phones": tuple(stored.get("phones", ()))})  # type: ignore[arg-type]  # (as `normalised` wrote it)


def name_token(prefix: str) -> bytes:
    """Return the token of the beginning of any name of a person, folded."""
    return blind_index("person.name", fold(prefix)[:8])


def phone_token(phone: str) -> bytes:
    """Return the token of a whole phone number."""
    return blind_index("person.phone", e164(phone))


def phone_tail_token(digits: str) -> bytes:
    """Return the token of the last four or six digits of a phone number."""
    return blind_index("person.phone_tail", digits)


def normalised_ins(value: str) -> str:
    """Return a national number as it is stored: no blanks, capitals."""
    return "".join(value.split()).upper()


def ins_token(oid: str, value: str) -> bytes:
    """Return the token of a national number."""
    return blind_index("person.ins", f"{oid}|{normalised_ins(value)}")


def birth_token(iso: str) -> bytes:
    """Return the token of a birth date, or of its year and month, or of its year."""
    return blind_index("person.birth", iso)


def ipp_token(system: str, value: str) -> bytes:
    """Return the token of an organisation's own number."""
    return blind_index("link.ipp", f"{system}|{value.strip()}")


def qualified_token(ins: Ins, traits: Traits) -> BlindIndex:
    """Return the token that two qualified identities of one person share."""
    return blind_index("person.qualified", qualified_key(replace(ins, value=normalised_ins(ins.value)), traits))


def write_tokens(person: Person) -> bool:
    """Bring the tokens of a person to her present identity and her relatives' phones; tell whether any changed.

    She is found by the identities of the records merged into hers too, which themselves are found no more.
    """
    wanted = set(_tokens(person)) if person.merged_into_id is None else set()
    present = {(row.kind, bytes(row.token)): row.pk for row in PersonToken.objects.filter(person=person)}
    missing, left_over = wanted - present.keys(), present.keys() - wanted
    PersonToken.objects.filter(pk__in=[present[one] for one in left_over]).delete()
    PersonToken.objects.bulk_create(
        PersonToken(person=person, kind=kind, token=token) for kind, token in sorted(missing)
    )
    return bool(missing or left_over)


def _reindex_person(person: Person) -> bool:
    changed = write_tokens(person)
    if person.qualified_token is None:
        return changed
    token = qualified_token(Ins(value=person.ins, oid=person.ins_oid), traits_of(person))
    if token == bytes(person.qualified_token):
        return changed
    Person.objects.filter(pk=person.pk).update(qualified_token=token)
    return True


def _reindex_link(link: OrganisationLink) -> bool:
    token = ipp_token(link.ipp_system, link.ipp) if link.ipp else None
    if link.ipp_token is None or token == bytes(link.ipp_token):
        return False
    OrganisationLink.objects.filter(pk=link.pk).update(ipp_token=token)
    return True


PERSONS = Reindex("accounts.Person", _reindex_person)
LINKS = Reindex("accounts.OrganisationLink", _reindex_link)


def _tokens(person: Person) -> Iterator[tuple[str, bytes]]:
    for one in (person, *records_merged_into(person.pk)):
        yield from _identity_tokens(one)
    for relative in Relative.objects.filter(person=person, is_active=True).order_by("id"):
        yield from _phone_tokens(read_contact(relative.contact))


def _identity_tokens(person: Person) -> Iterator[tuple[str, bytes]]:
    names = [person.birth_name, person.usual_name, *person.birth_given_names, person.usual_given_name]
    for name in names:
        for prefix in prefixes(name):
            yield "name", name_token(prefix)
    born = person.birth_date.isoformat()
    for part in (born, born[:7], born[:4]):
        yield "birth", birth_token(part)
    yield "similar", similar_token(person)
    if person.ins:
        yield "ins", ins_token(person.ins_oid, person.ins)
    yield from _phone_tokens(read_contact(person.contact))


def similar_token(person: Person) -> bytes:
    """Return the token that merely similar identities share."""
    return blind_index("person.similar", similar_key(traits_of(person)))


def traits_of(person: Person) -> Traits:
    """Return the five strict traits of a stored person."""
    return Traits(
        birth_name=person.birth_name,
        birth_given_names=tuple(person.birth_given_names),
        birth_date=person.birth_date,
        sex=Sex(person.sex),
        birthplace=person.birthplace,
    )


def _phone_tokens(contact: Contact) -> Iterator[tuple[str, bytes]]:
    for phone in contact.phones:
        digits = "".join(char for char in e164(phone) if char.isdigit())
        yield "phone", phone_token(phone)
        for tail in SHORT_TAILS:
            if len(digits) >= tail:
                yield "phone_tail", phone_tail_token(digits[-tail:])
