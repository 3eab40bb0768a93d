"""What a decision needs before it can be taken.

Source: CSP L1111-11 (non-application), R1111-20 (order of the search), L1110-5-1, L1110-5-2, R4127-37-2, R4127-37-3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from accounts.kernel.errors import DomainError
from ppa.collegial_decisions.records import (
    Decide,
    NoteOpinion,
    NoteSearch,
    NoteTold,
    OpenDecision,
    OpinionNoted,
    Physician,
)
from ppa.collegial_decisions.states import (
    AT_HER_REQUEST,
    GROUNDS,
    SEARCHED,
    AskedBy,
    Ground,
    Informed,
    Kind,
    Result,
    Step,
)
from ppa.directives.rules import name_key

TITLES = frozenset({"dr", "docteur", "pr", "professeur"})


class GroundUnfit(DomainError):
    """Each kind of decision has its grounds."""

    code = "decision-ground"
    text = "Ce motif ne correspond pas à cette décision. Choisissez-en un dans la liste."


class AboutMissing(DomainError):
    """A decision is about something."""

    code = "decision-about-missing"
    text = "Indiquez de quels traitements ou de quelles volontés il s’agit."


class RequestMissing(DomainError):
    """On this ground the person asks. Source: CSP L1110-5-2, 1° and 2°."""

    code = "decision-request-missing"
    text = "Dans cette situation, la sédation se fait à la demande de la personne : indiquez le jour de sa demande."


class NoDirectives(DomainError):
    """One does not apply what exists."""

    code = "decision-no-directives"
    text = "Aucunes directives valides ne sont connues ici : il n’y a rien à ne pas appliquer."


class SedationRefused(DomainError):
    """A deep sedation that the directives refuse. Source: CSP L1110-5-2, last sentence of the third case."""

    code = "decision-sedation-refused"
    text = "Les directives de la personne refusent la sédation profonde et continue. Dans cette situation, elle n’est pas possible."


class DayInFuture(DomainError):
    """What is noted has happened."""

    code = "decision-in-future"
    text = "Cette date est dans le futur. Indiquez le jour où cela a eu lieu."


class OutOfOrder(DomainError):
    """The search follows the order of the law. Source: CSP R1111-20."""

    code = "decision-search-order"
    text = "Les volontés se cherchent dans l’ordre : notez d’abord les étapes qui précèdent."


class SearchMissing(DomainError):
    """The person's will was not looked for. Source: CSP R1111-20."""

    code = "decision-search-missing"
    text = "La recherche des volontés n’est pas finie. Notez chaque étape dans l’ordre, jusqu’à la première qui répond."


class ConsultantNotIndependent(DomainError):
    """No hierarchical link. Source: CSP R4127-37-2."""

    code = "decision-consultant"
    text = (
        "Le médecin consultant n’a pas de lien hiérarchique avec le médecin qui décide. Choisissez un autre consultant."
    )


class OpinionUnreasoned(DomainError):
    """An opinion is reasoned, and somebody's."""

    code = "decision-opinion-unreasoned"
    text = "Indiquez le nom du médecin consultant et son avis motivé."


class SamePhysician(DomainError):
    """Somebody said to be another physician who cannot be told from one who gave his opinion."""

    code = "decision-same-physician"
    text = "Un médecin de ce nom, ou de ce numéro, a déjà donné son avis. Indiquez le numéro RPPS de celui‑ci, ou dites qu’il complète son avis."


class OpinionOfDecider(DomainError):
    """Who decides does not consult himself. Source: CSP R4127-37-2."""

    code = "decision-opinion-of-decider"
    text = "Le médecin qui décide n’est pas son propre consultant. Notez l’avis motivé d’un autre médecin ; s’il porte le même nom, indiquez son prénom ou son numéro RPPS."


class OpinionMissing(DomainError):
    """At least one consultant. Source: CSP R4127-37-2."""

    code = "decision-opinion-missing"
    text = "Il manque l’avis motivé d’au moins un médecin consultant. Notez-le d’abord."


class SecondOpinionMissing(DomainError):
    """A second consultant, when one of the physicians finds it useful. Source: CSP R4127-37-2."""

    code = "decision-second-opinion"
    text = (
        "Un second avis a été demandé. Notez l’avis motivé d’un autre médecin consultant. "
        "Si les noms se ressemblent, indiquez son numéro RPPS ou dites que c’est un autre médecin."
    )


