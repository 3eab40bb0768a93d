"""Who may designate whom, and when a designation counts. Source: CSP L1111-6; CASF annexe 4-10; domain.md §3."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.kernel.errors import DomainError
from accounts.people.rules import fold
from ppa.directives.records import Witness
from ppa.directives.rules import WITNESSES, is_adult, name_key
from ppa.trusted_persons.records import AnswerProposal, EndDesignation, Leave, Signatures, WithdrawDesignation
from ppa.trusted_persons.states import Action, Duration


class SignatureMissing(DomainError):
    """A designation is written and signed by both."""

    code = "designation-one-signature"
    text = "La désignation ne compte qu’avec les deux signatures. Ajoutez la date qui manque, ou cochez « Une signature viendra plus tard »."


class SignatureInFuture(DomainError):
    """Nobody has signed tomorrow."""

    code = "designation-signature-in-future"
    text = "Une date de signature est dans le futur. Recopiez celle qui est écrite sur le document."


class SignatureTooEarly(DomainError):
    """A role is accepted once it was given."""

    code = "designation-signature-order"
    text = "La personne de confiance signe le même jour que la personne, ou après elle. Vérifiez les deux dates."


class DesignatorMinor(DomainError):
    """Only an adult designates. Source: CSP L1111-6."""

    code = "designation-person-minor"
    text = "La personne était mineure ce jour-là : seule une personne majeure désigne une personne de confiance. Ses parents restent ses interlocuteurs."


class TrustedPersonMinor(DomainError):
    """The trusted person is an adult."""

    code = "designation-trusted-minor"
    text = "La personne choisie était mineure ce jour-là. Notez-la comme proche, et proposez de désigner une personne majeure."


class MajorityUnknown(DomainError):
    """Neither a birth date nor a statement."""

    code = "designation-majority-unknown"
    text = "La date de naissance de la personne choisie n’est pas connue. Indiquez-la dans sa fiche, ou cochez qu’elle est majeure."


class SamePerson(DomainError):
    """Nobody is one's own trusted person."""

    code = "designation-same-person"
    text = "La personne de confiance est quelqu’un d’autre que la personne accompagnée. Choisissez un autre proche."


class LeaveMissing(DomainError):
    """A protected adult needs leave of the judge or of the family council. Source: CSP L1111-6."""

    code = "designation-leave-missing"
    text = "Pour une personne protégée avec représentation, indiquez l’autorisation du juge ou du conseil de famille : qui l’a donnée, et sa date."


class LeaveLate(DomainError):
    """Leave comes before the designation that it allows. Source: CSP L1111-6."""

    code = "designation-leave-late"
    text = "L’autorisation a été donnée après la signature de la personne, déjà représentée ce jour-là. Vérifiez les dates ; sinon, elle signe de nouveau avec cette autorisation."


class WitnessesWrong(DomainError):
    """Two people, none of whom is one of the two who sign. Source: CASF annexe 4-10 (forms of the witnesses)."""

    code = "designation-witnesses"
    text = "Pour une personne qui ne peut pas écrire, indiquez le nom et la qualité de deux témoins : ni elle-même, ni la personne choisie."


class AttestationMissing(DomainError):
    """The words of the witnesses are attached. Source: CASF annexe 4-10."""

    code = "designation-attestation-missing"
    text = "Joignez le document avec l’attestation des deux témoins, ou cochez « Une signature viendra plus tard »."


class RelativeOfAnother(DomainError):
    """The relative belongs to somebody else's file, or is no longer there."""

    code = "designation-relative-unknown"
    text = "Ce proche ne figure pas parmi ceux de la personne. Choisissez-le dans la liste, ou ajoutez-le."


class DateNotPossible(DomainError):
    """An answer or an end in the future or before a life, or out of its order."""

    code = "designation-date"
    text = "Cette date n’est pas possible : vérifiez le jour."


class ReceiverMissing(DomainError):
    """Somebody heard it."""

    code = "designation-receiver-missing"
    text = "Indiquez qui a reçu cette décision."


class AlreadyUnderWay(DomainError):
    """One proposal or one designation at a time."""

    code = "designation-under-way"
    text = "Une désignation est déjà en cours ou active pour cette personne. Ouvrez-la pour la compléter ou la changer."
    status = 409
    issue = "conflict"


class PersonHasDied(DomainError):
    """Nobody is designated after a death."""

    code = "designation-after-death"
    text = "Cette personne est décédée : une personne de confiance ne peut plus être proposée ni désignée."
    status = 409
    issue = "conflict"


class OnlyForAStay(DomainError):
    """A stay that is over takes such a designation with it. Source: CSP L1111-6 before 2024."""

    code = "designation-stay-only"
    text = "Une désignation faite pour un séjour a pris fin avec lui. Proposez à la personne d’en signer une nouvelle."


class DurationNotSaid(DomainError):
    """A doubt is lifted by an answer."""

    code = "designation-duration-not-said"
    text = "Dites si la désignation vaut sans limite de durée, ou ne valait que pour un séjour."


