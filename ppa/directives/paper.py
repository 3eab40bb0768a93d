"""The papers of directives: a document as it is recorded, and forms A and B to write on."""

from datetime import UTC, datetime

from accounts.kernel.written_days import written_day
from accounts.people.phones import phone
from accounts.people.records import PersonSnapshot
from ppa.directives.records import DirectiveSnapshot
from ppa.directives.states import (
    DIRECTIVE,
    MODEL_LABELS,
    PLACE_LABELS,
    REVOCATION_MEANS_LABELS,
    STATED_LABELS,
    SUBJECTS,
    Model,
)
from ppa.directives.texts import headings, text_named
from ppa.sheets.paper import Part, Sheet, day_or_line, sheet_pdf

FORM_VERSION = "formulaire 2016-3"
_LAST_CHANGED = datetime(2026, 11, 23, tzinfo=UTC)
"""When the forms last changed: it dates their files, so that the same form has the same bytes."""
TITLE = "Directives anticipées"
LONGEST_IN_A_ROW = 300
INTRO = (
    "Je peux changer ou annuler ces directives à tout moment, par tout moyen. Elles n’ont pas de durée limitée ; "
    "le document le plus récent compte. Aucune rubrique n’est obligatoire."
)


def recorded_pdf(person: PersonSnapshot, document: DirectiveSnapshot) -> bytes:
    """Return a recorded document on paper, with where it stands and where its original is."""
    dated = f"document du {written_day(document.signed_on)}" if document.signed_on else "document sans date"
    return sheet_pdf(
        Sheet(
            title=TITLE,
            subtitle=f"{MODEL_LABELS[document.model]}, {dated}",
            version=f"{dated}, version {document.version}",
            person=person,
            intro="Copie de ce qui est noté au dossier. Le document signé fait foi.",
            parts=(Part(title="Où en est ce document", rows=tuple(_standing(document))), *_said(document)),
            made_at=document.updated_at,
        )
    )


def blank_form_pdf(person: PersonSnapshot, model: Model) -> bytes:
    """Return form A or B with the person's identity, every heading with lines to write on, and the boxes to sign."""
    traits = person.traits
    identity = Part(
        title="Mon identité",
        rows=(
            ("Nom de naissance", traits.birth_name),
            ("Prénoms", " ".join(traits.birth_given_names)),
            ("Date de naissance", written_day(traits.birth_date)),
            ("Lieu de naissance", "……………………"),
        ),
    )
    asked = [
        Part(title=one.own_title, help=one.own_help, blanks=5 if one.code in ("start", "stop", "situations") else 3)
        for one in headings()
        if model in one.models
    ]
    protection = Part(
        title="Si j’ai une mesure de protection avec représentation",
        help="J’ai l’autorisation du juge ou du conseil de famille, que je joins. Sa date, et qui l’a donnée :",
        blanks=2,
    )
    witnesses = Part(
        title="Si je ne peux pas écrire ou signer",
        help="Deux témoins, dont ma personne de confiance si elle est désignée, certifient que ce document dit ma "
        "volonté libre et éclairée. Leurs noms et leurs qualités, qui sont aussi notés dans mon dossier, et s’il y a lieu qui a tenu la plume :",
        blanks=4,
    )
    return sheet_pdf(
        Sheet(
            title=TITLE,
            subtitle=MODEL_LABELS[model],
            version=f"modèle {model.upper()}, {FORM_VERSION}",
            person=person,
            intro=INTRO,
            parts=(identity, *asked, protection, witnesses),
            signatures=("Ma signature", "Premier témoin, s’il y a lieu", "Second témoin, s’il y a lieu"),
            made_at=_LAST_CHANGED,
        )
    )


def _standing(document: DirectiveSnapshot) -> list[tuple[str, str]]:
    rows = [("État", DIRECTIVE.label(document.state)), ("Texte applicable", text_named(document.legal_version).title)]
    if document.has_signature:
        rows.append(("Signature", "Signé par la personne"))
    rows += [("Témoin", f"{one.name}, {one.capacity}") for one in document.witnesses]
    if document.witness_reason:
        rows.append(("Personne de confiance absente des témoins", document.witness_reason))
    if document.written_by:
        rows.append(("Écrit par", document.written_by))
    if document.authorisation:
        given = document.authorisation
        rows.append(("Autorisation", f"{given.authority}, le {written_day(given.given_on)}"))
    if document.holder:
        rows.append(("Original conservé par", f"{document.holder.name} {phone(document.holder.phone)}".strip()))
    rows += [
        (f"Copie : {PLACE_LABELS[one.place]}", f"{one.where} le {day_or_line(one.deposited_on)}".strip())
        for one in document.deposits
    ]
    if document.revocation:
        ended = document.revocation
        rows.append(("Révoquées", f"{REVOCATION_MEANS_LABELS[ended.means]}, le {written_day(ended.revoked_on)}"))
        rows.append(("Révocation reçue par", ended.received_by))
        if ended.witness:
            rows.append(("Témoin de la révocation", ended.witness))
    return rows


def _said(document: DirectiveSnapshot) -> list[Part]:
    short = {
        one.code: one.note for one in document.wishes if "\n" not in one.note and len(one.note) <= LONGEST_IN_A_ROW
    }
    wishes = [
        (
            SUBJECTS[one.code].label,
            " : ".join(
                part for part in (STATED_LABELS[one.decision], short.get(one.code, "avec ses mots, ci-dessous")) if part
            ),
        )
        for one in document.wishes
    ]
    if document.comfort_only:
        wishes.insert(0, ("Soins", "Des soins de confort uniquement"))
    parts = [Part(title="Ses souhaits", rows=tuple(wishes))] if wishes else []
    parts += [
        Part(title=f"Avec ses mots : {SUBJECTS[one.code].label}", text=one.note)
        for one in document.wishes
        if one.code not in short
    ]
    if document.text:
        parts.append(Part(title="Ce qu’elle a écrit", text=document.text))
    sections = document.sections
    return parts + [Part(title=one.title, text=sections[one.code]) for one in headings() if one.code in sections]
