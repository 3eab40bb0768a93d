"""How long a link opens, how many codes it takes, pure."""

import secrets
from datetime import timedelta

from accounts.kernel.actor import Role
from accounts.kernel.errors import DomainError

GUEST_ROLES = (Role.PHYSICIAN, Role.NURSE)
DAYS = (1, 3, 7)
WRONG_CODES_ALLOWED = 5
VISIT_LASTS = timedelta(hours=4)
DIGITS = 8


class GuestHasAccount(DomainError):
    """The professional has an account: his organisation enters the circle instead."""

    code = "guest-has-account"
    text = "Ce professionnel a déjà un compte ici : faites entrer sa structure dans le cercle de soins, il verra le dossier en se connectant."
    status = 409


class GuestRefused(DomainError):
    """A function or a duration that is not offered to a guest."""

    code = "guest-not-offered"
    text = "Cette invitation n’est pas possible. Choisissez un médecin ou un infirmier, et une durée de la liste."


class GuestLinkOver(DomainError):
    """A link that was used, has waited too long, took too many wrong codes, or never was: nobody is told which."""

    code = "guest-link-over"
    text = "Il a déjà servi, il est trop ancien, ou l’invitation a pris fin. Demandez-en un nouveau à la personne qui vous a invité."
    status = 404
    issue = "not-found"


def new_code() -> str:
    """Return a code that can be told on the telephone: eight digits."""
    return "".join(secrets.choice("0123456789") for _ in range(DIGITS))


def told(code: str) -> str:
    """Return a code as it is read aloud: in pairs."""
    return " ".join(code[start : start + 2] for start in range(0, len(code), 2))


def check_offer(role: Role, days: int) -> None:
    """Raise `GuestRefused` for a function or a duration that is not offered."""
    if role not in GUEST_ROLES or days not in DAYS:
        raise GuestRefused