class OpeningUntold(DomainError):
    """The trusted person, failing that family or a close one, is told of the procedure. Source: CSP R4127-37-2."""

    code = "decision-opening-untold"
    text = "Notez d’abord qui a été informé que la procédure est ouverte : la personne de confiance, à défaut la famille ou un proche."


class GuardianUnheard(DomainError):
    """Parents, or who is in charge of the protection, are heard but in an emergency. Source: CSP R4127-37-2."""

    code = "decision-guardian-unheard"
    text = "La personne est mineure, ou protégée avec représentation : indiquez l’avis de ses parents ou de la personne chargée de la mesure."


class TeamMissing(DomainError):
    """Concertation with the team present. Source: CSP R4127-37-2."""

    code = "decision-team-missing"
    text = "Indiquez les membres de l’équipe de soins qui ont participé à la concertation."


class MotivesMissing(DomainError):
    """A decision is reasoned, in the file."""

    code = "decision-motives-missing"
    text = "Indiquez les motifs de la décision."


class InformedMissing(DomainError):
    """The trusted person, failing that family or a close one, is told. Source: CSP L1111-11."""

    code = "decision-informed-missing"
    text = "Indiquez qui a été informé de la décision, et quel jour."


class TrustedPersonFirst(DomainError):
    """The trusted person comes first. Source: CSP L1111-11."""

    code = "decision-trusted-person-first"
    text = "Une personne de confiance est désignée : c’est elle qui est informée d’abord."


class TrustedPersonAsks(DomainError):
    """Family and relatives require the procedure only where nobody was designated. Source: CSP R4127-37-2."""

    code = "decision-trusted-person-asks"
    text = "Une personne de confiance est désignée : c’est elle qui peut exiger la procédure. Pour ne pas attendre, le médecin peut aussi l’engager de lui-même : choisissez « Le médecin »."


class SedationIncomplete(DomainError):
    """With pain relief and the end of life-sustaining treatments. Source: CSP L1110-5-2."""

    code = "decision-sedation-incomplete"
    text = "La sédation profonde et continue s’accompagne d’un traitement de la douleur et de l’arrêt du maintien en vie. Indiquez-les, avec le lieu."


