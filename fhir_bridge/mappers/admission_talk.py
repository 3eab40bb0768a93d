"""What a person was asked on admission, as a QuestionnaireResponse of a Questionnaire of ours.

It tells that the question was put and what she answered, never what directives say: a Consent tells that. Who was
asked and could not answer is told as such; that nothing was asked has no resource. Source: FHIR R4 Questionnaire,
QuestionnaireResponse; CSP L1111-6, R1111-19.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from fhir_bridge.mappers.care_plan import said
from fhir_bridge.r4.datatypes import Json, coding, compact, reference
from fhir_bridge.r4.systems import LOCAL, LOCAL_QUESTIONNAIRE
from pathway.admission_talks.records import TalkSnapshot
from pathway.admission_talks.states import (
    DIRECTIVES_LABELS,
    HANDED_LABELS,
    TRUSTED_LABELS,
    DirectivesAnswer,
    TrustedAnswer,
)

CODE: Final = "admission-talk"
VERSION: Final = "2026-1"
URL: Final = f"{LOCAL_QUESTIONNAIRE}/{CODE}"
_SYSTEM: Final = f"{LOCAL}/admission-talk"
_CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "directives": {f"directives-{code}": text for code, text in DIRECTIVES_LABELS.items()},
    "trusted-person": {f"trusted-person-{code}": text for code, text in TRUSTED_LABELS.items()},
    "handed": {f"handed-{code}": text for code, text in HANDED_LABELS.items()},
}
_TEXTS: Final = {
    "directives": "A-t-elle écrit des directives anticipées ?",
    "directives-place": "Où sont-elles, ou qui les conserve ?",
    "directives-phone": "Téléphone de qui les conserve",
    "trusted-person": "Une personne de confiance lui a été proposée",
    "handed": "Ce qui lui a été remis",
    "is-protected": "Elle a une mesure de protection avec représentation",
    "again-on": "Y revenir le",
    "note": "Remarque",
}
_TYPES: Final = {
    "directives": "choice",
    "directives-place": "string",
    "directives-phone": "string",
    "trusted-person": "choice",
    "handed": "choice",
    "is-protected": "boolean",
    "again-on": "date",
    "note": "text",
}
_REQUIRED: Final = frozenset({"directives", "trusted-person"})


def questionnaire() -> Json:
    """Return the Questionnaire that every response names."""
    return compact(
        resourceType="Questionnaire",
        id=f"{CODE}-{VERSION}",
        url=URL,
        version=VERSION,
        title="Directives anticipées et personne de confiance : question posée à l’admission",
        status="active",
        subjectType=["Patient"],
        purpose="CSP L. 1111-6 et R. 1111-19 ; CASF L. 311-5-1",
        item=[_asked(link) for link in _TEXTS],
    )


def to_resource(talk: TalkSnapshot) -> Json:
    """Return the answers of one talk, under its own id."""
    person = reference(f"Patient/{talk.person_id}")
    unable = talk.directives == DirectivesAnswer.UNABLE and talk.trusted == TrustedAnswer.UNABLE
    answers: dict[str, list[Json]] = {
        "directives": [_chosen("directives", talk.directives)],
        "directives-place": _words(talk.where),
        "directives-phone": _words(talk.where_phone),
        "trusted-person": [_chosen("trusted-person", talk.trusted)],
        "handed": [_chosen("handed", one) for one in talk.handed],
        "is-protected": [{"valueBoolean": talk.is_protected}],
        "again-on": [{"valueDate": talk.again_on.isoformat()}] if talk.again_on else [],
        "note": _words(talk.note),
    }
    return compact(
        resourceType="QuestionnaireResponse",
        id=str(talk.id),
        questionnaire=f"{URL}|{VERSION}",
        status="completed",
        subject=person,
        encounter=reference(f"Encounter/{talk.stay_id}"),
        authored=talk.asked_on.isoformat(),
        author=reference(f"Practitioner/{talk.asked_by}") if talk.asked_by else None,
        source=None if unable else person,
        item=[{"linkId": link, "text": _TEXTS[link], "answer": given} for link, given in answers.items() if given],
    )


def _asked(link: str) -> Json:
    return compact(
        linkId=link,
        text=_TEXTS[link],
        type_=_TYPES[link],
        required=True if link in _REQUIRED else None,
        repeats=True if link == "handed" else None,
        answerOption=[{"valueCoding": coding(_SYSTEM, code, text)} for code, text in _CHOICES.get(link, {}).items()],
    )


def _words(text: str) -> list[Json]:
    return [{"valueString": words}] if (words := said(text)) else []


def _chosen(link: str, answer: StrEnum) -> Json:
    code = f"{link}-{answer}"
    return {"valueCoding": coding(_SYSTEM, code, _CHOICES[link][code])}
