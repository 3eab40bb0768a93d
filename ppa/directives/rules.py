"""Validity of directives, order between them and contradictions inside one. Source: CSP L1111-11, R1111-17 to R1111-19."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from accounts.access.records import FieldSet
from accounts.kernel.errors import DomainError
from accounts.people.rules import name_words
from ppa.directives.records import Authorisation, RecordDeposit, RecordDirective, RevokeDirective, Wish, Witness
from ppa.directives.states import (
    LIFE_SUPPORT,
    NUTRITION,
    OPEN,
    RECORDINGS,
    RESUSCITATION,
    SUBJECTS,
    VENTILATION,
    Action,
    Decision,
    Medium,
    Model,
    Place,
    RevocationMeans,
    State,
)
from ppa.directives.texts import headings

MAJORITY = 18
WITNESSES = 2


class DirectiveUndated(DomainError):
    """Directives are dated."""

    code = "directive-undated"
    text = "Indiquez la date écrite sur le document. S’il n’en porte aucune, cochez « Le document n’est pas daté » : il sera gardé, à vérifier."


class DirectiveInFuture(DomainError):
    """A document cannot have been signed tomorrow."""

    code = "directive-in-future"
    text = "La date du document est dans le futur. Recopiez celle qui est écrite dessus."


class AuthorMinor(DomainError):
    """Only an adult writes directives. Source: CSP R1111-17."""

    code = "directive-author-minor"
    text = "La personne était mineure à la date du document : il n’a pas la valeur de directives anticipées. Gardez sa parole dans le plan d’accompagnement."


class IdentityIncomplete(DomainError):
    """The author is identified by names, date and place of birth. Source: CSP R1111-17."""

    code = "directive-identity-incomplete"
    text = "Le lieu de naissance manque dans l’identité de la personne. Complétez-le, puis confirmez le document : en attendant, il reste à vérifier."


class NotSigned(DomainError):
    """Signed by the author, or certified by two witnesses. Source: CSP R1111-17."""

    code = "directive-not-signed"
    text = "Le document doit être signé par la personne. Si elle ne peut pas écrire, indiquez le nom et la qualité de deux témoins."


class WitnessTwice(DomainError):
    """Two witnesses are two people, and neither is the author. Source: CSP R1111-17."""

    code = "directive-witness-twice"
    text = (
        "Les deux témoins sont deux personnes différentes, et aucune n’est la personne elle-même. Vérifiez leurs noms."
    )


class HeadingNotOfModel(DomainError):
    """The two official models do not have the same headings. Source: CSP R1111-18."""

    code = "directive-heading-unknown"
    text = "Une rubrique remplie n’existe pas dans le modèle choisi. Choisissez le bon modèle, ou recopiez ce texte dans « Ce qu’elle a écrit »."


class FileMissing(DomainError):
    """A scan without the scan."""

    code = "directive-file-missing"
    text = "Joignez le document numérisé ou photographié, ou choisissez « Document conservé ailleurs »."


class ContentMissing(DomainError):
    """Nothing of what the person wants was given."""

    code = "directive-content-missing"
    text = "Joignez le document, recopiez son texte ou indiquez au moins un souhait."


class HolderMissing(DomainError):
    """A place nobody can find is no place."""

    code = "directive-holder-missing"
    text = "Indiquez qui conserve le document ou l’enregistrement, et si possible son téléphone."


class WishUnknown(DomainError):
    """The subject is not of the national list, or is there twice."""

    code = "directive-wish-unknown"
    text = "Un souhait n’a pas été reconnu, ou figure deux fois. Gardez une seule ligne par sujet, puis enregistrez de nouveau."


class AuthorisationMissing(DomainError):
    """A protected adult needs leave of the judge or of the family council, with its paper. Source: CSP R1111-17."""

    code = "directive-authorisation-missing"
    text = "Pour une personne protégée avec représentation, ajoutez l’autorisation du juge ou du conseil de famille : sa date, qui l’a donnée, et le document."


class AuthorisationLate(DomainError):
    """Leave comes before the document that it allows. Source: CSP R1111-17."""

    code = "directive-authorisation-late"
    text = "L’autorisation a été donnée après la date du document. Vérifiez les deux dates ; sinon, la personne refait ses directives avec cette autorisation."


class AttestationMissing(DomainError):
    """The words of the witnesses are attached. Source: CSP R1111-17."""

    code = "directive-attestation-missing"
    text = "Ajoutez le document avec l’attestation des deux témoins."


class DepositDateWrong(DomainError):
    """Neither before the document nor tomorrow."""

    code = "directive-deposit-date"
    text = "La date du dépôt n’est pas possible : elle suit la date du document et n’est pas dans le futur."


class DepositUnnamed(DomainError):
    """A deposit is the deed of somebody, at a place that can be found."""

    code = "directive-deposit-unnamed"
    text = "Indiquez qui a fait le dépôt et, pour un médecin, un établissement ou un autre endroit, lequel."


class RevocationDateWrong(DomainError):
    """Neither before the document nor tomorrow."""

    code = "directive-revocation-date"
    text = "La date de révocation n’est pas possible : elle suit la date du document et n’est pas dans le futur."


class RevocationUnproven(DomainError):
    """A word of mouth is reported by somebody who was there."""

    code = "directive-revocation-unproven"
    text = "Indiquez qui a reçu la révocation et, si elle n’est pas écrite, le nom d’un témoin."


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """What the rules look at of the person who wrote."""

    born_on: date
    has_names: bool
    birthplace: str
    family: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What proves one document, at any time: when it comes in or when it is confirmed."""

    medium: Medium
    signed_on: date | None
    has_signature: bool
    witnesses: Sequence[Witness]
    is_protected: bool
    authorisation: Authorisation | None
    has_file: bool
    has_authorisation_file: bool


