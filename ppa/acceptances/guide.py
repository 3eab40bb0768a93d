"""The guide of the trusted person: one text, shown by the link and handed over on paper.

Source: CSP L1111-6; domain.md §3 (what the role is and is not). The wording is ours; the loi 2026-404 announces an official guide.
"""

from dataclasses import dataclass
from typing import Final

from accounts.people.records import PersonSnapshot
from ppa.acceptances.states import GUIDE
from ppa.sheets.paper import Part, Sheet, sheet_pdf
from ppa.trusted_persons.records import DesignationSnapshot


@dataclass(frozen=True, slots=True)
class Chapter:
    """One part of the guide: its heading and what it says, a sentence or two each."""

    title: str
    says: tuple[str, ...]


CHAPTERS: Final = (
    Chapter(
        "Votre rôle",
        (
            "Si elle le souhaite, vous l’accompagnez dans ses démarches et ses rendez-vous médicaux, et vous l’aidez à comprendre.",
            "Si un jour elle ne peut plus s’exprimer, les soignants vous demandent ce qu’elle aurait voulu. Vous rapportez sa volonté, pas la vôtre.",
            "Votre témoignage compte plus que celui des autres proches. Ses directives anticipées, si elle en a écrit, passent en premier.",
        ),
    ),
    Chapter(
        "Ce que ce rôle n’est pas",
        (
            "Vous ne décidez pas à sa place : le médecin décide, après vous avoir écoutée ou écouté.",
            "Vous ne voyez pas tout son dossier ; ce que vous apprenez reste confidentiel.",
            "Ce n’est ni la personne à prévenir, ni l’aidant, ni le représentant légal, même si vous pouvez être les deux.",
        ),
    ),
    Chapter(
        "Pour bien le tenir",
        (
            "Parlez ensemble de ce qui compte pour elle, de ce qu’elle accepte et refuse.",
            "La désignation s’écrit sur un papier que vous signez tous les deux. Accepter sans signer ne suffit pas.",
            "Vous pouvez refuser, ou renoncer plus tard, sans avoir à vous justifier. Elle peut aussi changer d’avis.",
        ),
    ),
)


def guide_pdf(person: PersonSnapshot, designation: DesignationSnapshot) -> bytes:
    """Return the guide to hand over to who is designated by a person; he has accepted nothing yet and learns her name only."""
    return sheet_pdf(
        Sheet(
            title="Être personne de confiance",
            subtitle="Guide à lire avant d’accepter",
            version=f"guide {GUIDE}",
            person=person,
            names_only=True,
            intro="Cette personne souhaite vous désigner comme personne de confiance. Vous êtes libre d’accepter ou non.",
            parts=tuple(Part(title=one.title, text="\n\n".join(one.says)) for one in CHAPTERS),
            made_at=designation.created_at,
        )
    )
