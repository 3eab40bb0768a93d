"""What a merge of two records may never do, pure. Source: states.md, « One person, many organisations »; interop_fr.md §1.4."""

from accounts.kernel.errors import DomainError
from accounts.people.records import PersonSnapshot
from accounts.people.states import IdentityStatus

LONG_ENOUGH = 20


class SameRecord(DomainError):
    """A record is compared with another one."""

    code = "merge-same-record"
    text = "C’est le même dossier. Choisissez-en un autre à comparer."


class TwoNumbers(DomainError):
    """Two verified numbers are two persons."""

    code = "merge-two-ins"
    text = "Ces deux identités sont qualifiées avec des matricules INS différents : ce sont deux personnes. Elles ne peuvent pas être réunies."
    status = 409
    issue = "conflict"


class QualifiedIsKept(DomainError):
    """The verified identity is never given up for one that nobody verified."""

    code = "merge-keep-qualified"
    text = "Gardez le dossier dont l’INS est qualifiée : c’est l’identité vérifiée de la personne."
    status = 409
    issue = "conflict"


class DeathsDiffer(DomainError):
    """One of the records says that she lives, or another day."""

    code = "merge-deaths-differ"
    text = "Les deux dossiers ne disent pas la même chose du décès. Vérifiez-le, et enregistrez la même date sur les deux dossiers."
    status = 409
    issue = "conflict"


class AgreementTakenBack(DomainError):
    """What she took back on one record still stands on the other."""

    code = "merge-agreement-taken-back"
    text = "Sur l’un des dossiers, la personne a retiré l’accord de partage donné à une structure ; sur l’autre, un accord plus ancien vaut encore pour elle. Retirez-le, ou recueillez-le de nouveau, avant de réunir les dossiers."
    status = 409
    issue = "conflict"


class SettleFirst(DomainError):
    """The two records hold two of what there is one of: a person chooses, a program never does."""

    code = "merge-settle-first"
    text = "Réglez d’abord ceci : {what}"
    status = 409
    issue = "conflict"


class PartLatestFirst(DomainError):
    """Merges come apart in the reverse order."""

    code = "merge-part-latest-first"
    text = "Le dossier gardé a lui-même été réuni à un autre depuis. Séparez d’abord ceux-là."
    status = 409
    issue = "conflict"


class ReasonNeeded(DomainError):
    """Others will read why."""

    code = "merge-reason-too-short"
    text = "Dites en une phrase ce qui vous permet de l’affirmer (au moins 20 caractères) : pièce d’identité, appel à la personne, téléservice INSi."


def check_reason(reason: str) -> None:
    """Raise `ReasonNeeded` unless a merge, or its end, says why."""
    if len(reason.strip()) < LONG_ENOUGH:
        raise ReasonNeeded(field="reason")


def identity_conflicts(one: PersonSnapshot, other: PersonSnapshot) -> list[DomainError]:
    """Return what in two identities forbids to merge them, whichever is kept."""
    if one.id == other.id:
        return [SameRecord()]
    found: list[DomainError] = []
    if one.ins is not None and other.ins is not None and one.ins != other.ins:
        found.append(TwoNumbers())
    if one.died_on != other.died_on:
        found.append(DeathsDiffer())
    return found


def may_be_kept(kept: PersonSnapshot, merged: PersonSnapshot) -> bool:
    """Tell whether the first may go on: a qualified identity is never given up for another."""
    return kept.status == IdentityStatus.QUALIFIED or merged.status != IdentityStatus.QUALIFIED
