"""What a person may answer on admission, and what she may be handed. A refusal and a silence are answers like any other."""

from enum import StrEnum


class DirectivesAnswer(StrEnum):
    """What is said of her advance directives. Source: CSP R1111-19; domain.md §2.4."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    NONE = "none"
    NOT_WISHED = "not_wished"
    UNABLE = "unable"


DIRECTIVES_LABELS = {
    DirectivesAnswer.HERE: "Elles existent, et elles sont ici",
    DirectivesAnswer.ELSEWHERE: "Elles existent, ailleurs",
    DirectivesAnswer.NONE: "Elle n’en a pas écrit",
    DirectivesAnswer.NOT_WISHED: "Elle ne souhaite pas en parler",
    DirectivesAnswer.UNABLE: "Elle ne peut pas répondre pour l’instant",
}


class TrustedAnswer(StrEnum):
    """What is said of a trusted person. Source: CSP L1111-6; domain.md §3."""

    DESIGNATED = "designated"
    WISHES = "wishes"
    LATER = "later"
    DECLINED = "declined"
    UNABLE = "unable"


TRUSTED_LABELS = {
    TrustedAnswer.DESIGNATED: "Elle en a déjà désigné une",
    TrustedAnswer.WISHES: "Elle souhaite en désigner une",
    TrustedAnswer.LATER: "Proposée, à revoir avec elle",
    TrustedAnswer.DECLINED: "Elle ne souhaite pas en désigner",
    TrustedAnswer.UNABLE: "Elle ne peut pas répondre pour l’instant",
}
PROPOSED = frozenset({TrustedAnswer.WISHES, TrustedAnswer.LATER, TrustedAnswer.DECLINED})
"""Answers to a proposal that was made, while nobody is designated."""


class Handed(StrEnum):
    """What she was handed. Source: CASF annexe 4-10 (notice, form); CSP R1111-18 (models)."""

    TRUSTED_PERSON_NOTICE = "trusted_person_notice"
    DESIGNATION_FORM = "designation_form"
    DIRECTIVES_NOTICE = "directives_notice"
    DIRECTIVES_FORM = "directives_form"
    EASY_WORDS = "easy_words"


HANDED_LABELS = {
    Handed.TRUSTED_PERSON_NOTICE: "La notice d’information sur la personne de confiance",
    Handed.DESIGNATION_FORM: "Le formulaire de désignation",
    Handed.DIRECTIVES_NOTICE: "La notice d’information sur les directives anticipées",
    Handed.DIRECTIVES_FORM: "Un modèle de directives anticipées",
    Handed.EASY_WORDS: "Une information adaptée (FALC, images, langue)",
}