def proof_of(record: RecordDirective) -> Proof:
    """Return what a new document brings; its file holds the attestations of the witnesses."""
    return Proof(
        medium=record.medium,
        signed_on=record.signed_on,
        has_signature=record.has_signature,
        witnesses=record.witnesses,
        is_protected=record.is_protected,
        authorisation=record.authorisation,
        has_file=record.file is not None,
        has_authorisation_file=record.authorisation_file is not None,
    )


def check_record(record: RecordDirective, *, author: Author, today: date) -> None:
    """Raise the first rule that a document breaks so gravely that it is not kept as directives.

    A paper without a signature, or of somebody whose birthplace is not known, is kept: it waits to be verified.
    """
    if record.signed_on is None and not (record.is_undated or record.medium == Medium.LOCATION_ONLY):
        raise DirectiveUndated(field="signed_on")
    check_date(record.signed_on, author=author, today=today)
    _check_wishes(record.wishes)
    _check_sections(record.sections, model=record.model)
    check_witnesses(record.witnesses, author=author)
    if record.medium == Medium.LOCATION_ONLY or record.medium in RECORDINGS:
        if record.holder is None or not record.holder.name.strip():
            raise HolderMissing(field="holder_name")
        return
    if record.medium == Medium.PAPER_SCAN and record.file is None:
        raise FileMissing(field="file")
    said = record.text.strip() or record.wishes or record.comfort_only or record.sections
    if record.file is None and not said:
        raise ContentMissing(field="text")
    if record.file is None and not is_signed(proof_of(record)):
        raise NotSigned(field="has_signature")


def check_date(signed_on: date | None, *, author: Author, today: date) -> None:
    """Raise when the date of a document is in the future, or when its author was not yet an adult.

    An undated document of somebody who is still a minor is refused too.
    """
    if signed_on is not None and signed_on > today:
        raise DirectiveInFuture(field="signed_on")
    if not is_adult(author.born_on, on=signed_on or today):
        raise AuthorMinor(field="signed_on")


def check_witnesses(witnesses: Sequence[Witness], *, author: Author) -> None:
    """Raise `WitnessTwice` unless the witnesses are different people, none of them the author."""
    names = [name_key(one.name) for one in witnesses if one.name.strip()]
    if len(names) != len(set(names)) or (author.family and name_key(f"{author.given} {author.family}") in names):
        raise WitnessTwice(field="witness_1_name")


def name_key(name: str) -> frozenset[str]:
    """Return what two ways of writing a full name have in common: its words without accents, in any order."""
    return frozenset(name_words(name) - {""})


def missing_witness(witnesses: Sequence[Witness], *, has_signature: bool, reason: str, trusted: str) -> str:
    """Return the name of the trusted person who should have been a witness; empty when all is well.

    `trusted` is who held the role on the day of the document, empty for nobody. Advice, never a
    refusal: the text asks it of the author. Source: CSP R1111-17.
    """
    if has_signature or not witnesses or not trusted or reason.strip():
        return ""
    named = {name_key(one.name) for one in witnesses}
    return "" if any(name_key(trusted) <= one for one in named) else trusted


def check_deposit(record: RecordDeposit, *, signed_on: date | None, today: date) -> None:
    """Raise unless a deposit is possible on that day, by somebody, at a place that can be found. Source: CSP R1111-19."""
    if record.deposited_on > today or (signed_on is not None and record.deposited_on < signed_on):
        raise DepositDateWrong(field="deposited_on")
    if not record.deposited_by.strip():
        raise DepositUnnamed(field="deposited_by")
    if record.place not in _FOUND_BY_THEMSELVES and not record.where.strip():
        raise DepositUnnamed(field="where")


_FOUND_BY_THEMSELVES = frozenset({Place.HEALTH_RECORD, Place.TRUSTED_PERSON, Place.HERSELF})


