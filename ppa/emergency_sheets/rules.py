"""Pure rules of the emergency sheet: what it holds, when it may be signed, what changed since, who must get the new one.

Source: SFAP, Fiche Urgence Pallia and its guide; domain.md §6.1. The sheet informs who comes in an emergency and binds nobody.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from accounts.kernel.errors import DomainError
from ppa.directives.states import DEEP_SEDATION, LIFE_SUPPORT, RESUSCITATION, SUBJECTS, VENTILATION, Decision
from ppa.emergency_sheets.records import Content, Holder, NoteHolder, Number, Written
from ppa.emergency_sheets.states import (
    MEASURE_LABELS,
    NOT_TO_DO,
    SEDATION_LABELS,
    STANCE_LABELS,
    TO_DO,
    HolderKind,
    Measure,
    Phase,
    Sedation,
    Stance,
    Transfer,
)

SUBJECT_OF: Final[Mapping[Measure, str]] = {
    Measure.CPR: RESUSCITATION,
    Measure.INTUBATION: VENTILATION,
    Measure.NIV: VENTILATION,
    Measure.INTENSIVE_CARE: LIFE_SUPPORT,
}
"""The subject of directives that a measure belongs to. Ours, to be settled by the teams."""
PARTS: Final[Mapping[str, str]] = {
    "person": "son identité",
    "address": "son adresse",
    "phones": "ses numéros de téléphone",
    "contacts": "ses proches, ou leurs numéros",
    "trusted": "sa personne de confiance",
    "directives": "ses directives anticipées",
    "drugs": "les médicaments prévus, ou ce qui en est au domicile",
    "crises": "les conduites à tenir",
    "places": "les lieux qu’elle souhaite",
    "teams": "les équipes qui la suivent, ou leurs numéros",
    "announcements": "ce qui lui a été annoncé",
}
"""What a sheet takes from the file, and how a change of it is told."""
_SEDATIVES: Final = re.compile(r"midazolam|hypnovel|propofol|ph[ée]nobarbital|gard[ée]nal", re.IGNORECASE)
SEEN_ONLY: Final = "seen_on"
"""Told on the paper; a new look that finds the same makes no sheet old."""


class SheetAfterDeath(DomainError):
    """No sheet speaks for a person who died."""

    code = "emergency-sheet-after-death"
    text = "Cette personne est décédée : sa fiche reste lisible, elle ne se modifie plus."
    status = 409
    issue = "conflict"


class ConductMissing(DomainError):
    """A sheet says what to do."""

    code = "emergency-sheet-conduct-missing"
    text = "Écrivez la conduite à tenir si la situation s’aggrave : c’est ce que le régulateur cherche d’abord."


class NothingWritten(DomainError):
    """A sheet is written before it is signed."""

    code = "emergency-sheet-not-written"
    text = "Rédigez d’abord la fiche : il n’y a encore rien à signer."
    status = 409
    issue = "conflict"


class SheetChanged(DomainError):
    """One signs what one has read."""

    code = "emergency-sheet-changed"
    text = "Le dossier a changé depuis que vous avez relu la fiche. Relisez-la avant de signer."
    status = 409
    issue = "conflict"


class NotSignedYet(DomainError):
    """Only a signed version is handed out."""

    code = "emergency-sheet-not-signed"
    text = "Aucune version n’est signée : il n’y a encore rien à remettre."
    status = 409
    issue = "conflict"


class HolderMissing(DomainError):
    """A holder has a name."""

    code = "emergency-sheet-holder-missing"
    text = "Indiquez qui a la fiche, ou à quel endroit elle se trouve."


class DepartementMissing(DomainError):
    """A SAMU is that of a département."""

    code = "emergency-sheet-departement-missing"
    text = "Indiquez le département du SAMU, en deux ou trois signes : 21, 2A, 971."


class DoneByMissing(DomainError):
    """Nothing is sent by itself: somebody did it."""

    code = "emergency-sheet-done-by-missing"
    text = "Indiquez qui l’a fait : la fiche n’est jamais envoyée toute seule."


class DoneInFuture(DomainError):
    """Nobody has given it tomorrow."""

    code = "emergency-sheet-done-in-future"
    text = "Cette date est dans le futur. Indiquez le jour où cela a été fait."


class TakenBeforeGiven(DomainError):
    """A copy is taken back once it was given."""

    code = "emergency-sheet-taken-before-given"
    text = "Ce jour-là, il n’avait pas encore cette copie. Vérifiez la date."


class DoneBeforeSignature(DomainError):
    """A version is given from the day of its signature."""

    code = "emergency-sheet-done-before-signature"
    text = "Cette version n’était pas encore signée ce jour-là. Vérifiez la date."


class HolderGone(DomainError):
    """That holder has no copy any more."""

    code = "emergency-sheet-holder-gone"
    text = "Ce détenteur n’a plus la fiche. Rechargez la page."
    status = 409
    issue = "conflict"


def check_alive(died_on: date | None) -> None:
    """Raise `SheetAfterDeath` once a death is recorded."""
    if died_on is not None:
        raise SheetAfterDeath


def check_signable(written: Written | None, *, read: str, present: str) -> Written:
    """Return what was written; raise unless it says what to do and is what the signer read."""
    if written is None:
        raise NothingWritten
    if not written.conduct.strip():
        raise ConductMissing
    if read != present:
        raise SheetChanged
    return written


def check_holder(record: NoteHolder, *, signed_on: date | None, today: date) -> None:
    """Raise unless somebody could have given the last signed version that day, to somebody named."""
    if signed_on is None:
        raise NotSignedYet
    if record.kind == HolderKind.SAMU and not is_departement(record.departement):
        raise DepartementMissing(field="departement")
    if record.kind != HolderKind.SAMU and not record.name.strip():
        raise HolderMissing(field="name")
    check_done(record.who, record.done_on, today=today)
    if record.done_on < signed_on:
        raise DoneBeforeSignature(field="done_on")


def check_done(who: str, done_on: date, *, today: date) -> None:
    """Raise unless somebody named did it on a day that has come."""
    if not who.strip():
        raise DoneByMissing(field="who")
    if done_on > today:
        raise DoneInFuture(field="done_on")


def check_taken_back(held: Holder, who: str, done_on: date, *, today: date) -> None:
    """Raise unless somebody named can have taken a copy back on that day."""
    check_done(who, done_on, today=today)
    if done_on < held.done_on:
        raise TakenBeforeGiven(field="done_on")


def is_departement(code: str) -> bool:
    """Tell whether a text has the form of a département: 01 to 95, 2A, 2B, 971 and on."""
    text = code.strip().upper()
    return text in ("2A", "2B") or (
        text.isascii() and text.isdigit() and text[:2] != "00" and len(text) == (3 if text[:2] in ("97", "98") else 2)
    )


def content_of(written: Written, sources: Mapping[str, Any]) -> dict[str, Any]:
    """Return a sheet in one canonical form."""
    return {"written": written_content(written), "sources": dict(sources)}


def written_content(written: Written) -> dict[str, Any]:
    """Return what a physician wrote as values that JSON holds."""
    return {**asdict(written), "measures": {str(one): str(said) for one, said in written.measures.items()}}


def written_from(content: Mapping[str, Any]) -> Written:
    """Return what `written_content` kept."""
    return Written(
        **{
            **content,
            "phase": Phase(content["phase"]),
            "measures": {Measure(one): Stance(said) for one, said in content["measures"].items()},
            "sedation": Sedation(content["sedation"]),
            "transfer": Transfer(content["transfer"]),
        }
    )


def digest_of(content: Content) -> str:
    """Return the fingerprint of a content, in hex: the same for the same content, wherever it was read."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def drift(signed: Mapping[str, Any], present: Mapping[str, Any]) -> tuple[str, ...]:
    """Return, in words, what the file no longer says as it did when a version was signed."""
    return tuple(label for part, label in PARTS.items() if _lasting(signed.get(part)) != _lasting(present.get(part)))


