"""Which functions exist where, and what nobody may do with rights, pure."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from accounts.access.rules import MANDATED
from accounts.kernel.actor import Duty, Mandate, Role
from accounts.kernel.errors import DomainError
from accounts.organisations.states import OrganisationKind

RESET_LASTS = timedelta(days=3)
REVIEW_EVERY = timedelta(days=365)

BESIDE: Mapping[Mandate, frozenset[Role]] = {Mandate.IDENTITY_VIGILANCE: MANDATED}
"""The functions beside which each mandate is held."""
_ADMINISTRATION = (Role.RIGHTS_MANAGER, Role.PRIVACY_OFFICER, Role.TECHNICAL_ADMIN)
_CARE = (Role.PHYSICIAN, Role.NURSE, Role.BED_MANAGER, Role.SOCIAL_WORKER)
_COORDINATION = (Role.COORDINATOR, Role.PHYSICIAN, Role.NURSE, Role.SOCIAL_WORKER)


class OwnRights(DomainError):
    """Nobody changes his own rights."""

    code = "own-rights"
    text = "Personne ne modifie ses propres droits : demandez à une autre personne qui gère les habilitations."
    status = 403
    issue = "forbidden"


class RoleNotHere(DomainError):
    """This kind of organisation has no such function."""

    code = "role-not-here"
    text = "Cette fonction n’existe pas dans ce type d’organisation. Choisissez-en une autre dans la liste."


class MandateAlone(DomainError):
    """A mandate is held beside a function that uses it."""

    code = "mandate-without-function"
    text = "Ce mandat se donne à une personne qui est déjà médecin ou gestionnaire de parcours à cet endroit. Donnez-lui d’abord cette fonction."


class WorksElsewhere(DomainError):
    """The account serves another organisation too."""

    code = "account-works-elsewhere"
    text = "Cette personne travaille aussi pour une autre organisation : mettez fin à ses fonctions ici ; son compte reste le sien."
    status = 409


class FunctionHeld(DomainError):
    """The function is held already."""

    code = "function-held"
    text = "Cette personne a déjà cette fonction à cet endroit."
    status = 409


class EndBeforeStart(DomainError):
    """A function would end before it begins."""

    code = "function-ends-before-start"
    text = "La fonction finirait avant de commencer. Indiquez un jour à venir, ou laissez vide."


class NoAccountHere(DomainError):
    """Somebody without an account, or without a local password."""

    code = "no-local-account"
    text = "Cette personne n’a pas de mot de passe ici : elle s’identifie avec Pro Santé Connect."
    status = 409


class ResetNotAsked(DomainError):
    """No reset waits for a second person."""

    code = "reset-not-asked"
    text = "Aucune demande de réinitialisation n’attend de confirmation. Elle vaut trois jours."
    status = 409


def roles_at(kind: OrganisationKind) -> tuple[Role, ...]:
    """Return the functions that an organisation of this kind may give."""
    if kind == OrganisationKind.EMERGENCY:
        return (Role.EMERGENCY_DISPATCHER, *_ADMINISTRATION)
    if kind == OrganisationKind.ASSOCIATION:
        return (Role.VOLUNTEER, *_ADMINISTRATION)
    if kind == OrganisationKind.AGENCY:
        return (Role.REGIONAL_READER, *_ADMINISTRATION)
    if kind in (OrganisationKind.COORDINATION, OrganisationKind.NETWORK):
        return (*_COORDINATION, *_ADMINISTRATION)
    return (*_CARE, *_ADMINISTRATION)


def duties_at(kind: OrganisationKind) -> tuple[Duty, ...]:
    """Return the functions and the mandates that an organisation of this kind may give."""
    return (*roles_at(kind), *(mandate for mandate, beside in BESIDE.items() if beside & set(roles_at(kind))))


def check_role(role: Duty, kind: OrganisationKind) -> None:
    """Raise `RoleNotHere` when this kind of organisation has no such function."""
    if role not in duties_at(kind):
        raise RoleNotHere(field="role")


def check_mandate(role: Duty, held: Collection[str]) -> None:
    """Raise `MandateAlone` for a mandate whose holder has none of the functions that use it."""
    if isinstance(role, Mandate) and not BESIDE[role] & set(held):
        raise MandateAlone(field="role")


def check_end(ends_on: date | None, today: date) -> None:
    """Raise `EndBeforeStart` for an end that is past already."""
    if ends_on is not None and ends_on < today:
        raise EndBeforeStart(field="ends_on")


def is_review_due(last: date | None, today: date) -> bool:
    """Tell whether the yearly review of rights is late, or was never done."""
    return last is None or today - last > REVIEW_EVERY


def works_elsewhere(places: Iterable[object], managed: Iterable[object]) -> bool:
    """Tell whether somebody works at a place outside those that are managed."""
    return not set(places) <= set(managed)