class MistakeUnexplained(DomainError):
    """What is taken out of the file is explained to who reads it later."""

    code = "designation-mistake-unexplained"
    text = "Dites en quelques mots pourquoi cette désignation est une erreur."


def check_mistake(record: WithdrawDesignation) -> None:
    """Raise `MistakeUnexplained` when nobody says why a record is a mistake."""
    if not record.why.strip():
        raise MistakeUnexplained(field="why")


def check_duration(duration: Duration) -> None:
    """Raise `OnlyForAStay` for a designation that somebody knows to be over."""
    if duration == Duration.STAY_ONLY:
        raise OnlyForAStay(field="duration")


def check_alive(died_on: date | None) -> None:
    """Raise `PersonHasDied` when the person who would designate has died."""
    if died_on is not None:
        raise PersonHasDied


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """What the rules look at of either of the two: names and birth date (`None` when unknown)."""

    family: str
    given: str
    born_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One designation as the rules see it. `was_represented`: somebody represented her on the day of her signature."""

    person: Somebody
    trusted: Somebody
    trusted_is_adult: bool
    signatures: Signatures
    is_protected: bool
    leave: Leave | None
    witnesses: Sequence[Witness] = ()
    has_file: bool = False
    was_represented: bool = False


def check_choice(case: Case, *, today: date) -> None:
    """Raise the first rule that forbids to prepare this designation, signed or not."""
    signed = case.signatures
    days = [day for day in (signed.person_signed_on, signed.trusted_signed_on) if day]
    if any(day > today for day in days):
        raise SignatureInFuture(field="person_signed_on")
    if signed.both and signed.trusted_signed_on < signed.person_signed_on:  # type: ignore[operator]  # (both are there)
        raise SignatureTooEarly(field="trusted_signed_on")
    if _is_same(case.person, case.trusted):
        raise SamePerson(field="relative")
    _check_witnesses(case)
    day = min(days, default=today)
    if not _is_adult(case.person, on=day):
        raise DesignatorMinor(field="person_signed_on")
    if case.trusted.born_on is None and not case.trusted_is_adult:
        raise MajorityUnknown(field="trusted_is_adult")
    if case.trusted.born_on is not None and not _is_adult(case.trusted, on=day):
        raise TrustedPersonMinor(field="relative")


def check_active(case: Case, *, today: date) -> None:
    """Raise what still keeps a designation from being active: never with one signature."""
    if not case.signatures.both:
        missing = "trusted_signed_on" if case.signatures.person_signed_on else "person_signed_on"
        raise SignatureMissing(field=missing)
    check_choice(case, today=today)
    if case.witnesses and not case.has_file:
        raise AttestationMissing(field="file")
    if case.leave and case.leave.given_on > today:
        raise DateNotPossible(field="authorised_on")
    if case.is_protected and not (case.leave and case.leave.authority.strip()):
        raise LeaveMissing(field="authority")
    if _is_late(case):
        raise LeaveLate(field="authorised_on")


def _is_late(case: Case) -> bool:
    """Tell whether leave follows her signature though she was represented then: a judge confirms later only what came before the measure."""
    signed_on = case.signatures.person_signed_on
    if not (case.is_protected and case.was_represented and case.leave and signed_on):
        return False
    return case.leave.given_on > signed_on


def check_end(record: EndDesignation, *, signatures: Signatures, today: date) -> None:
    """Raise unless a designation can end on that day and somebody received the decision."""
    if record.action not in (Action.REVOKE, Action.RENOUNCE, Action.SUSPEND):
        raise ValueError("Only a revocation, a renunciation or a suspension ends a designation.")
    if record.ended_on > today or (signatures.person_signed_on and record.ended_on < signatures.person_signed_on):
        raise DateNotPossible(field="ended_on")
    if not record.received_by.strip():
        raise ReceiverMissing(field="received_by")


def check_stated(day: date, *, born_on: date, today: date, field: str) -> None:
    """Raise `DateNotPossible` when what was said is dated after today, or before the person was born."""
    if not born_on <= day <= today:
        raise DateNotPossible(field=field)


def check_come_back(record: AnswerProposal) -> None:
    """Raise `DateNotPossible` unless the day to come back to it follows the answer."""
    if record.come_back_on is not None and record.come_back_on <= record.answered_on:
        raise DateNotPossible(field="come_back_on")


def _check_witnesses(case: Case) -> None:
    if not case.witnesses:
        return
    both = [name_key(f"{one.given} {one.family}") for one in (case.person, case.trusted)]
    named = {name_key(one.name) for one in case.witnesses if one.name.strip() and one.capacity.strip()}
    if len(named - set(both)) != WITNESSES or len(case.witnesses) != WITNESSES:
        raise WitnessesWrong(field="witness_1_name")


def _is_same(person: Somebody, trusted: Somebody) -> bool:
    same_names = (fold(person.family), fold(person.given)) == (fold(trusted.family), fold(trusted.given))
    return same_names and trusted.born_on in (None, person.born_on)


def _is_adult(somebody: Somebody, *, on: date) -> bool:
    return somebody.born_on is None or is_adult(somebody.born_on, on=on)