def to_replace(holders: Iterable[Holder], number: int) -> tuple[Holder, ...]:
    """Return who still has an older version than the last signed one."""
    return tuple(one for one in holders if one.taken_back_on is None and one.number < number)


def to_recover(holders: Iterable[Holder], in_force: UUID | None) -> tuple[Holder, ...]:
    """Return who still has a copy of another sheet than that in force, `None` when none is."""
    return tuple(one for one in holders if one.taken_back_on is None and one.sheet_id != in_force)


def remarks_on(content: Content) -> tuple[str, ...]:
    """Return what a sheet says both ways, or against directives, for its signer to look at again; it stops nothing."""
    written, sources = written_from(content["written"]), content["sources"]
    found = []
    wanted = [one for one, said in written.measures.items() if said in TO_DO]
    if written.comfort_only and wanted:
        found.append(f"La fiche dit « soins de confort uniquement » et aussi « {MEASURE_LABELS[wanted[0]]} ».")
    sedatives = [one["drug"] for one in sources["drugs"] if is_sedative(one["drug"])]
    if written.sedation == Sedation.REFUSED and sedatives:
        found.append(
            f"La fiche dit que la personne refuse une sédation ; « {sedatives[0]} » est prescrit par anticipation."
        )
    told = sources["directives"]
    wishes = {wish["code"]: Decision(wish["decision"]) for wish in told["wishes"]}
    found += [
        f"{one.directives_said} La fiche dit : {one.sheet_says}"
        for one in against_directives(written, wishes, comfort_only=told["comfort_only"])
    ]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Against:
    """One subject of which a sheet says the contrary of the directives, in the words of both; `subject` is its code."""

    subject: str
    directives_said: str
    sheet_says: str


