"""Pure rules of requests: what may be sent, when an answer is late, and how structures are compared, with reasons."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from accounts.kernel.errors import DomainError
from pathway.referrals.records import (
    SECTION_LABELS,
    Candidate,
    Dossier,
    Match,
    MatchReason,
    Situation,
    Verdict,
    Waiting,
)
from pathway.referrals.states import LIVE, LineState, Urgency
from pathway.structures.states import EXCLUSION_LABELS, REFERRAL_KINDS, OfferKind

LEVELS = (1, 2, 3)
NEEDED_SECTIONS = ("reason", "question", "diagnosis", "callback")
FURTHEST_OFFER = timedelta(days=90)
LONGEST_LIST = 999
GRACE = timedelta(days=14)
"""How long after the wanted answer a silent line stays open."""

USUAL_ANSWER: Mapping[Urgency, timedelta] = {
    Urgency.STAT: timedelta(hours=4),
    Urgency.ASAP: timedelta(hours=24),
    Urgency.URGENT: timedelta(hours=48),
    Urgency.ROUTINE: timedelta(days=7),
}


class KindTakesNoRequest(DomainError):
    """This kind of structure is called or written to, not asked through a request."""

    code = "referral-kind"
    text = "Ce type de structure ne reçoit pas de demande ici. Choisissez un autre type, ou appelez la structure."


class LevelUnknown(DomainError):
    """There are three levels of gradation."""

    code = "referral-level"
    text = "Indiquez le niveau de recours : 1, 2 ou 3."


class SectionMissing(DomainError):
    """What no structure can do without."""

    code = "referral-section-missing"
    text = "Complétez « {section} » avant d’envoyer : la structure en a besoin pour répondre."


class AnswerDatePast(DomainError):
    """An answer cannot be wanted yesterday."""

    code = "referral-answer-date"
    text = "La date de réponse souhaitée est passée. Choisissez une date à venir."


class PersonHasDied(DomainError):
    """Nothing is asked any more for a person who died."""

    code = "referral-person-deceased"
    text = "Le décès de cette personne est enregistré : aucune demande ne peut plus être envoyée."
    status = 409
    issue = "conflict"


class NoRecipient(DomainError):
    """A request is sent to somebody."""

    code = "referral-no-recipient"
    text = "Choisissez au moins une structure."


class OfferTakesNoRequest(DomainError):
    """An unknown, closed or merely listed structure."""

    code = "referral-offer"
    text = "Une des structures choisies n’existe pas ou ne reçoit pas de demande. Revenez à la liste et choisissez-en une autre."


class AlreadyAsked(DomainError):
    """The structure has the request already."""

    code = "referral-already-asked"
    text = "Cette structure a déjà reçu la demande. Suivez sa réponse, ou relancez-la."
    status = 409
    issue = "duplicate"


class RequestNotActive(DomainError):
    """Only an active request goes to further structures."""

    code = "referral-not-active"
    text = "Cette demande n’est plus en cours. Préparez-en une nouvelle."
    status = 409
    issue = "conflict"


class AdmittedElsewhere(DomainError):
    """Another structure was first."""

    code = "referral-admitted-elsewhere"
    text = (
        "La personne vient d’être accueillie par une autre structure : la demande est close, votre place reste libre."
    )
    status = 409
    issue = "conflict"


class TextMissing(DomainError):
    """A question or an answer without words."""

    code = "referral-text-missing"
    text = "Écrivez votre message avant de l’envoyer."


class RankWrong(DomainError):
    """A waiting list starts at one, and no list is longer than some hundreds."""

    code = "referral-rank"
    text = "Indiquez le rang sur la liste d’attente, entre 1 et 999."


class OfferDateWrong(DomainError):
    """A place is offered for a day soon."""

    code = "referral-offer-date"
    text = "Indiquez un jour entre aujourd’hui et les trois mois qui viennent."


class AdmissionInFuture(DomainError):
    """An admission is a fact."""

    code = "referral-admission-future"
    text = "L’arrivée est dans le futur. Indiquez l’heure à laquelle la personne est arrivée."


class AlreadyReminded(DomainError):
    """One reminder a day is enough."""

    code = "referral-already-reminded"
    text = "Cette structure a déjà été relancée dans les dernières 24 heures. Appelez-la plutôt."
    status = 409
    issue = "duplicate"


class NothingToRemind(DomainError):
    """A structure that answered needs no reminder."""

    code = "referral-nothing-to-remind"
    text = "Cette structure n’a pas de réponse en attente."
    status = 409
    issue = "conflict"


def check_request(*, kind: OfferKind, level: int, answer_wanted_by: datetime | None, now: datetime) -> None:
    """Raise when a draft asks for what cannot be."""
    if kind not in REFERRAL_KINDS:
        raise KindTakesNoRequest(field="kind")
    if level not in LEVELS:
        raise LevelUnknown(field="level")
    if answer_wanted_by is not None and answer_wanted_by <= now:
        raise AnswerDatePast(field="answer_wanted_by")


def check_ready(dossier: Dossier) -> None:
    """Raise `SectionMissing` unless the sections that a structure cannot do without are filled."""
    for section in NEEDED_SECTIONS:
        if not getattr(dossier, section).strip():
            raise SectionMissing(field=section, section=SECTION_LABELS[section])


def check_alive(died_on: date | None) -> None:
    """Raise `PersonHasDied` once a death is recorded."""
    if died_on is not None:
        raise PersonHasDied


def check_text(text: str) -> str:
    """Return a message without its outer blanks; raise `TextMissing` when nothing is left."""
    if not text.strip():
        raise TextMissing(field="text")
    return text.strip()


def check_rank(rank: int) -> None:
    """Raise `RankWrong` for what is no place on a list."""
    if not 1 <= rank <= LONGEST_LIST:
        raise RankWrong(field="rank")


def check_offered_day(on: date, today: date) -> None:
    """Raise `OfferDateWrong` for a day that is past or more than three months away."""
    if not today <= on <= today + FURTHEST_OFFER:
        raise OfferDateWrong(field="on")


def check_admission(at: datetime, *, now: datetime) -> None:
    """Raise `AdmissionInFuture` for an arrival that has not happened."""
    if at > now + timedelta(minutes=5):
        raise AdmissionInFuture(field="admitted_at")


def check_reminder(*, is_silent: bool, last: datetime | None, now: datetime) -> None:
    """Raise unless an answer is awaited and the last reminder is a day old."""
    if not is_silent:
        raise NothingToRemind
    if last is not None and now - last < timedelta(hours=24):
        raise AlreadyReminded


def answer_due(*, sent_at: datetime, urgency: Urgency, answer_wanted_by: datetime | None) -> datetime:
    """Return when an answer is late: the date asked for, else the usual time for this urgency."""
    return answer_wanted_by or sent_at + USUAL_ANSWER[urgency]


def expires_at(*, sent_at: datetime, urgency: Urgency, answer_wanted_by: datetime | None) -> datetime:
    """Return when a silent line is given up."""
    return answer_due(sent_at=sent_at, urgency=urgency, answer_wanted_by=answer_wanted_by) + GRACE


def is_lost(states: Iterable[LineState]) -> bool:
    """Tell whether every structure asked has ended its line without an admission: the sender must act."""
    asked = list(states)
    return bool(asked) and not any(state in LIVE or state == LineState.ENDED for state in asked)


def match_offers(situation: Situation, candidates: Iterable[Candidate]) -> tuple[Match, ...]:
    """Return every structure with its reasons, best first: fitting, then to confirm, then lacking something.

    Advice, never a decision: near misses stay in the list. Source: domain.md §5.3.
    """
    matches = [_match(situation, candidate) for candidate in candidates]
    return tuple(sorted(matches, key=_rank))


def _match(situation: Situation, candidate: Candidate) -> Match:
    reasons = tuple(_reasons(situation, candidate))
    verdicts = {reason.verdict for reason in reasons}
    worst = next(v for v in (Verdict.MISSING, Verdict.TO_CONFIRM, Verdict.FITS) if v in verdicts)
    return Match(candidate=candidate, verdict=worst, reasons=reasons)


_ORDER = {Verdict.FITS: 0, Verdict.TO_CONFIRM: 1, Verdict.MISSING: 2}


def _rank(match: Match) -> tuple[int, int, int, str, str]:
    lacking = sum(reason.verdict == Verdict.MISSING for reason in match.reasons)
    places, offer = match.candidate.places, match.candidate.offer
    free = places.free if places and places.free else 0
    return _ORDER[match.verdict], lacking, -free, offer.name, str(offer.id)


def _reasons(situation: Situation, candidate: Candidate) -> Iterator[MatchReason]:
    yield _territory(situation, candidate)
    yield _level(situation, candidate)
    yield from _age(situation, candidate)
    yield from _needs(situation, candidate)
    yield from _carer(situation, candidate)
    yield from _places(candidate)


def _territory(situation: Situation, candidate: Candidate) -> MatchReason:
    if not situation.commune and not situation.departement:
        return MatchReason(Verdict.TO_CONFIRM, "Commune de la personne non renseignée : secteur à confirmer")
    if candidate.covers:
        return MatchReason(Verdict.FITS, "Intervient dans son secteur")
    return MatchReason(Verdict.MISSING, "Hors de son secteur habituel")


def _level(situation: Situation, candidate: Candidate) -> MatchReason:
    levels = candidate.offer.criteria.levels or candidate.offer.facts_of_kind.levels
    if not levels:
        return MatchReason(Verdict.TO_CONFIRM, "Niveaux de recours non précisés")
    if situation.level in levels:
        return MatchReason(Verdict.FITS, f"Prend en charge le niveau {situation.level}")
    shown = ", ".join(str(level) for level in sorted(levels))
    return MatchReason(
        Verdict.MISSING, f"Prend en charge le niveau {shown}, la demande est de niveau {situation.level}"
    )


def _age(situation: Situation, candidate: Candidate) -> Iterator[MatchReason]:
    facts, criteria = candidate.offer.facts_of_kind, candidate.offer.criteria
    low = criteria.min_age if criteria.min_age is not None else facts.min_age
    high = criteria.max_age if criteria.max_age is not None else facts.max_age
    if low is None and high is None:
        return
    if situation.age is None:
        yield MatchReason(Verdict.TO_CONFIRM, "Âge à confirmer")
    elif (low is not None and situation.age < low) or (high is not None and situation.age > high):
        bounds = f"à partir de {low} ans" if high is None else f"jusqu’à {high} ans"
        yield MatchReason(Verdict.MISSING, f"Accueille {bounds}")
    else:
        yield MatchReason(Verdict.FITS, "Âge accueilli")


def _needs(situation: Situation, candidate: Candidate) -> Iterator[MatchReason]:
    for need in sorted(situation.needs):
        label = EXCLUSION_LABELS[need]
        if need in candidate.offer.criteria.excludes:
            yield MatchReason(Verdict.MISSING, f"{label} : non prise en charge ici")
        else:
            yield MatchReason(Verdict.FITS, f"{label} : pas d’obstacle signalé")


def _carer(situation: Situation, candidate: Candidate) -> Iterator[MatchReason]:
    if not candidate.offer.criteria.needs_home_carer:
        return
    if situation.has_carer is None:
        yield MatchReason(Verdict.TO_CONFIRM, "Demande un proche présent au domicile : à confirmer")
    elif situation.has_carer:
        yield MatchReason(Verdict.FITS, "Un proche est présent au domicile")
    else:
        yield MatchReason(Verdict.MISSING, "Demande un proche présent au domicile")


def _places(candidate: Candidate) -> Iterator[MatchReason]:
    places = candidate.places
    if places is None or places.nature is None:
        return
    if places.free is None:
        yield MatchReason(Verdict.TO_CONFIRM, "Places non déclarées : à confirmer par téléphone")
    elif places.free == 0:
        yield MatchReason(Verdict.TO_CONFIRM, f"Aucune place libre ({places.age})")
    elif places.is_stale:
        yield MatchReason(Verdict.TO_CONFIRM, f"Places libres : {places.free}, chiffre à confirmer ({places.age})")
    else:
        yield MatchReason(Verdict.FITS, f"Places libres : {places.free} ({places.age})")


def waiting(*, since: datetime, due: datetime, until: datetime | None, now: datetime) -> Waiting:
    """Return the clock of an awaited answer; `until` is when it came, `None` while it is awaited."""
    elapsed, whole = (until or now) - since, due - since
    percent = min(100, max(0, int(100 * elapsed / whole))) if whole > timedelta(0) else 100
    state = "stopped" if until else "late" if now > due else "soon" if percent >= _SOON else "ok"
    return Waiting(
        elapsed=duration_words(elapsed), target=duration_words(whole), percent=percent, state=state, since=since
    )


_SOON = 75
_HOUR, _TWO_DAYS = timedelta(hours=1), timedelta(hours=48)


def duration_words(length: timedelta) -> str:
    """Return a length of time as a person says it: « 40 min », « 26 h », « 3 jours »."""
    if length < _HOUR:
        return f"{max(0, int(length.total_seconds() // 60))} min"
    if length < _TWO_DAYS:
        return f"{int(length.total_seconds() // 3600)} h"
    return f"{length.days} jours"
