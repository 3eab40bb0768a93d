"""Pure rules of identity: what an INS must be, how names are folded for search, when two records are one person."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import date

from stdnum.exceptions import ValidationError
from stdnum.fr import nir

from accounts.kernel.errors import DomainError
from accounts.people.records import ChangeRelative, Ins, RegisterPerson, Traits
from accounts.people.states import STATEABLE_ROLES, IdentityStatus, RelativeRole

OID_NIR = "1.2.250.1.213.1.4.8"
OID_NIA = "1.2.250.1.213.1.4.9"
OID_TEST = "1.2.250.1.213.1.4.10"
OID_DEMO = "1.2.250.1.213.1.4.11"
REAL_OIDS = frozenset({OID_NIR, OID_NIA})
INVENTED_OIDS = frozenset({OID_TEST, OID_DEMO})
SHORTEST_PREFIX, LONGEST_PREFIX = 2, 8
LONGEST_SYSTEM = 200
INS_SHAPE = re.compile(r"[1-478]\d{4}(?:\d{2}|2[AB])\d{6}\d{2}")
_COMMUNE = re.compile(r"[0-9][0-9AB][0-9]{3}")


class InsKeyWrong(DomainError):
    """The two control digits do not match."""

    code = "ins-key-wrong"
    text = "Le matricule INS est mal recopié : sa clé ne correspond pas. Vérifiez les quinze chiffres."


class InsKindRefused(DomainError):
    """A real INS in a demonstration, or an invented one in production."""

    code = "ins-kind-refused"
    text = "Ce matricule INS n’est pas du bon type pour cette installation. En démonstration, seuls les matricules fictifs sont acceptés."


class QualifiedWithoutIns(DomainError):
    """A qualified identity without its number, or without one of its five traits."""

    code = "qualified-without-ins"
    text = "Une identité qualifiée comporte le matricule INS et les cinq traits, dont le lieu de naissance. Complétez-les, ou enregistrez une identité provisoire."


class InsWithoutQualification(DomainError):
    """A number that nobody verified must not travel."""

    code = "ins-not-qualified"
    text = "Le matricule INS ne s’enregistre qu’avec une identité qualifiée. Interrogez d’abord le téléservice INSi."


class BirthDateInFuture(DomainError):
    """Nobody is born tomorrow."""

    code = "birth-date-in-future"
    text = "La date de naissance est dans le futur. Vérifiez-la."


class OwnNumberTooLong(DomainError):
    """An organisation's own number comes with the name of its system, an address."""

    code = "own-number-too-long"
    text = "Le système du numéro interne est trop long pour être gardé. Indiquez son adresse usuelle."


class NotOfTheTeam(DomainError):
    """A care team is one establishment's; any other structure enters on the person's agreement."""

    code = "not-of-the-team"
    text = "Ce service n’est pas de votre établissement. Pour une autre structure, recueillez l’accord de la personne."


class PersonNotInformed(DomainError):
    """The person is told who takes care of her, and may object (L.1110-4 CSP)."""

    code = "person-not-informed"
    text = "Informez d’abord la personne : elle peut s’opposer à ce que ce service ouvre son dossier."


class RefusedByPerson(DomainError):
    """Her refusal stands until she takes it back."""

    code = "refused-by-person"
    text = "La personne refuse que ce service ouvre son dossier. Son refus s’applique tant qu’elle ne le lève pas."


class NameMissing(DomainError):
    """An identity has at least a birth name and one given name."""

    code = "name-missing"
    text = "Indiquez le nom de naissance et le premier prénom."


class SearchesLimited(DomainError):
    """More searches in a minute than somebody at work types."""

    code = "searches-limited"
    text = "Trop de recherches en une minute. Attendez un instant, puis recommencez."
    status = 429
    retry_after = 60


class InsSearchesLimited(SearchesLimited):
    """Searching by exact number must not become a way to try numbers."""

    code = "ins-searches-limited"
    text = "Trop de recherches par matricule INS (20 par minute, 200 par jour). Cherchez par le nom et la date de naissance, ou attendez. Votre référent confidentialité en est prévenu."


class DeathBeforeBirth(DomainError):
    """A date of death that cannot be."""

    code = "death-date-wrong"
    text = "La date de décès n’est pas possible : vérifiez-la."


class AlreadyDeceased(DomainError):
    """The death is already recorded."""

    code = "already-deceased"
    text = "Le décès de cette personne est déjà enregistré."
    status = 409
    issue = "conflict"


class SecondDelegate(DomainError):
    """Mon espace santé has one single delegate. Source: domain.md §2.5 (bill)."""

    code = "relative-second-delegate"
    text = "Un autre proche est déjà délégué de Mon espace santé, et il ne peut y en avoir qu’un. Mettez d’abord fin à sa délégation."


class RoleInFuture(DomainError):
    """A role is written down once it is held."""

    code = "relative-role-in-future"
    text = "Cette date est dans le futur. Indiquez depuis quel jour ces rôles ont changé."