def against_directives(written: Written, wishes: Mapping[str, Decision], *, comfort_only: bool) -> tuple[Against, ...]:
    """Return each subject of which a sheet says the contrary of the directives that prevail."""
    return tuple(_against(written, wishes, comfort_only=comfort_only))


def is_sedative(drug: str) -> bool:
    """Tell whether a drug is one that puts to sleep: a question to ask, never a conclusion."""
    return bool(_SEDATIVES.search(drug))


def _against(written: Written, wishes: Mapping[str, Decision], *, comfort_only: bool) -> Iterator[Against]:
    for measure, stance in written.measures.items():
        subject, says = SUBJECT_OF[measure], f"« {MEASURE_LABELS[measure]} » : {STANCE_LABELS[stance].lower()}."
        decision = wishes.get(subject)
        if (stance in TO_DO and decision == Decision.DENY) or (stance in NOT_TO_DO and decision == Decision.PERMIT):
            yield Against(subject, _said(subject, decision), says)
        elif stance in TO_DO and comfort_only:
            yield Against(subject, "Les directives demandent des soins de confort uniquement.", says)
    if written.comfort_only:
        for subject in (LIFE_SUPPORT, RESUSCITATION, VENTILATION):
            if wishes.get(subject) == Decision.PERMIT:
                yield Against(subject, _said(subject, Decision.PERMIT), "des soins de confort uniquement.")
    decision = wishes.get(DEEP_SEDATION)
    opposite = {Sedation.ACCEPTED: Decision.DENY, Sedation.REFUSED: Decision.PERMIT}.get(written.sedation)
    if decision is not None and decision == opposite:
        yield Against(DEEP_SEDATION, _said(DEEP_SEDATION, decision), f"sédation, {SEDATION_LABELS[written.sedation]}.")


def _said(subject: str, decision: Decision) -> str:
    verb = "refusent" if decision == Decision.DENY else "acceptent"
    return f"Les directives {verb} « {SUBJECTS[subject].label} »."


def missing_for_lookup(
    numbers: Sequence[Number],
    sent: Sequence[Holder],
    *,
    departement: str,
    number: int | None,
    in_force: UUID | None,
    is_closed: bool,
) -> tuple[str, ...]:
    """Return, in words, what would keep a SAMU from knowing the person when her family calls; empty when nothing would.

    `number` and `in_force`: the version and the sheet that speak, `None` when none does.
    """
    found = []
    if number is None:
        found.append("Aucune version de la fiche n’est en vigueur.")
    if is_closed:
        found.append("La personne refuse l’accès en urgence : un régulateur ne la trouve pas par ses numéros.")
    if not numbers:
        found.append("Aucun numéro n’est noté, ni le sien ni celui d’un proche.")
    elif not all(one.is_sure for one in numbers):
        found.append("Un numéro au moins ne mène pas à la fiche signée.")
    near = [one for one in sent if not departement or one.departement == departement]
    if not near:
        where = f" du département où elle vit ({departement})" if departement else ""
        found.append(f"Aucun envoi au SAMU{where} n’est noté.")
    elif number is not None and not (held := [one.number for one in near if one.sheet_id == in_force]):
        former = max(one.number for one in near)
        found.append(f"Le SAMU n’a que la version {former} d’une fiche retirée : la version {number} la remplace.")
    elif number is not None and max(held) < number:
        found.append(f"Le SAMU a encore la version {max(held)} : la version {number} la remplace.")
    return tuple(found)


def _lasting(value: Any) -> Any:
    """Return a part without what a new look at the same things changes."""
    if isinstance(value, Mapping):
        return {name: _lasting(one) for name, one in value.items() if name != SEEN_ONLY}
    if isinstance(value, list | tuple):
        return [_lasting(one) for one in value]
    return value
