"""The papers of a designation: who designates whom, for what, with the boxes to sign; and the form that takes it back.

Source: CASF annexe 4-10 (designation, revocation, attestation of the witnesses).
"""

from accounts.kernel.written_days import written_day
from accounts.people.phones import phone
from accounts.people.records import PersonSnapshot, RelativeSnapshot
from ppa.sheets.paper import Part, Sheet, day_or_line, sheet_pdf
from ppa.trusted_persons.records import LASTING_SINCE, DesignationSnapshot
from ppa.trusted_persons.states import DESIGNATION, END_MEANS_LABELS, OPEN, SCOPE_LABELS, State

ROLE = (
    "Si je le souhaite, ma personne de confiance m’accompagne dans mes démarches et mes rendez-vous médicaux. "
    "Si je ne peux plus m’exprimer, elle est consultée et rapporte ma volonté ; son témoignage l’emporte sur tout "
    "autre. Elle ne décide pas à ma place. "
)
LASTING = "Cette désignation n’a pas de durée limitée ; je peux la changer ou la révoquer à tout moment, et elle peut y renoncer."
UNCERTAIN = (
    f"Cette désignation date d’avant le {written_day(LASTING_SINCE)} : on ne sait pas encore si elle ne valait que pour un séjour. "
    "Je peux le préciser, la changer ou la révoquer à tout moment, et elle peut y renoncer."
)
SUSPENDED = "Cette désignation est suspendue par le juge : elle ne vaut pas tant qu’elle n’est pas rétablie."
OVER = "Cette désignation a pris fin : elle ne vaut plus. Ce papier est gardé pour l’historique."
MISTAKEN = (
    "Cette désignation a été enregistrée par erreur : elle n’a jamais valu. Ce papier est gardé pour l’historique."
)

NAMES_KEPT = "Leurs noms et leurs qualités sont notés dans son dossier."
UNABLE = "Si la personne ne peut pas écrire ni signer, deux témoins attestent que {act} est l’expression de sa volonté libre et éclairée."


def designation_pdf(person: PersonSnapshot, relative: RelativeSnapshot, designation: DesignationSnapshot) -> bytes:
    """Return the form of one designation, filled with what is known, to be signed by both while it may still be."""
    signed = designation.signatures
    to_sign = not signed.both and designation.state in OPEN
    chosen = [
        ("Nom et prénom", f"{relative.given} {relative.family}"),
        ("Lien", relative.relation_label),
        ("Date de naissance", day_or_line(relative.birth_date)),
        ("Téléphone", ", ".join(phone(one) for one in relative.contact.phones) or "……………………"),
        ("Adresse", f"{relative.contact.street} {relative.contact.postal_code} {relative.contact.city}".strip()),
    ]
    role = [
        ("Pour quoi", SCOPE_LABELS[designation.scope]),
        ("Connaît mes souhaits", "Oui" if designation.knows_wishes else "Non précisé"),
        ("A une copie de mes directives", "Oui" if designation.holds_copy else "Non précisé"),
    ]
    limits = (Part(title="Les limites que je pose", text=designation.limits),) if designation.limits else ()
    standing = [
        ("État", DESIGNATION.label(designation.state)),
        ("Signature de la personne", day_or_line(signed.person_signed_on)),
        ("Signature de la personne de confiance", day_or_line(signed.trusted_signed_on)),
    ]
    standing += [(f"Témoin : {one.name}", one.capacity) for one in designation.witnesses]
    standing += _end(designation)
    if designation.leave:
        leave = designation.leave
        standing.append(("Autorisation", f"{leave.authority}, le {written_day(leave.given_on)}"))
    return sheet_pdf(
        Sheet(
            title="Désignation de la personne de confiance",
            subtitle="Article L. 1111-6 du code de la santé publique",
            version=f"version {designation.version}",
            person=person,
            intro=ROLE + _lasts(designation),
            parts=(
                Part(title="La personne que je désigne", rows=tuple(row for row in chosen if row[1])),
                Part(title="Son rôle", rows=tuple(role)),
                *limits,
                Part(title="Où en est cette désignation", rows=tuple(standing)),
                *(
                    (_attestation("cette désignation", "Aucun des deux n’est la personne désignée."),)
                    if to_sign
                    else ()
                ),
            ),
            signatures=(
                "Signature de la personne qui désigne",
                "Signature de la personne de confiance, qui accepte ce rôle",
            )
            if to_sign
            else (),
            made_at=designation.updated_at,
        )
    )


def revocation_pdf(person: PersonSnapshot, relative: RelativeSnapshot, designation: DesignationSnapshot) -> bytes:
    """Return the form by which the person takes a designation back, to be signed by her or by two witnesses."""
    signed_on = designation.signatures.person_signed_on
    return sheet_pdf(
        Sheet(
            title="Révocation de la personne de confiance",
            subtitle="Article L. 1111-6 du code de la santé publique",
            version=f"désignation, version {designation.version}",
            person=person,
            intro="Je mets fin à cette désignation. Je peux en faire une autre à tout moment, ou n’en faire aucune.",
            parts=(
                Part(
                    title="La désignation à laquelle je mets fin",
                    rows=(
                        ("Personne de confiance", f"{relative.given} {relative.family}"),
                        ("Désignée le", day_or_line(signed_on)),
                        ("Fin à compter du", day_or_line(designation.ended_on)),
                    ),
                ),
                Part(title="Qui a reçu cette décision", help="Nom, fonction et date.", blanks=2),
                _attestation("cette révocation"),
            ),
            signatures=("Signature de la personne", "Signature de qui a reçu cette décision"),
            made_at=designation.updated_at,
        )
    )


def _lasts(designation: DesignationSnapshot) -> str:
    if designation.state == State.ENTERED_IN_ERROR:
        return MISTAKEN
    if designation.state not in OPEN:
        return OVER
    if designation.state == State.SUSPENDED:
        return SUSPENDED
    return UNCERTAIN if designation.is_in_doubt else LASTING


def _end(designation: DesignationSnapshot) -> list[tuple[str, str]]:
    """Return since when it does not count, as far as somebody noted it."""
    if designation.ended_on is None:
        return []
    means = END_MEANS_LABELS[designation.end_means].lower() if designation.end_means else ""
    received = f"reçue par {designation.end_received_by}" if designation.end_received_by else ""
    label = "Suspendue depuis" if designation.state == State.SUSPENDED else "Fin"
    return [(label, ", ".join(part for part in (f"le {written_day(designation.ended_on)}", means, received) if part))]


def _attestation(act: str, who: str = "") -> Part:
    day = ("Date et signature", day_or_line(None))
    witness = (("Nom et prénom", day_or_line(None)), ("Qualité", day_or_line(None)), day)
    return Part(
        title="Attestation de deux témoins, s’il y a lieu",
        help=" ".join(part for part in (UNABLE.format(act=act), who, NAMES_KEPT) if part),
        rows=witness + witness,
    )
