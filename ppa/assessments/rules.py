"""Which answers a scale takes, what they make, and what a professional is reminded of. Source: domain.md §6.2."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from accounts.kernel.errors import DomainError
from ppa.assessments.records import AssessmentSnapshot, Result
from ppa.assessments.scale import Measure, Scale
from ppa.assessments.states import Advice, AssessmentState, Respondent

PALLIA_10: Final = "pallia-10"
ALGOPLUS: Final = "algoplus"
DOLOPLUS: Final = "doloplus"
FIRST_QUESTION: Final = "q1"
STRONG: Final = 7
"""An ESAS symptom that is strong at once; one of at least `FELT` twice running is not relieved either. Ours, to be settled by the teams."""
FELT: Final = 4
RECENT: Final = timedelta(days=30)
"""How long a result still advises."""


class AnswerUnknown(DomainError):
    """A scale has its own items and its own values."""

    code = "assessment-answer-unknown"
    text = "Une réponse ne fait pas partie de cette échelle. Rechargez la page, puis recommencez."


class AnswerMissing(DomainError):
    """Some scales say nothing when an answer is missing."""

    code = "assessment-answer-missing"
    text = "Il manque une réponse sans laquelle cette échelle ne dit rien. Complétez-la, ou enregistrez plus tard."


class NothingAnswered(DomainError):
    """A scale without any answer is none."""

    code = "assessment-nothing-answered"
    text = "Aucune réponse n’est notée. Répondez au moins à une question."


class FirstQuestionEnds(DomainError):
    """PALLIA-10 goes on only when the disease will not be cured. Source: PALLIA-10, SFAP."""

    code = "assessment-pallia-first-question"
    text = "Si la maladie peut guérir, PALLIA-10 s’arrête à la première question. Laissez les autres sans réponse."


class AssessedInFuture(DomainError):
    """Nobody has observed tomorrow."""

    code = "assessment-in-future"
    text = "La date est dans le futur. Indiquez le jour où l’échelle a été remplie."


class AssessedBeforeBirth(DomainError):
    """Nobody is assessed before birth."""

    code = "assessment-before-birth"
    text = "La date est antérieure à la naissance de la personne. Vérifiez-la."


class AssessedAfterDeath(DomainError):
    """Nobody is assessed after death."""

    code = "assessment-after-death"
    text = "La date suit celle du décès de la personne. Vérifiez-la."


class RespondentUnfit(DomainError):
    """Some scales are answered by the person, others are observed."""

    code = "assessment-respondent"
    text = "Cette échelle n’est pas prévue pour être remplie ainsi. Choisissez qui a répondu dans la liste proposée."


def check_day(assessed_on: date, *, born: date, died: date | None, today: date) -> None:
    """Raise when a day lies outside the person's life or in the future."""
    if assessed_on > today:
        raise AssessedInFuture(field="assessed_on")
    if assessed_on < born:
        raise AssessedBeforeBirth(field="assessed_on")
    if died is not None and assessed_on > died:
        raise AssessedAfterDeath(field="assessed_on")


def check_respondent(scale: Scale, respondent: Respondent) -> None:
    """Raise `RespondentUnfit` unless the scale may be answered so."""
    if respondent not in scale.respondents:
        raise RespondentUnfit(field="respondent")


def check_answers(scale: Scale, answers: Mapping[str, Decimal]) -> None:
    """Raise unless the answers are the scale's own, and enough of them."""
    values = {item.code: item.values for item in scale.items}
    if any(value not in values.get(code, ()) for code, value in answers.items()):
        raise AnswerUnknown
    if not answers:
        raise NothingAnswered
    if scale.code == PALLIA_10 and answers.get(FIRST_QUESTION) == 0 and len(answers) > 1:
        raise FirstQuestionEnds
    missing = next((item.code for item in scale.items if item.is_required and item.code not in answers), "")
    if missing:
        raise AnswerMissing(field=missing)


def result_of(scale: Scale, answers: Mapping[str, Decimal], *, pallia_threshold: int) -> Result:
    """Return what checked answers make: a sum, blank items counting for nothing, or the only answer.

    `pallia_threshold` is the PALLIA-10 score from which a palliative team is suggested: SFAP says more than 3,
    other teams 3 or 5, so it is a setting.
    """
    score = sum(answers.values(), Decimal(0))
    is_partial = len(answers) < len(scale.items) and not _is_over(scale, answers)
    if scale.code == PALLIA_10 and score >= pallia_threshold:
        return Result(score=score, label="Besoin repéré", advice=Advice.PALLIATIVE_TEAM, is_partial=is_partial)
    band = scale.band(score)
    label, advice = band.label, band.advice
    if scale.measure == Measure.PROFILE:
        code, strongest = max(answers.items(), key=lambda answer: answer[1])
        label = f"Le plus fort : {scale.item(code).label.lower()}, {strongest}"
        advice = Advice.SYMPTOM if strongest >= STRONG else None
    return Result(score=score, label=label, advice=advice, is_partial=is_partial)


def charted(assessment: AssessmentSnapshot) -> tuple[Decimal, Decimal, Decimal]:
    """Return what the course of a scale follows, with its least and greatest value: its score, or its strongest symptom.

    The sum of symptoms would hide the one that hurts.
    """
    scale = assessment.scale
    if scale.measure != Measure.PROFILE:
        return assessment.result.score, scale.low, scale.high
    return max(assessment.answers.values()), Decimal(0), max(scale.items[0].values)


def advice_from(assessments: Iterable[AssessmentSnapshot], *, today: date) -> tuple[Advice, ...]:
    """Return what the last result of each scale suggests, each once, in the order of `Advice`; old results are silent."""
    by_scale = _recent_by_scale(assessments, today=today)
    found = {one[0].result.advice for one in by_scale.values()}
    if any(_is_unrelieved(one) for one in by_scale.values()):
        found.add(Advice.SYMPTOM)
    if _was_looked_at_again(by_scale):
        found.discard(Advice.SECOND_SCALE)
    return tuple(advice for advice in Advice if advice in found)


def _recent_by_scale(assessments: Iterable[AssessmentSnapshot], *, today: date) -> dict[str, list[AssessmentSnapshot]]:
    counted = [
        one for one in assessments if one.state == AssessmentState.RECORDED and today - one.assessed_on <= RECENT
    ]
    by_scale: dict[str, list[AssessmentSnapshot]] = {}
    for one in sorted(counted, key=lambda one: (one.assessed_on, one.created_at), reverse=True):
        by_scale.setdefault(one.scale.code, []).append(one)
    return by_scale


def _was_looked_at_again(by_scale: Mapping[str, Sequence[AssessmentSnapshot]]) -> bool:
    first, second = by_scale.get(ALGOPLUS), by_scale.get(DOLOPLUS)
    return bool(first and second and second[0].assessed_on >= first[0].assessed_on)


def _is_unrelieved(latest_first: Sequence[AssessmentSnapshot]) -> bool:
    if latest_first[0].scale.measure != Measure.PROFILE or len(latest_first) == 1:
        return False
    last, before = latest_first[0].answers, latest_first[1].answers
    return any(value >= FELT and before.get(code, Decimal(0)) >= FELT for code, value in last.items())


def _is_over(scale: Scale, answers: Mapping[str, Decimal]) -> bool:
    return scale.code == PALLIA_10 and answers.get(FIRST_QUESTION) == 0