class RoleNotStated(DomainError):
    """The trusted person is designated, with two signatures."""

    code = "relative-role-not-stated"
    text = "La personne de confiance se désigne avec les deux signatures, sur sa propre page."


class StillDesignated(DomainError):
    """A trusted person does not leave the list by a click."""

    code = "relative-still-designated"
    text = "Ce proche est la personne de confiance. Mettez d’abord fin à la désignation, avec la date et la façon dont c’est dit."


def check_roles(roles: Collection[RelativeRole], *, others: Collection[RelativeRole]) -> None:
    """Raise unless these roles can be stated of a relative, `others` being those that the other relatives hold."""
    if not set(roles) <= set(STATEABLE_ROLES):
        raise RoleNotStated(field="roles")
    if RelativeRole.ENS_DELEGATE in roles and RelativeRole.ENS_DELEGATE in others:
        raise SecondDelegate(field="roles")


def check_change(record: ChangeRelative, *, held: Collection[RelativeRole], today: date) -> None:
    """Raise unless a relative can change so: `held` are the roles she holds now."""
    if record.since > today:
        raise RoleInFuture(field="since")
    if record.leaves and RelativeRole.TRUSTED_PERSON in held:
        raise StillDesignated(field="leaves")


class NotDeceased(DomainError):
    """There is no death to take back."""

    code = "not-deceased"
    text = "Aucun décès n’est enregistré pour cette personne."
    status = 409
    issue = "conflict"


def whole_ins(text: str) -> str:
    """Return the national number that a text is, with or without blanks; empty for anything else."""
    bare = re.sub(r"[\s.\-/()]", "", text).upper()
    return bare if INS_SHAPE.fullmatch(bare) else ""


def check_ins(ins: Ins, *, accepted_oids: frozenset[str]) -> None:
    """Raise unless the number has the kind this installation accepts and its key is right.

    Source: the key of a NIR is 97 minus the number modulo 97; Corsica counts as 19 and 18.
    """
    if ins.oid not in accepted_oids:
        raise InsKindRefused
    try:
        nir.validate(ins.value)
    except ValidationError:
        raise InsKeyWrong from None


def check_registration(record: RegisterPerson, *, accepted_oids: frozenset[str], today: date) -> None:
    """Raise the first rule that an identity breaks."""
    if not _has_letter(record.traits.birth_name) or not any(map(_has_letter, record.traits.birth_given_names)):
        raise NameMissing
    if record.traits.birth_date > today:
        raise BirthDateInFuture
    if len(record.ipp_system) > LONGEST_SYSTEM:
        raise OwnNumberTooLong
    if record.status == IdentityStatus.QUALIFIED and (record.ins is None or not record.traits.birthplace):
        raise QualifiedWithoutIns
    if record.ins is not None:
        check_ins(record.ins, accepted_oids=accepted_oids)
        if record.status != IdentityStatus.QUALIFIED:
            raise InsWithoutQualification


def _has_letter(name: str) -> bool:
    return any(sign.isalpha() for sign in name)


def check_death(*, born_on: date, died_on: date, already: date | None, today: date) -> None:
    """Raise unless a death can be recorded on that day."""
    if already is not None:
        raise AlreadyDeceased
    if not born_on <= died_on <= today:
        raise DeathBeforeBirth


def fold(name: str) -> str:
    """Return a name as it is searched: letters only, without accents or case."""
    plain = unicodedata.normalize(
        "NFKD", name.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae").replace("Æ", "ae")
    )
    return "".join(letter for letter in plain.casefold() if letter.isalnum())


def name_words(name: str) -> set[str]:
    """Return the words of a name, folded; a hyphen or an apostrophe parts them."""
    return {fold(word) for word in name.replace("-", " ").replace("'", " ").replace("’", " ").split()}


def prefixes(name: str) -> Iterator[str]:
    """Yield the folded beginnings of a name, of 2 to 8 letters, and those of each of its words."""
    seen = set()
    for word in {fold(name), *name_words(name)}:
        for length in range(SHORTEST_PREFIX, min(len(word), LONGEST_PREFIX) + 1):
            seen.add(word[:length])
    yield from sorted(seen)


def qualified_key(ins: Ins, traits: Traits) -> str:
    """Return the text that two qualified identities share when, and only when, they are the same person."""
    names = ",".join(fold(name) for name in traits.birth_given_names)
    return "|".join(
        (
            ins.oid,
            ins.value,
            fold(traits.birth_name),
            names,
            traits.birth_date.isoformat(),
            traits.sex,
            traits.birthplace,
        )
    )


def similar_key(traits: Traits) -> str:
    """Return the text that merely similar identities share: birth name, first given name, birth date."""
    return "|".join((fold(traits.birth_name), fold(traits.birth_given_names[0]), traits.birth_date.isoformat()))


def commune_code(text: str) -> str:
    """Return an INSEE commune code as it is, and nothing of any other text: the column of communes lies in clear."""
    return text if _COMMUNE.fullmatch(text) else ""


def departement_of(commune: str) -> str:
    """Return the département of an INSEE commune code: two characters, three overseas; empty when there is none."""
    return commune[:3] if commune.startswith("97") else commune[:2]