class EndTooEarly(DomainError):
    """Nothing ends before it began."""

    code = "decision-end"
    text = "La fin ne peut pas précéder le début, ni être dans le futur."


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the rules look at of the person: valid directives, whether they refuse a deep sedation, a trusted person.

    `is_represented`: she is a minor, or somebody represents her by a measure of protection.
    """

    has_directives: bool
    refuses_sedation: bool
    has_trusted_person: bool
    is_represented: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """How far a procedure is: results of the search, who gave an opinion in which order, whether a second was asked for, who decides, whether somebody was told."""

    ground: Ground
    results: Sequence[Result]
    consultants: Sequence[Physician]
    decider: Physician
    asks_second: bool = False
    is_told: bool = False


def check_opening(record: OpenDecision, *, known: Known, today: date) -> None:
    """Raise the first rule that forbids to open this procedure."""
    if record.ground not in GROUNDS[record.kind]:
        raise GroundUnfit(field="ground")
    if not record.about.strip():
        raise AboutMissing(field="about")
    if record.kind == Kind.NON_APPLICATION and not known.has_directives:
        raise NoDirectives
    if record.ground in AT_HER_REQUEST and record.requested_on is None:
        raise RequestMissing(field="requested_on")
    if record.requested_on is not None and record.requested_on > today:
        raise DayInFuture(field="requested_on")
    if known.has_trusted_person and record.asked_by in (AskedBy.FAMILY, AskedBy.RELATIVE):
        raise TrustedPersonAsks(field="asked_by")
    _check_sedation(record.ground, known)


def check_search(record: NoteSearch, *, done: Sequence[Step], today: date) -> None:
    """Raise unless every step before this one was noted. Source: CSP R1111-20."""
    if record.searched_on > today:
        raise DayInFuture(field="searched_on")
    steps = list(Step)
    if not set(steps[: steps.index(record.step)]) <= set(done):
        raise OutOfOrder(field="step")


def check_opinion(record: NoteOpinion, *, before: Sequence[Physician], today: date) -> None:
    """Raise unless the opinion is reasoned and comes from a physician without a hierarchical link.

    `before`: who gave an opinion already; one said to be another than they must be told from each.
    """
    if not record.is_independent:
        raise ConsultantNotIndependent(field="is_independent")
    if not (record.name.strip() and record.opinion.strip()):
        raise OpinionUnreasoned(field="opinion")
    if record.is_another and not all(are_two(one, record) for one in before):
        raise SamePhysician(field="rpps")
    if record.given_on > today:
        raise DayInFuture(field="given_on")


def check_told(record: NoteTold, *, known: Known, today: date) -> None:
    """Raise unless the right person was told of the procedure, on a day that has come."""
    if record.told_on > today:
        raise DayInFuture(field="told_on")
    if known.has_trusted_person and record.told != Informed.TRUSTED_PERSON:
        raise TrustedPersonFirst(field="told")
    if record.told != Informed.NOBODY and not record.name.strip():
        raise InformedMissing(field="name")


def is_searched(results: Sequence[Result]) -> bool:
    """Tell whether the search is over: something was found, or every step was tried."""
    return Result.FOUND in results or len(results) == len(Step)


def check_decision(record: Decide, *, prepared: Prepared, known: Known, today: date) -> None:
    """Raise what is still missing before the decision. In an emergency, only motives and dates are asked."""
    if max(record.decided_on, record.informed_on or record.decided_on) > today:
        raise DayInFuture(field="decided_on")
    if not record.motives.strip():
        raise MotivesMissing(field="motives")
    ground = prepared.ground
    if ground == Ground.EMERGENCY:
        return
    _check_prepared(prepared)
    if known.is_represented and not record.guardian_opinion.strip():
        raise GuardianUnheard(field="guardian_opinion")
    if not record.team.strip():
        raise TeamMissing(field="team")
    _check_informed(record, known)
    if ground in GROUNDS[Kind.DEEP_SEDATION]:
        _check_sedation(ground, known)
        if not (record.has_pain_relief and record.stops_life_support and record.place.strip()):
            raise SedationIncomplete(field="place")


def check_end(ended_on: date, *, starts_on: date, today: date) -> None:
    """Raise unless a decision may end on that day."""
    if not starts_on <= ended_on <= today:
        raise EndTooEarly(field="ended_on")


def _check_prepared(prepared: Prepared) -> None:
    if not prepared.is_told:
        raise OpeningUntold
    if prepared.ground in SEARCHED and not is_searched(prepared.results):
        raise SearchMissing
    if not prepared.consultants:
        raise OpinionMissing
    others = [one for one in prepared.consultants if not _is_decider(one, prepared.decider)]
    if not others:
        raise OpinionOfDecider
    if prepared.asks_second and not any(are_two(one, other) for one, other in combinations(others, 2)):
        raise SecondOpinionMissing


def second_opinions(opinions: Sequence[OpinionNoted]) -> tuple[OpinionNoted, ...]:
    """Return the opinions that answer the wish for a second one: of another physician than the first; nothing when nobody asked."""
    if not any(one.asks_second for one in opinions):
        return ()
    return tuple(one for one in opinions[1:] if are_two(opinions[0], one))


def are_two(one: Physician, other: Physician) -> bool:
    """Tell whether a physician noted after another is surely not the same.

    Their numbers say it. Without them, names that share no word; when they share some, whoever
    noted the second, unless the names are the same and he gave no number of his.
    """
    if one.rpps and other.rpps:
        return one.rpps != other.rpps
    names = _words(one), _words(other)
    if all(names) and not names[0] & names[1]:
        return True
    return other.is_another and (names[0] != names[1] or bool(other.rpps))


def _is_decider(one: Physician, decider: Physician) -> bool:
    """Tell whether a consultant may be who decides: the same number; without both, no name that the other does not bear."""
    if one.rpps and decider.rpps:
        return one.rpps == decider.rpps
    return _words(one) <= _words(decider)


def _words(one: Physician) -> frozenset[str]:
    return name_key(one.name) - TITLES


def _check_informed(record: Decide, known: Known) -> None:
    if known.has_trusted_person and record.informed != Informed.TRUSTED_PERSON:
        raise TrustedPersonFirst(field="informed")
    if record.informed != Informed.NOBODY and (record.informed_on is None or not record.informed_name.strip()):
        raise InformedMissing(field="informed_on")


def _check_sedation(ground: Ground, known: Known) -> None:
    if ground == Ground.CANNOT_EXPRESS and known.refuses_sedation:
        raise SedationRefused