def check_valid(proof: Proof, *, author: Author, today: date) -> None:
    """Raise what still keeps a document from being valid."""
    if proof.signed_on is None:
        raise DirectiveUndated(field="signed_on")
    check_date(proof.signed_on, author=author, today=today)
    if not (author.has_names and author.birthplace):
        raise IdentityIncomplete
    if not is_signed(proof):
        raise NotSigned(field="has_signature")
    if proof.medium in (Medium.PAPER_SCAN, Medium.LOCATION_ONLY) and not proof.has_file:
        raise FileMissing(field="file")
    if not proof.has_signature and not proof.has_file:
        raise AttestationMissing(field="file")
    if proof.is_protected and not (_is_complete(proof.authorisation) and proof.has_authorisation_file):
        raise AuthorisationMissing(field="authority")
    if proof.is_protected and proof.authorisation and proof.authorisation.given_on > proof.signed_on:
        raise AuthorisationLate(field="authorised_on")


def first_step(proof: Proof, *, author: Author, today: date) -> Action | None:
    """Return what follows the recording of a document: confirmed, set apart, or `None` when it waits to be verified.

    Recordings wait for the legal text that admits them, whatever else is known of them.
    """
    if proof.medium in RECORDINGS:
        return Action.SET_APART
    try:
        check_valid(proof, author=author, today=today)
    except DomainError:
        return None
    return Action.CONFIRM


def check_revocation(record: RevokeDirective, *, signed_on: date | None, today: date) -> None:
    """Raise unless a revocation is possible on that day and somebody answers for it. Source: CSP L1111-11 (any means)."""
    if record.revoked_on > today or (signed_on is not None and record.revoked_on < signed_on):
        raise RevocationDateWrong(field="revoked_on")
    if not record.received_by.strip():
        raise RevocationUnproven(field="received_by")
    if record.means != RevocationMeans.WRITTEN and not record.witness.strip():
        raise RevocationUnproven(field="witness")


def is_signed(proof: Proof) -> bool:
    """Tell whether the author signed, or two witnesses gave name and capacity."""
    complete = [one for one in proof.witnesses if one.name.strip() and one.capacity.strip()]
    return proof.has_signature or len(complete) >= WITNESSES


def is_adult(born_on: date, *, on: date) -> bool:
    """Tell whether somebody has come of age on a day."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day)) >= MAJORITY


def at_odds(wishes: Iterable[Wish], *, comfort_only: bool) -> tuple[tuple[str, str], ...]:
    """Return the pairs that cannot both be: a subject that is wanted, and a refused one or `COMFORT` for comfort care alone."""
    said = {wish.code: wish.decision for wish in wishes}
    wanted = {code for code, decision in said.items() if decision == Decision.PERMIT}
    refused = {code for code, decision in said.items() if decision == Decision.DENY}
    with_comfort = [(code, COMFORT) for code in AGAINST_COMFORT if comfort_only and code in wanted]
    return (*with_comfort, *((yes, no) for yes, no in _AT_ODDS if yes in wanted and no in refused))


def odds_told(wanted: str, other: str) -> str:
    """Say one such pair in French."""
    if other == COMFORT:
        return f"Le document demande « {SUBJECTS[wanted].label} » et, en même temps, des soins de confort uniquement."
    return f"Le document accepte « {SUBJECTS[wanted].label} » et refuse « {SUBJECTS[other].label} »."


COMFORT = "comfort"
AGAINST_COMFORT = (LIFE_SUPPORT, RESUSCITATION, VENTILATION)
"""Subjects that are not comfort care."""
_AT_ODDS = (
    (RESUSCITATION, VENTILATION),
    (RESUSCITATION, LIFE_SUPPORT),
    (LIFE_SUPPORT, RESUSCITATION),
    (LIFE_SUPPORT, VENTILATION),
    (LIFE_SUPPORT, NUTRITION),
)


def _check_wishes(wishes: Sequence[Wish]) -> None:
    codes = [wish.code for wish in wishes]
    if len(codes) != len(set(codes)) or not set(codes) <= set(SUBJECTS):
        raise WishUnknown


def _check_sections(sections: Mapping[str, str], *, model: Model) -> None:
    known = {heading.code for heading in headings() if model in heading.models}
    if not {code for code, text in sections.items() if text.strip()} <= known:
        raise HeadingNotOfModel(field="model")


def _is_complete(authorisation: Authorisation | None) -> bool:
    return authorisation is not None and bool(authorisation.authority.strip())


def is_shown(state: State, fields: FieldSet) -> bool:
    """Tell whether a field set holds what a document says: in an emergency, only one that may still speak for the person."""
    return fields == FieldSet.FULL or (fields == FieldSet.EMERGENCY and state in OPEN)
