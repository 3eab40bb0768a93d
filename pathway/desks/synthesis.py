"""What no other paper tells, on one sheet for the professionals: announcements, scores and level, contradictions, after a death."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from accounts.kernel.written_days import written_day
from accounts.people.records import PersonSnapshot
from pathway.cases.records import AssessedLevel
from pathway.cases.states import LEVEL_LABELS
from ppa.after_death.records import ContactSnapshot, TellingWishSnapshot
from ppa.after_death.states import CONTACT
from ppa.announcements.records import ANSWER_LABELS, AnnouncementSnapshot, ProposalSnapshot
from ppa.announcements.states import PROPOSAL, TRIGGER_LABELS
from ppa.assessments.records import AssessmentSnapshot
from ppa.assessments.states import RESPONDENT_LABELS, AssessmentState
from ppa.contradictions.records import Contradiction
from ppa.sheets.paper import Part, Sheet, sheet_pdf

INTRO = (
    "Pour les professionnels du cercle de soins. Ce papier ne remplace ni le plan, ni les directives, ni la fiche "
    "d’urgence. Il peut dire plus que ce que la personne souhaite savoir : ne le laissez pas chez elle sans lui demander."
)
NOTHING = "Rien n’est noté."
NOTHING_OPEN = "Aucune, parmi les documents ouverts à qui imprime ce papier."
Row = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Synthesis:
    """What the sheet says on a day; a part that is `None` is closed to who prints it, and is left out."""

    person: PersonSnapshot
    as_of: date
    announcements: Sequence[AnnouncementSnapshot] | None = None
    proposal: ProposalSnapshot | None = None
    assessments: Sequence[AssessmentSnapshot] | None = None
    levels: Sequence[AssessedLevel] | None = None
    contradictions: Sequence[Contradiction] | None = None
    wishes: Sequence[TellingWishSnapshot] | None = None
    contacts: Sequence[tuple[str, ContactSnapshot]] | None = None


def synthesis_pdf(told: Synthesis) -> bytes:
    """Return the PDF; the same content on the same day gives the same bytes."""
    parts = (
        ("L’annonce et la proposition d’un plan", told.announcements, _announced(told), NOTHING),
        ("Dernières évaluations", told.assessments, _scores(told.assessments or ()), NOTHING),
        ("Niveau de gradation", told.levels, _level(told.levels or ()), NOTHING),
        ("Contradictions à lever", told.contradictions, _contradictions(told.contradictions or ()), NOTHING_OPEN),
        ("Les proches, après le décès", told.contacts, _after_death(told), NOTHING),
    )
    return sheet_pdf(
        Sheet(
            title="Synthèse du suivi",
            subtitle=f"État au {written_day(told.as_of)}",
            version=f"état au {written_day(told.as_of)}",
            person=told.person,
            intro=INTRO,
            parts=tuple(
                Part(title=title, rows=tuple(rows), text="" if rows else nothing)
                for title, given, rows, nothing in parts
                if given is not None
            ),
            made_at=datetime.combine(told.as_of, time(12), UTC),
        )
    )


def _announced(told: Synthesis) -> list[Row]:
    rows = []
    for one in told.announcements or ():
        diagnosis = " – ".join(part for part in (one.diagnosis_label, one.diagnosis_code) if part)
        rows += [
            (TRIGGER_LABELS[one.trigger], _sentence(f"Le {written_day(one.announced_on)}", diagnosis)),
            *_said(
                ("Personnes présentes", one.present),
                ("Ce qu’elle a compris", one.knows),
                ("Ce qu’elle souhaite savoir", one.wishes_to_know),
            ),
        ]
    if told.proposal:
        proposed = f"Le {written_day(told.proposal.proposed_on)}"
        rows.append(("Plan proposé", _sentence(proposed, PROPOSAL.label(told.proposal.state))))
        for given in told.proposal.answers:
            again = f"à reprendre le {written_day(given.come_back_on)}" if given.come_back_on else ""
            day = f"Le {written_day(given.answered_on)}"
            rows.append(("Sa réponse", _sentence(day, ANSWER_LABELS[given.answer], given.reason, again)))
    return rows


def _scores(assessments: Iterable[AssessmentSnapshot]) -> list[Row]:
    """Return the last result of each scale; `assessments` are the latest first."""
    last: dict[str, AssessmentSnapshot] = {}
    for one in assessments:
        if one.state == AssessmentState.RECORDED:
            last.setdefault(one.scale.code, one)
    return [
        (
            one.scale.title,
            _sentence(
                f"{one.result.score.normalize():f}".replace(".", ","),
                one.result.label,
                f"le {written_day(one.assessed_on)}",
                f"réponses : {RESPONDENT_LABELS[one.respondent].lower()}",
                "échelle incomplète" if one.result.is_partial else "",
            ),
        )
        for one in last.values()
    ]


def _level(levels: Sequence[AssessedLevel]) -> list[Row]:
    if not levels:
        return []
    return [
        (LEVEL_LABELS[levels[0].level], _sentence(f"Évalué le {written_day(levels[0].assessed_on)}", levels[0].reason))
    ]


def _contradictions(found: Iterable[Contradiction]) -> list[Row]:
    return [(one.subject, _sentence(one.sentence, f"{one.first.source} ; {one.second.source}")) for one in found]


def _after_death(told: Synthesis) -> list[Row]:
    rows = []
    for wish in (told.wishes or ())[:1]:
        rows += _said(
            ("Qui prévient", wish.by_whom),
            ("Ses mots", f"« {wish.words} »" if wish.words else ""),
            ("Ne souhaite pas", wish.not_so),
        )
    for relative, one in told.contacts or ():
        day = f"le {written_day(one.happened_on)}" if one.happened_on else f"pour le {written_day(one.due_on)}"
        rows.append((relative, _sentence(one.label, CONTACT.label(one.state).lower(), day, one.by_whom)))
    return rows


def _said(*rows: Row) -> list[Row]:
    return [row for row in rows if row[1].strip()]


def _sentence(*parts: str) -> str:
    return " · ".join(part.strip() for part in parts if part.strip())
